"""A datagram of each protocol that is known without a pattern, and each with a
byte that is not its own."""
import struct
from pk import u16, u32, u8

LOGS = ['conn']
A, B = '10.0.0.1', '10.0.0.2'


def gnutella(kind, body, n=0):
    return bytes(range(16)) + u8(kind, 3, 4) + \
        struct.pack('<I', len(body) + n) + body


def rlp(body, n=0):
    return b'\xf8' + u8(len(body) + n) + body


def make(cap):
    packets = [
        (6346, gnutella(0, b'')), (6346, gnutella(0x44, b'x' * 58)),
        (30303, b'h' * 32 + b's' * 64 + b'\x01\x01' + rlp(b'r' * 60)),
        (7001, u32(0xd70fb330, 0x5c224fb0, 1, 1, 1) + u8(1, 5, 0, 0) +
         u16(0, 1) + u32(65540)),
        (6346, gnutella(0x44, b'x' * 58, 1)), (6346, gnutella(0x45, b'x')),
        (30303, b'h' * 32 + b's' * 64 + b'\x01\x01' + rlp(b'r' * 60, 1)),
        (30303, b'h' * 32 + b's' * 64 + b'\x01\x07' + rlp(b'r' * 60)),
        (8001, u32(0xd70fb330, 0x5c224fb0, 1, 1, 1) + u8(1, 5, 0, 0) +
         u16(0, 1)), (7001, u32(0xd70fb330, 0x5c224fb0, 1, 1, 1)),
    ]
    for n, (port, data) in enumerate(packets):
        cap.udp(A, 20000 + n, B, port, data)
