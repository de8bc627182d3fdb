"""A start octet that is wrong, an unnumbered frame with a body, an ASDU
without its object, a gap, a stream that is cut; what is no IEC 104."""
LOGS = ['iec104', 'weird', 'conn']
C, S = '10.0.0.1', '10.0.0.2'
START = b'\x68\4\7\0\0\0'


def make(cap):
    for i, parts in enumerate((
            [START + b'\x69\4\7\0\0\0'], [START + b'\x68\5\7\0\0\0\0'],
            [START + b'\x68\x0a\0\0\0\0\x2d\1\6\0\1\0'],
            [START + b'\x68\x0e\0\0\0\0\x2d\1\6\0\1\0'],
            [START, None, b'\x68\x0e\0\0\0\0\x2d\1\6\0\1\0\1\2\3\1'],
            [START, None, b'\1\2\3\4\5\6\7\x08\x09'],
            [b'\x68\4\xff\0\0\0'], [b'\x68\x02\1\0\0\0'], [b'h\x04ello']))  :
        t = cap.tcp(C, 40000 + i, S, 2404)
        t.open()
        for p in parts:
            if p is None:
                t.skip('c', 9)
            else:
                t.c(p)
        t.close()
