"""A tunnel and a session from their start to their end, data between, version
3, values that are hidden or lie."""
from pk import u16, u32, u8

LOGS = ['l2tp', 'weird', 'conn']
A, B = '10.0.0.1', '10.0.0.2'


def avp(kind, value, head=0x8000, vendor=0, length=None):
    return u16(head | (6 + len(value) if length is None else length),
               vendor, kind) + value


def l2tp(kind, *more, tunnel=7, session=0, length=None, flags=0xc802):
    body = (avp(0, u16(kind)) if kind else b'') + b''.join(more)
    ids = u32(tunnel) if flags & 15 == 3 else u16(tunnel, session)
    return u16(flags, 12 + len(body) if length is None else length) + ids + \
        u16(0, 0) + body


def make(cap):
    cap.udp(A, 1701, B, 1701, l2tp(1, avp(2, u16(0x100)), avp(7, b'client'),
                                   avp(8, b'maker'), tunnel=0))
    cap.udp(B, 1701, A, 1701, l2tp(2, avp(7, b'server'), avp(9, u16(9))))
    cap.udp(A, 1701, B, 1701, l2tp(3))
    cap.udp(B, 1701, A, 1701, l2tp(0))
    cap.udp(A, 1701, B, 1701, l2tp(10, avp(14, u16(3))))
    cap.udp(A, 1701, B, 1701, l2tp(12, avp(30, b'alice'), session=4))
    cap.udp(A, 1701, B, 1701, u16(2, 7, 4) + b'\xff\x03\xc0\x21data')
    cap.udp(A, 1701, B, 1701, l2tp(14, avp(1, u16(3) + b'bye'), session=4))
    cap.udp(A, 1701, B, 1701, l2tp(4, avp(1, u16(1))))
    cap.udp(A, 1702, B, 4701, l2tp(1, avp(7, b'three'), flags=0xc803))
    for n, data in enumerate((l2tp(1)[:11], l2tp(1, length=99), l2tp(77),
                              l2tp(1, avp(7, b'h', length=900)),
                              l2tp(1, avp(7, b'h', length=3)),
                              l2tp(1, avp(7, b'h', head=0xc000)),
                              l2tp(1, avp(7, b'h', vendor=9)),
                              l2tp(1, flags=0xc80f), l2tp(1, flags=0xcc02),
                              l2tp(1, *[avp(99, b'')] * 99), b'\xc8\x02',
                              u16(2, 7, 4) + b'data first')):
        cap.udp(A, 2000 + n, B, 1701, data)
