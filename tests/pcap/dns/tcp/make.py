"""DNS over TCP: several messages in one segment, one message in many, lengths
cut in two, a gap, a message that never comes to its end."""
from dnskit import *
from pk import pre16

C, S = '10.0.0.1', '10.0.0.53'


def ask(i):
    return pre16(query(i, 'tcp%d.example' % i, A))


def answer(i):
    return pre16(message(i, QR | RD | RA, [question('tcp%d.example' % i, A)],
                         [rr(ptr(12), A, bytes([10, 0, 0, i]))]))


def make(cap):
    t = cap.tcp(C, 5000, S, 53)
    t.open()
    t.c(ask(1) + ask(2) + ask(3))
    t.s(answer(3) + answer(1) + answer(2))
    t.c(ask(4), seg=1)
    t.s(answer(4), seg=[1, 1, 7])
    t.close()

    t = cap.tcp(C, 5001, S, 53)
    t.open()
    t.c(ask(5))
    t.skip('s', len(answer(5)))
    t.c(ask(6))
    t.s(answer(6))
    cut = answer(7)
    t.c(ask(7))
    t.part('s', cut[20:], len(answer(5)) + len(answer(6)) + 20)
    t.skip('s', len(cut))
    t.c(ask(8))
    t.s(answer(8))
    t.c(ask(9)[:30])
    t.close()

    # Not on its port, so all of it must be sound.
    t = cap.tcp(C, 5002, S, 5300)
    t.open()
    t.c(ask(10), seg=9)
    t.s(answer(10))
    t.close()
