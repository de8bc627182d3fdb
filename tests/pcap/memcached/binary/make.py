"""The binary protocol: written, read, not there, quiet ones that are answered
by what follows them, a log-in that fails, statistics."""
import struct


def message(magic, op, key=b'', extras=b'', value=b'', status=0, opaque=0):
    return struct.pack('>BBHBBHIIQ', magic, op, len(key), len(extras), 0,
                       status, len(extras) + len(key) + len(value), opaque,
                       0) + extras + key + value


def make(cap):
    c = cap.tcp('10.0.0.1', 40000, '10.0.0.2', 11211)
    c.open()

    def ask(op, key=b'', extras=b'', value=b'', **kw):
        c.c(message(0x80, op, key, extras, value, **kw), seg=9)

    def answer(op, key=b'', extras=b'', value=b'', **kw):
        c.s(message(0x81, op, key, extras, value, **kw), seg=9)
    ask(33, b'PLAIN', b'', b'\0ann\0secret', opaque=1)
    answer(33, value=b'Auth failure', status=0x20, opaque=1)
    ask(1, b'k', bytes(8), b'v' * 3000, opaque=2)
    answer(1, opaque=2)
    ask(0, b'k', opaque=3)
    answer(0, b'', bytes(4), b'v' * 3000, opaque=3)
    ask(0, b'none', opaque=4)
    answer(0, value=b'Not found', status=1, opaque=4)
    ask(13, b'a', opaque=5)
    ask(13, b'b', opaque=6)
    ask(10, opaque=7)
    answer(13, b'b', bytes(4), b'1', opaque=6)
    answer(10, opaque=7)
    ask(16, opaque=8)
    answer(16, b'pid', b'', b'1', opaque=8)
    answer(16, opaque=8)
    ask(7, opaque=9)
    c.close()
