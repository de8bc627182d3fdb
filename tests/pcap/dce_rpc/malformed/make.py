"""Lengths that lie, heads that cannot be, binds cut at every field, answers
without questions; bytes lost in the middle, after which the place is found
again."""
from pk import *
from rpckit import *

C, S = '10.0.0.1', '10.0.0.2'
LOGS = ['dce_rpc', 'weird']


def start(cap, port):
    c = cap.tcp(C, port, S, 49667)
    c.open()
    c.c(bind(1, (0, SAMR, 1)))
    c.s(bound(1, 0, name=b'49667\0'))
    return c


def make(cap):
    c = start(cap, 40000)
    c.c(b'\5\0\0\3\x10\0\0\0\4\0\0\0\1\0\0\0')
    c.close()
    c = start(cap, 40001)
    c.c(b'\5\0\x63\3\x10\0\0\0\x20\0\0\0\1\0\0\0')
    c.close()
    whole = bind(1, (0, SAMR, 1), (1, SVCCTL, 2), verifier=auth(10, 6, b'NT'))
    for n in (17, 25, 29, 40, 71, 80):
        c = cap.tcp(C, 41000 + n, S, 49667)
        c.open()
        c.c(whole[:8] + struct.pack('<H', n) + whole[10:n])
        c.s(bound(1, 0, 0)[:30])
        c.c(request(2, 0, 1))
        c.s(response(2, 0))
        c.close()
    c = start(cap, 40002)
    c.s(response(9, 0) + fault(10, 0, 5))
    c.c(request(2, 0, 5)[:20])
    c.close()
    c = start(cap, 40003)
    lost = request(2, 0, 5, b'p' * 500)
    c.c(lost[:10])
    c.skip('c', len(lost) - 10)
    c.c(b'rest of something' + request(3, 0, 6))
    c.s(response(2, 0) + response(3, 0))
    c.c(request(4, 0, 7, b'q' * 5000), seg=1000)
    c.s(response(4, 0, b'r' * 2000))
    c.close()
