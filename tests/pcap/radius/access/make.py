"""Log-ins that succeed and fail, by several methods; one in rounds; the books
of a session; a change of authorisation; an answer that was not asked for."""
from pk import *

C, S = '10.0.0.1', '10.0.0.2'


def at(kind, value):
    value = value.encode() if isinstance(value, str) else value
    return u8(kind, len(value) + 2) + value


def msg(code, ident, *attributes):
    body = b''.join(attributes)
    return u8(code, ident) + u16(20 + len(body)) + b'a' * 16 + body


def make(cap):
    def talk(port, server, *messages):
        for i, m in enumerate(messages):
            if m and i % 2:
                cap.udp(S, server, C, port, m)
            elif m:
                cap.udp(C, port, S, server, m)

    who = at(1, 'ann') + at(4, addr('10.9.9.9')) + at(32, 'nas-1')
    ms = u32(311)
    talk(40001, 1812, msg(1, 1, who, at(2, b'x' * 16), at(31, '00-14-22-E9-54-5E'),
                          at(30, '02:aa:bb:cc:dd:ee:office'), at(77, 'fast')),
         msg(2, 1, at(8, addr('192.0.2.7')), at(18, 'Hello')),
         msg(1, 2, who, at(3, b'y' * 17), at(31, '0044123456'),
             at(66, b'\1' + b'198.51.100.3')), msg(3, 2, at(18, 'No')),
         msg(1, 3, who, at(26, ms + u8(25, 10) + b'r' * 8)), None,
         msg(1, 3, who, at(26, ms + u8(25, 10) + b'r' * 8)), msg(2, 3))
    # EAP: identity, a method, and the end; another log-in between.
    talk(40002, 1812, msg(1, 1, who, at(79, b'\2\1\0\x08\1ann')),
         msg(11, 1, at(24, 'state-1'), at(79, b'\1\2\0\6\x19\x20')),
         msg(1, 9, at(1, 'bob'), at(2, b'x' * 16)), msg(2, 9),
         msg(1, 2, who, at(24, 'state-1'), at(79, b'\2\2\0\6\x19\0')),
         msg(11, 2, at(24, 'state-2')),
         msg(1, 1, who, at(24, 'state-2')), msg(2, 1))
    talk(40003, 1813, msg(4, 1, who, at(40, u32(2)), at(44, 's-77'),
                          at(46, u32(60)), at(42, u32(7)), at(52, u32(1)),
                          at(43, u32(9)), at(95, addr('2001:db8::1'))),
         msg(5, 1))
    talk(40004, 3799, msg(40, 1, who), msg(42, 1), msg(43, 2, who), msg(44, 2))
    talk(40005, 1812, msg(1, 1, who), None, msg(1, 2, who))
    cap.udp(S, 1812, C, 40006, msg(3, 77, at(18, 'late')))
    talk(40007, 21812, msg(1, 1, who), msg(2, 1))
