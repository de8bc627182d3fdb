"""Sessions that open with capabilities, update, fail and refuse, cut anywhere,
on other ports; markers and lengths that lie."""
from pk import addr, pre8, u16, u32, u8

LOGS = ['bgp', 'weird', 'conn']
A, B = '10.0.0.1', '10.0.0.2'


def bgp(kind, body=b'', length=None, mark=b'\xff' * 16):
    return mark + u16(19 + len(body) if length is None else length) + \
        u8(kind) + body


def hello(asn, router, *caps):
    caps = b''.join(u8(k) + pre8(v) for k, v in caps)
    options = u8(2) + pre8(caps) if caps else b''
    return bgp(1, u8(4) + u16(asn, 180) + addr(router) + pre8(options))


def make(cap):
    for n, (port, seg) in enumerate(((179, None), (179, 1), (10179, 20))):
        t = cap.tcp(A, 5000 + n, B, port)
        t.open()
        t.c(hello(65001, '1.1.1.1'), seg=seg)
        t.s(hello(23456, '2.2.2.2', (1, u16(1, 1)), (2, b''), (
            65, u32(4200000000))) + bgp(4), seg=seg)
        t.c(bgp(4) + bgp(2, u16(0, 4) + u32(0x40010100) + u8(24, 10, 1, 2)) +
            bgp(2, u16(4) + u8(24, 10, 1, 3) + u16(0)), seg=seg)
        t.s(bgp(5, u16(1, 1)) + bgp(3, u8(6, 4)), seg=seg)
        t.close()
    for n, data in enumerate((
            hello(1, '1.1.1.1')[:25], bgp(9), bgp(4, length=18),
            bgp(4, mark=b'\xff' * 15 + b'\xfe'), bgp(4) + b'junk' * 9,
            bgp(1, u8(4)), bgp(3, b'\1'), bgp(3, u8(99, 1)),
            bgp(1, u8(4) + u16(1, 2) + addr('1.1.1.1') + u8(200, 2, 99)))):
        t = cap.tcp(A, 5020 + n, B, 179)
        t.open()
        t.c(data)
        t.close()
