"""A tunnel from its start to its end, cut anywhere; messages that lie."""
from pk import u16, u32, u8

LOGS = ['pptp', 'conn']
A, B = '10.0.0.1', '10.0.0.2'


def pptp(kind, body, length=None, cookie=0x1a2b3c4d, ctl=1):
    return u16(12 + len(body) if length is None else length, ctl) + \
        u32(cookie) + u16(kind, 0) + body


def start(reply):
    return pptp(2 if reply else 1, u16(0x100) + (u8(1, 0) if reply else
                u16(0)) + u32(3, 3) + u16(0, 7) +
                (b'server' if reply else b'local').ljust(64, b'\0') +
                b'vendor'.ljust(64, b'\0'))


def make(cap):
    for n, (port, seg) in enumerate(((1723, None), (1723, 1), (2723, 33))):
        t = cap.tcp(A, 5000 + n, B, port)
        t.open()
        t.c(start(False), seg=seg)
        t.s(start(True), seg=seg)
        t.c(pptp(7, u16(9, 1) + b'\0' * 24 + b'555'.ljust(128, b'\0')) +
            pptp(15, b'\0' * 12), seg=seg)
        t.s(pptp(8, u16(4, 9) + u8(1, 0) + b'\0' * 14), seg=seg)
        t.c(pptp(12, u16(9, 0)) + pptp(3, u8(1, 0) + u16(0)))
        t.s(pptp(13, b'\0' * 136) + pptp(4, u8(1, 0) + u16(0)))
        t.close()
    for n, data in enumerate((start(False)[:60], pptp(1, b''),
                              pptp(1, b'', length=9), pptp(1, b'', cookie=1),
                              pptp(1, b'', length=9999), pptp(99, b''),
                              start(False) + b'x' * 40, pptp(1, b'x', ctl=2),
                              pptp(12, b'') * 99)):
        t = cap.tcp(A, 5020 + n, B, 1723)
        t.open()
        t.c(data)
        t.close()
