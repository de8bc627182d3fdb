"""RDP on the port, a TPDU longer than its TPKT, a disconnect, a request that
is no TPKT."""
from isokit import CC, CR, tpkt

LOGS = ['weird', 'conn']
C, S = '10.0.0.1', '10.0.0.2'


def make(cap):
    for i, parts in enumerate((
            [tpkt(b'\x0e\xe0\0\0\0\0\0\1\0\x08\0\3\0\0\0')],
            [CR, tpkt(b'\x20\xf0\x80')], [CR, tpkt(b'\6\x80\0\1\0\2\0')],
            [b'\3\1\0\x10' + bytes(12)], [CR, CR[:5]])):
        t = cap.tcp(C, 40000 + i, S, 102)
        t.open()
        for p in parts:
            t.c(p)
        t.close()
