"""1.0: a log-in behind a header of its own, links to and from addresses, one
that is refused, a close with a reason; one that asks for TLS."""
from pk import u8, u16, u32
from tlskit import CLIENT_HELLO, client_hello, hs, sni

LOGS = ['amqp', 'ssl', 'conn']


def string(b):
    return b'\xa1' + u8(len(b)) + b


def listing(*fields):
    body = b''.join(fields)
    return b'\xc0' + u8(len(body) + 1, len(fields)) + body


def described(kind, *fields):
    return b'\0\x53' + u8(kind) + (listing(*fields) if fields else b'\x45')


def frame(body, kind=0, channel=0):
    return u32(len(body) + 8) + u8(2, kind) + u16(channel) + body


NONE = b'\x40'


def make(cap):
    c = cap.tcp('10.0.0.1', 40000, '10.0.0.2', 5672)
    c.open()
    c.c(b'AMQP\3\1\0\0', seg=3)
    c.s(b'AMQP\3\1\0\0' + frame(described(0x40, string(b'PLAIN')), 1), seg=5)
    c.c(frame(described(0x41, b'\xa3\x05PLAIN', b'\xa0\x0b\0ann\0secret'), 1),
        seg=7)
    c.s(frame(described(0x44, b'\x50\0'), 1))
    c.c(b'AMQP\0\1\0\0' + frame(described(0x10, string(b'client-1'),
                                          string(b'broker.example'))), seg=9)
    c.s(b'AMQP\0\1\0\0' + frame(described(0x10, string(b'broker'))))
    c.c(frame(described(0x11, NONE, b'\x43', b'\x43', b'\x43'), 0, 1))
    c.s(frame(described(0x11, b'\x60\0\1'), 0, 1))
    c.c(frame(described(0x12, string(b'out'), b'\x43', b'\x42', NONE, NONE,
                        described(0x28), described(0x29, string(b'orders'))),
              0, 1))
    c.s(frame(described(0x12, string(b'out'), b'\x43', b'\x41'), 0, 1))
    c.c(frame(described(0x12, string(b'in'), b'\x52\1', b'\x41', NONE, NONE,
                        described(0x28, string(b'secret'))), 0, 1))
    c.s(frame(described(0x16, b'\x52\1', b'\x41', described(
        0x1d, b'\xa3\x19amqp:unauthorized-access!!', string(b'no'))), 0, 1))
    c.c(frame(b'') + frame(described(0x14, b'\x43') + b'message', 0, 1))
    c.s(frame(described(0x18, described(0x1d, b'\xa3\x05error'))))
    c.close()
    c = cap.tcp('10.0.0.1', 40001, '10.0.0.2', 5672)
    c.open()
    c.c(b'AMQP\2\1\0\0')
    c.s(b'AMQP\2\1\0\0')
    c.c(hs(CLIENT_HELLO, client_hello(sni('mq.example'))))
    c.close()
