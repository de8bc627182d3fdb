"""Ports asked for in all versions, found and not, a list, a call through; NFS
on the port that was given; over UDP and TCP; what is cut or none."""
from onckit import *

LOGS = ['portmap', 'nfs', 'weird']
C, S = '10.0.0.1', '10.0.0.2'
NONE = u32(0, 0)


def make(cap):
    def ask(port, *messages):
        for i, m in enumerate(messages):
            if m and i % 2:
                cap.udp(S, 111, C, port, m)
            elif m:
                cap.udp(C, port, S, 111, m)

    ask(40001, call(1, PORTMAP, 2, 3, u32(MOUNT, 3, 17, 0), cred=NONE),
        reply(1, u32(4711)),
        call(2, PORTMAP, 2, 3, u32(999999, 1, 6, 0), cred=NONE),
        reply(2, u32(0)),
        call(3, PORTMAP, 3, 3, u32(NFS, 3) + opaque('tcp') + opaque('') +
             opaque('')), reply(3, opaque('10.0.0.2.8.2')))
    cap.udp(C, 50001, S, 4711, call(9, MOUNT, 3, 1, opaque('/export')))
    cap.udp(S, 4711, C, 50001, reply(9, u32(0), opaque(b'handle'), u32(1, 1)))
    t = cap.tcp(C, 50002, S, 2050)
    t.open()
    t.c(record(call(10, NFS, 3, 12, opaque(b'handle'), opaque('old'))))
    t.close()
    ask(40002, call(1, PORTMAP, 2, 4, cred=NONE),
        reply(1, u32(1, 100000, 2, 6, 111, 1, NFS, 3, 6, 2049, 0)),
        call(2, PORTMAP, 4, 4, cred=NONE),
        reply(2, u32(1, NFS, 4) + opaque('tcp') + opaque('0.0.0.0.8.1') +
              opaque('root') + u32(0)),
        call(3, PORTMAP, 2, 5, u32(100002, 2, 2)), denied(3),
        call(4, PORTMAP, 2, 0, cred=NONE), reply(4, status=1),
        call(5, PORTMAP, 2, 77, cred=NONE))
    t = cap.tcp(C, 40003, S, 111)
    t.open()
    t.c(record(call(1, PORTMAP, 2, 3, u32(MOUNT, 3, 6, 0))), seg=3)
    t.s(record(reply(1, u32(700))), seg=5)
    t.c(u32(99999) + b'x')
    t.close()
    for i in range(0, 60, 7):
        ask(41000 + i, call(1, PORTMAP, 2, 3, u32(NFS, 3, 6, 0))[:i])
    ask(42001, call(1, PORTMAP, 2, 3, b'\0\0'), reply(1, b'\0'), b'hello',
        reply(7, u32(1)), call(2, NFS, 3, 1))
    ask(42002, *sum(([call(i, PORTMAP, 2, 4, cred=NONE), None]
                     for i in range(40)), []))
