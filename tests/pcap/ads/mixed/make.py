"""Device asked, a variable read and written, the controller stopped, a
notification, errors; a long write skipped, a gap, a header that lies."""
import struct

LOGS = ['ads', 'weird', 'conn']
C, S = '10.0.0.1', '10.0.0.2'
A, B = bytes([10, 0, 0, 1, 1, 1]), bytes([10, 0, 0, 2, 1, 1])


def m(cmd, data=b'', answer=False, invoke=1, error=0):
    pair = (A + struct.pack('<H', 32000), B + struct.pack('<H', 851))
    to, by = pair if answer else pair[::-1]
    ams = to + by + struct.pack('<HHIII', cmd, 5 if answer else 4, len(data),
                                error, invoke) + data
    return struct.pack('<HI', 0, len(ams)) + ams


def make(cap):
    t = cap.tcp(C, 40000, S, 48898)
    t.open()
    t.c(m(1), seg=[3, 20, 9])
    t.s(m(1, struct.pack('<IBBH', 0, 3, 1, 4024) + b'TwinCAT PLC'.ljust(16, b'\0'), True), seg=17)
    t.c(m(2, struct.pack('<III', 0x4020, 12, 4), invoke=2))
    t.s(m(2, struct.pack('<II', 0, 4) + bytes(4), True, 2))
    t.c(m(3, struct.pack('<III', 0x4020, 12, 9000) + bytes(9000), invoke=3))
    t.s(m(3, struct.pack('<I', 0x703), True, 3))
    t.c(m(5, struct.pack('<HHI', 6, 0, 0), invoke=4))
    t.s(m(5, b'', True, 4, 7))
    t.c(m(9, struct.pack('<IIII', 0xf003, 0, 4, 5) + b'Main\0', invoke=5) + m(4, invoke=6))
    t.s(m(4, struct.pack('<IHH', 0, 6, 0), True, 6) + m(8, bytes(20)))
    t.skip('c', 60)
    t.c(m(6, struct.pack('<III', 1, 2, 4) + bytes(28), invoke=7))
    t.c(m(2, b'\1\2', invoke=8))
    t.c(m(2)[:22] + b'\x63\0' + m(2)[24:])
    t.close()
