"""h2kit.py - frames of HTTP/2 for the golden cases; header blocks mostly of
literals, which need no table."""
from pk import *

PREFACE = b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
DATA, HEADERS, RST, SETTINGS, PUSH, PING, GOAWAY, CONT = 0, 1, 3, 4, 5, 6, 7, 9
END_STREAM, END_HEADERS, PADDED = 1, 4, 8


def frame(kind, flags, stream, body=b''):
    return u24(len(body)) + u8(kind, flags) + u32(stream) + body


def literal(name, value, how=0):
    """how: 0 without indexing, 0x40 into the table."""
    return u8(how) + u8(len(name)) + name.encode() + u8(len(value)) \
        + value.encode()


def request(path, method='GET', *more):
    return literal(':method', method) + literal(':path', path) \
        + literal(':scheme', 'http') + literal(':authority', 'a.example') \
        + b''.join(literal(*m) for m in more)


def reply(status, *more):
    return literal(':status', str(status)) + b''.join(literal(*m)
                                                      for m in more)


def talk(cap, port, sport=80):
    t = cap.tcp('10.0.0.1', port, '192.0.2.80', sport)
    t.open()
    t.c(PREFACE + frame(SETTINGS, 0, 0, u16(3) + u32(100)))
    t.s(frame(SETTINGS, 0, 0) + frame(SETTINGS, 1, 0))
    return t
