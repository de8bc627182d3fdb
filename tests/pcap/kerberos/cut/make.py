"""Packets are lost: the message in the hole is gone, those after it are
found."""
from berkit import *

LOGS = ['kerberos', 'conn', 'weird']
C, S = '10.0.0.1', '10.0.0.2'


def make(cap):
    t = cap.tcp(C, 40001, S, 88)
    t.open()
    ask = [pre32(kdc_req(12, None, 'host/%s' % x)) for x in 'abc']
    say = [pre32(kdc_rep(13, 'ann', ticket('host/%s' % x))) for x in 'abc']
    t.c(ask[0])
    t.s(say[0])
    t.c(ask[1][:50])
    t.skip('c', len(ask[1]) - 60)
    t.c(ask[1][-10:] + ask[2])
    t.skip('s', 5)
    t.s(say[1][5:] + say[2])
    t.close()
    # From the middle: no handshake was seen.
    t = cap.tcp(C, 40002, S, 88)
    t.c(ask[0])
    t.s(say[0])
