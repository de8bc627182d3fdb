"""Wrong checksums, bytes between frames, a gap, a segment that is missing, an
object that overruns, a frame from the wrong side; and what is no DNP3."""
from dnp3kit import app, ask, link, tell

LOGS = ['dnp3', 'dnp3_objects', 'dnp3_control', 'weird']
C, S = '10.0.0.1', '10.0.0.2'


def make(cap):
    t = cap.tcp(C, 40000, S, 20000)
    t.open()
    t.c(ask(app(1, b'\x3c\1\x06')))
    bad = bytearray(tell(app(129, b'', 0)))
    bad[12] ^= 1
    t.s(bytes(bad) + tell(app(129, b'', 0x8000)))
    t.c(b'rubbish' + ask(app(13)) + b'\5\x64\xff\0' + ask(app(14)), seg=5)
    t.s(tell(app(129, b'\x1e\1\0\0\xff\1\2\3', 0)))
    t.s(link(b'\x40' + app(129, b'\1\1\0\0\7', 0), 1, 10, 0x44))
    t.s(link(b'\x82\xff', 1, 10, 0x44))
    t.skip('c', 20)
    t.c(ask(app(18))[5:] + ask(app(17)))
    t.s(ask(app(1)))
    t.close()
    t = cap.tcp(C, 40001, S, 20000)
    t.open()
    t.c(b'\5\x64\x05\xc9\0\0\0\0\0\0\0')
    t.close()
    t = cap.tcp(C, 40002, S, 20000)
    t.open()
    t.c(ask(app(1)) + b'\0' * 5000)
    t.c(ask(app(2)))
    t.close()
    cap.udp(C, 40003, S, 20000, b'\5\x64\x05\xc9\0\0\0')
