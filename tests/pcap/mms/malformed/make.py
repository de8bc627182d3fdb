"""Names that overrun, lengths that lie, no name at all, deep nesting; what is
no MMS behind ISO transport."""
from isokit import CC, CR, ber, dt

LOGS = ['mms', 'weird', 'conn']
C, S = '10.0.0.1', '10.0.0.2'
HEAD = b'\1\0\1\0'


def data(pdu):
    return HEAD + ber(0x61, ber(0x30, b'\2\1\3', ber(0xa0, pdu)))


def make(cap):
    t = cap.tcp(C, 40000, S, 102)
    t.open()
    t.c(CR)
    t.s(CC)
    t.c(dt(data(b'\xa0\x20\2\1\1\xa4\x10\x1a\x30ab')))
    t.c(dt(data(b'\xa0\x84\xff\xff\xff\xff\2\1\1\xa4\0')))
    t.c(dt(data(b'\xa0\5\2\1')))
    t.c(dt(data(b'\xa0\x82' + b'\1\0\2\1\1\xa4\x82\0\xf0' + b'\x30\x02' * 100)))
    t.c(dt(HEAD + b'\x61\x84') + dt(HEAD + b'\x61\3\x30\1\2') + dt(b'\x0d\1') + dt(b'\x19\x02\1\2\3'))
    t.c(dt(b'\1\2\3\4\5'))
    t.close()
    t = cap.tcp(C, 40001, S, 102)
    t.open()
    t.c(CR)
    t.c(dt(b'\x55what'))
    t.close()
