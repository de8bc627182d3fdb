"""A login, then a message type that there is not; a startup message without a
user; a length that cannot be."""
import struct


def m(kind, body):
    return kind + struct.pack('>I', len(body) + 4) + body


def first(body):
    return struct.pack('>II', len(body) + 8, 0x30000) + body


def make(cap):
    c = cap.tcp('10.0.0.1', 40000, '10.0.0.2', 5432)
    c.open()
    c.c(first(b'user\0ann\0\0'))
    c.s(m(b'R', struct.pack('>I', 0)) + m(b'Z', b'I'))
    c.c(m(b'?', b'what'))
    c.close()
    c = cap.tcp('10.0.0.1', 40001, '10.0.0.2', 5432)
    c.open()
    c.c(first(b'database\0x\0\0'))
    c.close()
    c = cap.tcp('10.0.0.1', 40002, '10.0.0.2', 5432)
    c.open()
    c.c(first(b'user\0bob\0\0'))
    c.s(b'R\0\0\0\1')
    c.close()
