"""Google's QUIC before the standard: Q043 and Q046, with the name in the
client's hello."""
import struct

from pk import u8, u16, u32
from quickit import long_header

LOGS = ['quic', 'weird']
C, S = '10.0.0.1', '10.0.0.2'
ID = b'12345678'


def chlo(**tags):
    head, values = b'', b''
    for tag, value in tags.items():
        values += value
        head += tag.encode().ljust(4, b'\0') + struct.pack('<I', len(values))
    return (b'CHLO' + struct.pack('<HH', len(tags), 0) + head +
            values).ljust(1024, b'-')


def make(cap):
    hello = chlo(PAD=b'-' * 60, SNI=b'www.example.org', UAID=b'Test/1')
    cap.udp(C, 40001, S, 443, u8(0x09) + ID + b'Q043' + u8(1) + bytes(12) +
            u8(0xa0, 1) + u16(1024) + hello)
    cap.udp(S, 443, C, 40001, u8(0x08) + ID + u8(1) + bytes(60))
    cap.udp(C, 40002, S, 443, u8(0xc3) + b'Q046' + u8(0x50) + ID + u32(1) +
            bytes(12) + u8(0xa0, 1) + u16(1024) + hello)
    cap.udp(S, 443, C, 40002, u8(0x40) + bytes(60))
