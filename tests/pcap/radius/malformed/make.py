"""Messages whose lengths lie or whose attributes do not end, codes that there
are not, more requests than are remembered."""
from pk import *

LOGS = ['radius', 'weird']


def make(cap):
    def udp(port, *messages):
        for m in messages:
            cap.udp('10.0.0.1', port, '10.0.0.2', 1812, m)

    head = b'a' * 16
    good = u8(1, 1) + u16(26) + head + b'\1\6anna'
    for i in range(0, len(good), 4):
        udp(40000 + i, good[:i])
    udp(41001, u8(1, 1) + u16(19) + head, u8(1, 1) + u16(26) + head + b'\1\0abcd')
    udp(41002, good, good[:-1], b'', u8(99, 1) + good[2:], good + b'pad')
    udp(41003, *(u8(1, i) + good[2:] for i in range(70)))
    udp(41004, u8(1, 1) + u16(20) + head, u8(1, 2) + u16(22) + head + b'\4\2',
        u8(1, 3) + u16(24) + head + b'\x4f\2\x42\2')
