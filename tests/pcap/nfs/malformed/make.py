"""Messages that are cut or whose lengths lie, records of impossible length,
more calls than are remembered, holes inside and outside of a file's bytes."""
from onckit import *

LOGS = ['nfs', 'files', 'weird']
C, S = '10.0.0.1', '10.0.0.2'


def make(cap):
    good = call(1, NFS, 3, 12, opaque(b'h'), opaque('x'))
    for i in range(0, len(good), 6):
        cap.udp(C, 40000 + i, S, 2049, good[:i])
    bad = [call(2, NFS, 3, 12, u32(2 ** 32 - 1)), call(3, NFS, 3, 7, opaque(b'h')),
           call(4, NFS, 4, 1, u32(0, 0, 99, 22)), call(5, NFS, 9, 9),
           u32(6, 0, 3), b'hello', reply(9), reply(2, b'\0'),
           call(7, NFS, 3, 12, opaque(b'h' * 200), opaque('x' * 2000))]
    for m in [good] + bad:
        cap.udp(C, 41000, S, 2049, m)

    def talk(port, *parts):
        t = cap.tcp(C, port, S, 2049)
        t.open()
        for i, part in enumerate(parts):
            if part:
                t.send('cs'[i % 2], part)
        t.close()

    talk(42001, record(good), u32(2 ** 31 - 1) + b'x')
    talk(42002, record(good)[:30], record(reply(1, u32(0))))
    talk(42003, b''.join(record(call(i, NFS, 3, 13, opaque(b'h'), opaque('x')))
                         for i in range(70)))
    talk(42004, record(good) + record(b'short') + record(good.replace(
        b'\0\0\0\1', b'\0\0\0\7', 1)), record(reply(7, u32(2))))
    t = cap.tcp(C, 42005, S, 2049)
    t.open()
    t.c(record(call(1, NFS, 3, 6, opaque(b'h'), u64(0), u32(3000))))
    say = record(reply(1, u32(0), NO_ATTR, u32(3000, 1), opaque(b'A' * 3000)))
    t.s(say[:100])
    t.skip('s', 500)
    t.s(say[600:])
    t.c(record(call(2, NFS, 3, 6, opaque(b'i'), u64(0), u32(3000))) +
        record(call(3, NFS, 3, 12, opaque(b'h'), opaque('y'))))
    t.s(say[:40])
    t.skip('s', 4000)
    t.s(b'junk' * 9 + record(reply(3, u32(0))))
    t.close()
