"""A refused SSLRequest, a login by MD5, a query with rows, one with an error
behind a notice, in segments of a few bytes; and a cancel request."""
import struct


def m(kind, body):
    return kind + struct.pack('>I', len(body) + 4) + body


def first(code, body=b''):
    return struct.pack('>II', len(body) + 8, code) + body


def make(cap):
    c = cap.tcp('10.0.0.1', 40000, '10.0.0.2', 5433)
    c.open()
    c.c(first(80877103))
    c.s(b'N')
    c.c(first(0x30000, b'user\0ann\0database\0shop\0application_name\0psql\0\0'), seg=7)
    c.s(m(b'R', struct.pack('>I', 5) + b'salt'), seg=3)
    c.c(m(b'p', b'md5' + b'0' * 32 + b'\0'))
    c.s(m(b'R', struct.pack('>I', 0)) + m(b'S', b'a\0b\0') + m(b'Z', b'I'), seg=4)
    c.c(m(b'Q', b'SELECT * FROM t;\0'), seg=5)
    c.s(m(b'T', b'\0\1x\0' + b'\0' * 18) + m(b'D', b'\0\1\0\0\0\1a') * 3 +
        m(b'C', b'SELECT 3\0') + m(b'Z', b'I'), seg=11)
    c.c(m(b'Q', b'DROP TABLE u;\0'))
    c.s(m(b'N', b'SNOTICE\0C00000\0\0') + m(b'E', b'SERROR\0C42P01\0Mno such table\0\0') +
        m(b'Z', b'I'))
    c.c(m(b'X', b''))
    c.close()
    c = cap.tcp('10.0.0.1', 40001, '10.0.0.2', 5433)
    c.open()
    c.c(first(80877102, b'\0' * 8))
    c.close()
