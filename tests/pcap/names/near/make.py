"""Messages that are nearly those of a protocol told by name: a length that is
not theirs, a port that is not, a word too few. None may get a name."""
import struct
from pk import u8, u16, u32, u24, u64

LOGS = ['conn']
C, S = '10.0.0.1', '10.0.0.2'


def make(cap):
    port = 20000
    for to, data in (
            (6346, bytes(range(16)) + b'\0\3\4' + struct.pack('<I', 9) +
             b'short'),
            (17501, b'{"host_int": 413767116}'),
            (30303, b'h' * 32 + b's' * 64 + b'\x01\x01\xf8\x70' + b'r' * 60),
            (9000, u32(1, 2, 1, 1, 1) + u8(1, 5, 0, 0) + u16(0, 1)),
            (64739, u32(0) + u64(1)), (178, u16(1, 2, 1) + b'\0'),
            (25826, u16(0, 9) + b'host\0' + u16(8, 13) + u64(1)),
            (3785, u32(0, 1)), (319, u8(0, 2) + u16(99) + b'\0' * 40),
            (2002, struct.pack('<II', 2, 64) + b'NOPEPAD\xff' + b'n' * 64),
            (5351, b'\0\0\0'), (2055, u16(5, 2) + b'\0' * 20 + b'r' * 48),
            (2055, u16(9, 1) + u32(1000, 1700000000, 1, 0) +
             u16(0, 13, 256, 1, 8, 4)),
            (4739, u16(10, 29) + u32(0, 1, 0) + u16(2, 12, 256, 1, 8, 4)),
            (8612, b'BJNP\x02\x01\0\0' + u16(1, 0) + u32(7)),
            (40001, u8(0x42, 1) + u16(7) + b'tk\xf6myhost'),
            (40001, u8(0x60, 0) + u16(7)),
            (30490, u32(0xffff8100, 12, 1) + u8(1, 1, 9, 0) + u32(0)),
            (4713, u16(0xaa41, 19) + b'\0' * 14),
            (3702, b'<?xml version="1.0"?><s:Envelope/>'),
            (6831, b'\x82\x81\xb2\x81\x01\x09emit'),
            (2123, u8(0x32, 16) + u16(5) + u32(0) + u32(1))):
        port += 1
        cap.udp(C, port, S, to, data)
    for to, data in (
            (30303, u16(404) + b'\x04' + b'k' * 300),
            (30304, u16(404) + b'\x04' + b'k' * 500),
            (3333, b'{"id":1,"method":"minting.subscribe"}\n'),
            (8080, b'{"jsonrpc": "1.0", "method": "echo"}'),
            (8080, b'{"jsonrpc": "2.0"}'),
            (9090, u32(0x80010001, 40) + b'pin g' + u32(1)),
            (9090, u32(0x80010001, 200) + b'ping' + u32(1)),
            (4342, u16(0x11, 24) + u32(1) + b'm' * 16),
            (3868, u8(1) + u24(41) + u8(0x80) + u24(257) + b'\0' * 32),
            (44, b'example.org\r\n')):
        port += 1
        t = cap.tcp(C, port, S, to)
        t.open()
        t.c(data)
        t.close()
