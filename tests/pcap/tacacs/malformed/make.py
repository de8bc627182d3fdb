"""Packets that are cut or too long, heads that cannot be, bodies whose lengths
lie, more sessions than are remembered, a hole in the stream."""
from pk import *

LOGS = ['tacacs', 'weird']


def pkt(kind, seq, session, body=b'', flags=1, size=None):
    n = len(body) if size is None else size
    return u8(0xc0, kind, seq, flags) + u32(session, n) + body


def make(cap):
    def talk(port, *parts):
        t = cap.tcp('10.0.0.1', port, '10.0.0.2', 49)
        t.open()
        for i, part in enumerate(parts):
            if part:
                t.send('cs'[i % 2], part)
        t.close()

    good = pkt(1, 1, 7, u8(1, 1, 2, 1, 3, 0, 0, 0) + b'ann')
    talk(40001, good[:9])
    talk(40002, pkt(4, 1, 7), b'')
    talk(40003, good, b'HTTP/1.1 200')
    talk(40004, good, pkt(1, 2, 7, size=2 ** 31))
    for i, kind in enumerate((1, 2, 3)):
        talk(40010 + i, pkt(kind, 1, 7, u8(*[255] * 9)), pkt(kind, 2, 7, b'\1'))
    talk(40020, good + b''.join(pkt(1, 1, i) for i in range(100, 120)))
    talk(40021, good + pkt(2, 1, 8, b'x' * 40000) + pkt(3, 1, 9))
    t = cap.tcp('10.0.0.1', 40022, '10.0.0.2', 49)
    t.open()
    t.c(good)
    t.skip('c', 20)
    t.c(good)
    t.close()
