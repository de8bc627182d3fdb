"""Options that run over the end, at the top and inside; relays without end;
kinds that are none; what is no DHCPv6 on its port."""
from pk import addr, pre16, u8, u16, u24, u32

LOGS = ['dhcpv6', 'weird']
C, ALL = 'fe80::1', 'ff02::1:2'


def opt(code, data):
    return u16(code) + pre16(data)


def make(cap):
    deep = u8(1) + u24(1) + opt(1, u16(3, 1) + bytes(6))
    for i in range(12):
        deep = u8(12, i) + addr('::1') + addr(C) + opt(9, deep)
    good = u8(1) + u24(7)
    sent = [good + opt(1, b'')[:-1], good + u16(1, 60) + b'x', good,
            deep, u8(99) + u24(7) + opt(1, b'x'), u8(0) + u24(7),
            good + opt(3, u32(1, 2, 3) + u16(5, 200)),
            good + opt(3, b'x') + opt(25, b'x') + opt(23, bytes(15)) +
            opt(24, b'\x20ab') + opt(39, b'') + opt(13, b'\0'),
            good + opt(6, bytes(200)), b'hello world, hello world',
            u8(12, 0) + bytes(20)]
    for i, data in enumerate(sent):
        cap.udp('fe80::%x' % (1 + i), 546, ALL, 547, data)
        cap.udp('fe80::%x' % (1 + i), 546, ALL, 547, good + opt(6, u16(23)))
