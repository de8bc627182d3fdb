"""The endpoint mapper says where interfaces listen: the flow that goes there
is known before its first message says so. A count that lies, a tower that is
cut, one of datagrams."""
from pk import *
from rpckit import *

C, S = '10.0.0.1', '10.0.0.2'


def ask(cap, port, stub, seg=None):
    c = cap.tcp(C, port, S, 135)
    c.open()
    c.c(bind(1, (0, EPM, 3)))
    c.s(bound(1, 0, name=b'135\0'))
    c.c(request(2, 0, 3, b'q' * 100))
    c.s(response(2, 0, stub), seg=seg)
    c.close()


def make(cap):
    good = mapping(tower(DRSUAPI, 4, 5000), tower(SAMR, 1, 50001,
                                                   b'\x0a\0\0\2'),
                   tower(NOBODY, 1, 50002, proto=8))
    ask(cap, 40000, good, 11)
    c = cap.tcp(C, 40001, S, 5000)
    c.open()
    c.c(bind(1, (0, DRSUAPI, 4)))
    c.s(bound(1, 0, name=b'5000\0'))
    c.c(request(2, 0, 3))
    c.s(response(2, 0))
    c.close()
    ask(cap, 40002, mapping(tower(SAMR, 1, 50001), count=9))
    ask(cap, 40003, mapping(tower(SAMR, 1, 50001)[:-9]))
    for n in (10, 36, 50, 60, 90):
        ask(cap, 41000 + n, good[:n])
