"""Parameters that overrun, a strange kind and item, a gap, a TPKT that cannot
be; a stream cut in a message."""
from isokit import CC, CR, dt, s7, var

LOGS = ['s7comm', 'weird', 'conn']
C, S = '10.0.0.1', '10.0.0.2'


def make(cap):
    t = cap.tcp(C, 40000, S, 102)
    t.open()
    t.c(CR)
    t.s(CC)
    t.c(dt(b'\x32\1\0\0\0\1\0\xff\0\0\4\1'))
    t.c(s7(1, b'\4\1\x12\x0a\x10\2'))
    t.c(s7(1, b'\4\1\x12\x08\xb0\1\0\1\0\0\0\0'))
    t.c(s7(9, b'\x99') + s7(1, b'', ref=5))
    t.skip('c', 30)
    t.c(s7(1, b'\5\1' + var(0x84, 1, 0), ref=6))
    t.c(b'\3\0\0\2rubbish')
    t.close()
    t = cap.tcp(C, 40001, S, 102)
    t.open()
    t.c(CR)
    t.s(CC)
    t.c(s7(1, b'\x29\0\0\0\0\0\x09P_PROGRAM')[:-4])
    t.close()
