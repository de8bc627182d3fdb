"""Handshakes whole, cut anywhere, with the name held back, after a gap; uTP of
both sides; a tracker; and what is nearly any of them."""
import struct
from pk import u16, u32, u8

LOGS = ['bittorrent', 'conn']
A, B = '10.0.0.1', '10.0.0.2'


def hello(who, bits=b'\0\0\0\0\0\x10\0\x05'):
    return b'\x13BitTorrent protocol' + bits + b'H' * 20 + who


def utp(kind, ident, seq, ack, data=b'', ext=b'', nxt=0, ver=1):
    return u8(kind << 4 | ver, nxt) + u16(ident) + u32(1000, 0 if kind == 4 else 50, 65536) + \
        u16(seq, ack) + ext + data


def make(cap):
    for n, seg in enumerate((None, 1, 25)):
        t = cap.tcp(A, 5000 + n, B, 6881 + n)
        t.open()
        t.c(hello(b'-UT3550-abcdefghijkl') + b'\0\0\0\1\2', seg=seg)
        t.s(hello(b'-qB4500-\x01\x02cdefghijkl', b'\0' * 7 + b'\x10'), seg=seg)
        t.close()
    t = cap.tcp(A, 5010, B, 6881)
    t.open()
    t.c(hello(b''))
    t.s(hello(b'M7-9-2--abcdefghijkl'))
    t.c(b'-TR3000-abcdefghijkl')
    t.close()
    t = cap.tcp(A, 5011, B, 6881)
    t.open()
    t.c(hello(b'-UT3550-abcdefghijkl')[:30])
    t.skip('c', 20)
    t.c(b'x' * 40)
    t.close()
    for n, data in enumerate((hello(b'')[:40], b'\x13BitTorrent protocoL' +
                              b'x' * 60)):
        t = cap.tcp(A, 5020 + n, B, 6881)
        t.open()
        t.c(data)
        t.close()
    cap.udp(A, 5030, B, 6881, utp(4, 700, 1, 0))
    cap.udp(B, 6881, A, 5030, utp(2, 700, 9, 1))
    for i in range(2, 5):
        cap.udp(A, 5030, B, 6881, utp(0, 701, i, 9, b'data'))
        cap.udp(B, 6881, A, 5030, utp(2, 700, 9, i, ext=u8(0, 4) + b'mask',
                                      nxt=1))
    cap.udp(A, 5032, B, 40000, utp(4, 700, 1, 0))
    cap.udp(B, 40000, A, 5032, utp(2, 700, 9, 1))
    for i in range(2, 5):
        cap.udp(A, 5032, B, 40000, utp(0, 701, i, 9, b'data'))
    cap.udp(A, 5031, B, 1337, struct.pack('>QII', 0x41727101980, 0, 7))
    near = [[utp(0, i * 9, i, 9, b'x') for i in range(6)],
            [utp(0, 5, i * 999, 9, b'x') for i in range(6)],
            [utp(0, 5, i, 9, b'x', ver=2) for i in range(6)],
            [utp(4, 5, 1, 0, b'x')] * 6, [utp(5, 5, 1, 0)] * 6,
            [utp(0, 5, i, 9, nxt=1) for i in range(6)],
            [struct.pack('>QII', 0x41727101980, 1, 7)]]
    for n, packets in enumerate(near):
        for p in packets:
            cap.udp(A, 6000 + n, B, 7000, p)
            cap.udp(A, 6100 + n, B, 6881, p)
