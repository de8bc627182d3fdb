"""Sessions whose bodies can be read: a log-in by PAP and one by prompts, a
command that is not allowed, a note for the books; and one whose cannot."""
from pk import *


def pkt(kind, seq, session, body, flags=1, version=0xc0):
    return u8(version, kind, seq, flags) + u32(session, len(body)) + body


def start(user, kind, data=b''):
    return u8(1, 1, kind, 1, len(user), 4, 8, len(data)) + user + b'tty0' + \
        b'10.0.0.9' + data


def reply(status, words=b''):
    return u8(status, 0) + u16(len(words), 0) + words


def ask(user, *args, acct=False):
    return (u8(2) if acct else b'') + u8(6, 15, 1, 1, len(user), 4, 8,
                                         len(args)) + \
        u8(*map(len, args)) + user + b'tty0' + b'10.0.0.9' + b''.join(args)


def make(cap):
    t = cap.tcp('10.0.0.1', 40001, '10.0.0.2', 49)
    t.open()
    t.c(pkt(1, 1, 11, start(b'ann', 2, b'secret'), 5, 0xc1), seg=5)
    t.s(pkt(1, 2, 11, reply(1), 5, 0xc1), seg=3)
    t.c(pkt(2, 1, 12, ask(b'ann', b'service=shell', b'cmd=reload')))
    t.s(pkt(2, 2, 12, u8(0x10, 0) + u16(6, 0) + b'denied'))
    t.c(pkt(3, 1, 13, ask(b'ann', b'cmd=show', acct=True)))
    t.s(pkt(3, 2, 13, u16(0, 0) + u8(1)))
    t.c(pkt(1, 1, 14, start(b'', 1)))
    t.s(pkt(1, 2, 14, reply(4, b'Username: ')))
    t.c(pkt(1, 3, 14, u16(3, 0) + u8(0) + b'bob'))
    t.s(pkt(1, 4, 14, reply(5, b'Password: ')))
    t.c(pkt(1, 5, 14, u16(6, 0) + u8(0) + b'secret'))
    t.s(pkt(1, 6, 14, reply(2, b'no')))
    t.close()
    t = cap.tcp('10.0.0.1', 40002, '10.0.0.2', 4949)
    t.open()
    t.c(pkt(1, 1, 99, b'hidden body', 0))
    t.s(pkt(1, 2, 99, b'hidden', 0))
    t.close()
