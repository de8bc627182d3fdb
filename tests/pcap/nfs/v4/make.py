"""Compounds of version 4.0 and 4.1: a session, files opened, read, written and
closed, made and removed; an operation whose form is not known."""
from onckit import *

LOGS = ['nfs', 'files', 'weird']
STATE = b's' * 16
SEQ = u32(53) + b'i' * 16 + u32(1, 0, 0, 0)
SEQ_OK = u32(53, 0) + b'i' * 16 + u32(1, 0, 0, 0, 0)


def compound(xid, *ops, minor=1, tag=''):
    return record(call(xid, NFS, 4, 1, opaque(tag), u32(minor, len(ops)), *ops))


def answer(xid, *results, status=0):
    return record(reply(xid, u32(status), opaque(''), u32(len(results)),
                        *results))


def putfh(h):
    return u32(22) + opaque(h)


def make(cap):
    t = cap.tcp('10.0.0.1', 40001, '10.0.0.2', 20490)
    t.open()
    fattr = u32(1, 2) + opaque(b'size1234')
    t.c(record(call(1, NFS, 4, 0)))
    t.s(record(reply(1)))
    t.c(compound(2, u32(42) + b'anything'))
    t.s(answer(2, u32(42, 0) + b'something'))
    t.c(compound(3, SEQ, u32(24), u32(15) + opaque('home'), u32(10),
                 u32(9, 1, 3)), seg=9)
    t.s(answer(3, SEQ_OK, u32(24, 0), u32(15, 0), u32(10, 0) + opaque(b'home'),
               u32(9, 0) + fattr), seg=11)
    opened = (u32(18, 1, 1, 0) + u64(9) + opaque('owner') + u32(1, 0) + fattr +
              u32(0) + opaque('plan.pdf'))
    done = u32(18, 0) + STATE + bytes(20) + u32(0, 1, 5) + u32(1) + STATE + \
        u32(0, 0, 0, 0) + opaque('EVERYONE@')
    t.c(compound(4, SEQ, putfh(b'home'), opened, u32(10)))
    t.s(answer(4, SEQ_OK, u32(22, 0), done, u32(10, 0) + opaque(b'plan')))
    t.c(compound(5, SEQ, putfh(b'plan'), u32(38) + STATE + u64(0) + u32(2) +
                 opaque(b'%PDF-1.7\n' * 500), u32(9, 1, 3)), seg=500)
    t.s(answer(5, SEQ_OK, u32(22, 0), u32(38, 0, 4500, 2) + bytes(8)))
    t.c(compound(6, SEQ, putfh(b'plan'), u32(4, 0) + STATE))
    t.s(answer(6, SEQ_OK, u32(22, 0), u32(4, 0) + STATE))
    t.c(compound(7, SEQ, putfh(b'plan'), u32(25) + STATE + u64(0) + u32(9000)))
    t.s(answer(7, SEQ_OK, u32(22, 0), u32(25, 0, 1) +
               opaque(b'%PDF-1.7\n' * 500)), seg=333)
    t.c(compound(8, putfh(b'home'), u32(28) + opaque('plan.pdf'), minor=0))
    t.s(answer(8, u32(22, 0), u32(28, 13), status=13))
    t.c(compound(9, putfh(b'home'), u32(32), putfh(b'dir'),
                 u32(29) + opaque('a') + opaque('b'), minor=0, tag='move'))
    t.s(answer(9, u32(22, 0), u32(32, 0), u32(22, 0), u32(29, 0) + bytes(40)))
    t.c(compound(10, putfh(b'home'), u32(6, 5) + opaque('/etc/shadow') +
                 opaque('link') + fattr))
    t.s(answer(10, status=10006))
    t.c(compound(11, putfh(b'home'), u32(34) + STATE + fattr,
                 u32(26) + bytes(24) + u32(1, 1)))
    t.s(answer(11, u32(22, 0), u32(34, 0, 1, 2), u32(26, 0)))
    t.close()
