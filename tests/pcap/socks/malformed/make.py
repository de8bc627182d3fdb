"""SOCKS that is cut, contradicts itself or is none."""
from webkit import *

LOGS = ['socks', 'conn', 'weird']
V4 = u8(192, 0, 2, 7)


def make(cap):
    def case(port, *parts, server=1080):
        t = talk(cap, port, server)
        for i, part in enumerate(parts):
            if part:
                t.send('cs'[i % 2], part)
        t.close()

    hello, good = u8(5, 1, 0), u8(5, 0)
    # No methods, a method that was not offered, nothing but a greeting.
    case(40001, u8(5, 0), u8(5, 0))
    case(40002, hello, u8(5, 7))
    case(40003, hello)
    # No such command, no such address type, in the request and the reply.
    case(40004, hello, good, u8(5, 9, 0, 1) + V4 + u16(80))
    case(40005, hello, good, u8(5, 1, 0, 2) + V4 + u16(80))
    case(40006, hello, good, u8(5, 1, 0, 1) + V4 + u16(80),
         u8(5, 0, 0, 9) + V4 + u16(80))
    # A reply of an unknown status, one of another version, a cut one.
    case(40007, hello, good, u8(5, 1, 0, 1) + V4 + u16(80),
         u8(5, 77, 0, 1) + V4 + u16(80))
    case(40008, hello, good, u8(5, 1, 0, 1) + V4 + u16(80), b'HTTP/1.1 200')
    case(40009, hello, good, u8(5, 1, 0, 3) + pre8(b'a.example') + u16(80),
         u8(5, 0, 0, 3, 200) + b'short')
    # A login that was not asked for, a request of zeros, text.
    case(40010, hello, good, u8(1) + pre8(b'lea') + pre8(b'x'))
    case(40011, hello, good, bytes(10))
    case(40012, b'GET / HTTP/1.0\r\n\r\n', b'')
    # Version 4: no end of the user's name, an unknown command or status.
    case(40013, u8(4, 1) + u16(80) + V4 + b'x' * 600)
    case(40014, u8(4, 9) + u16(80) + V4 + b'x\0')
    case(40015, u8(4, 1) + u16(80) + V4 + b'x\0', u8(0, 12) + bytes(6))
    case(40016, u8(4, 1) + u16(80) + V4 + b'x\0', u8(4, 90) + bytes(6))
    # More payload ahead of the reply than is kept.
    case(40017, hello + u8(5, 1, 0, 1) + V4 + u16(80) + bytes(40000), good)
    # A request of which a part is lost.
    t = talk(cap, 40018, 1080)
    t.c(hello)
    t.s(good)
    t.skip('c', 3)
    t.c(u8(1) + V4 + u16(80))
    t.s(u8(5, 0, 0, 1) + V4 + u16(80))
    t.close()
