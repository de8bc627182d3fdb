"""Association, names, a read, a write, a command to a control object, a
report, a download, a program stopped, an error; data in two TPDUs."""
from isokit import CC, CR, ber, dt

LOGS = ['mms', 'weird', 'conn']
C, S = '10.0.0.1', '10.0.0.2'
HEAD = b'\1\0\1\0'


def data(pdu):
    return HEAD + ber(0x61, ber(0x30, b'\2\1\3', ber(0xa0, pdu)))


def ask(n, tag, *parts):
    return data(ber(0xa0, b'\2\1' + bytes([n]), ber(tag, *parts)))


def name(domain, item):
    return ber(0xa0, ber(0x30, ber(0xa0, ber(0xa1, ber(0x1a, domain),
                                             ber(0x1a, item)))))


def make(cap):
    t = cap.tcp(C, 40000, S, 102)
    t.open()
    t.c(CR)
    t.s(CC)
    t.c(dt(b'\x0d\x40\1\2\3\4' + ber(0x30, b'\2\1\3', ber(0xa0, ber(0xa8, b'\x80\2\x75\x30')))), seg=9)
    t.s(dt(b'\x0e\x40\1\2\3\4' + ber(0x30, b'\2\1\3', ber(0xa0, ber(0xa9, b'\x80\2\x75\x30')))))
    t.c(dt(ask(1, 0xa1, ber(0xa0, b'\x80\1\0'), ber(0xa1, b'\x80\0'))), seg=[1, 20])
    t.c(dt(ask(2, 0xa4, ber(0xa1, name(b'LD0', b'MMXU1$MX$TotW')))))
    t.s(dt(data(ber(0xa1, b'\2\1\2', ber(0xa4, b'\xa1\3\x83\1\1')))))
    t.c(dt(ask(3, 0xa5, name(b'LD0', b'LLN0$SP$Blk'), ber(0xa0, b'\x83\1\1'))))
    t.c(dt(ask(4, 0xa5, name(b'LD0', b'CSWI1$CO$Pos$Oper'), ber(0xa0, b'\xa2\3\x83\1\1'))))
    t.s(dt(data(ber(0xa2, b'\x80\1\4', ber(0xa2, b'\x85\1\1')))))
    t.s(dt(data(ber(0xa3, ber(0xa0, ber(0xa1, b'\x80\3RPT'), ber(0xa0, b'\x8a\4urcb'))))))
    t.c(dt(ask(6, 0xa5, name(b'LD0', b'LLN0$CF$x'), bytes(40))[:50], eot=False) + dt(bytes(17)))
    t.c(dt(data(b'\xa0\x12\2\1\5\xbf\x1a\x0c\x1a\6DOMAIN\x30\0\x81\0')))
    t.c(dt(data(b'\xa0\x0a\2\1\7\xbf\x29\4\x1a\2P1')))
    t.c(dt(data(b'\x8b\0')))
    t.s(dt(data(b'\x8c\0')))
    t.close()
