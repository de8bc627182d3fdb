"""Bindings over both families, said again and again; an allocation that is
refused first; what flows in its channels; ICE over TCP with lengths, TURN over
TCP without; the old form on its port; DTLS and media beside them."""
from pk import u16, u32
from sipkit import rtp
from stunkit import attr, channel, place, stun
from tlskit import *

LOGS = ['stun', 'rtp', 'ssl', 'conn']
C, S, P = '10.0.0.1', '10.0.0.2', '192.0.2.9'
USER = attr(6, b'abcd:efgh')
SOFT = attr(0x8022, b'server 1.0')
MAPPED = place(0x20, '198.51.100.7', 40000)


def allocate():
    yield 'c', stun(0x0003, attr(0x19, u32(0x11000000)))
    yield 's', stun(0x0113, attr(9, b'\0\0\4\1Unauthorized'),
                    attr(0x14, b'example.org'), SOFT)
    yield 'c', stun(0x0003, attr(6, b'alice'), attr(0x14, b'example.org'),
                    attr(0x0d, u32(600)))
    yield 's', stun(0x0103, place(0x16, '203.0.113.5', 50000), MAPPED,
                    attr(0x0d, u32(600)))
    yield 'c', stun(0x0008, place(0x12, P, 6000))
    yield 's', stun(0x0108)
    yield 'c', stun(0x0009, attr(0x0c, u32(0x40000000)), place(0x12, P, 6000))
    yield 's', stun(0x0109)
    for i in range(5):
        yield 'c', channel(0x4000, rtp(i, 160 * i))
        yield 's', channel(0x4000, rtp(i + 9, 160 * i, 7))
    yield 'c', stun(0x0016, place(0x12, P, 6000), attr(0x13, b'data'))


def make(cap):
    for n in range(3):
        cap.udp(C, 5000, S, 3478, stun(0x0001, USER, attr(0x25, b'')))
        cap.udp(S, 3478, C, 5000, stun(0x0101, MAPPED, SOFT))
    cap.udp(S, 3478, C, 5000, stun(0x0101, place(0x20, '198.51.100.8', 1)))
    cap.udp('2001:db8::1', 5000, '2001:db8::2', 4444, stun(0x0001))
    cap.udp('2001:db8::2', 4444, '2001:db8::1', 5000,
            stun(0x0101, place(0x20, '2001:db8::9', 40000)))
    for side, data in allocate():
        a = ((C, 5001, S, 3478), (S, 3478, C, 5001))[side == 's']
        cap.udp(*a, data)
    for n, seg in enumerate((None, 1, 37)):
        t = cap.tcp(C, 5010 + n, S, 3478)
        t.open()
        for side, data in allocate():
            t.send(side, data + b'\0' * (-len(data) % 4), seg=seg)
        t.close()
        t = cap.tcp(C, 5020 + n, S, 42000)
        t.open()
        for data in [stun(0x0001, USER)] + [rtp(i, 160 * i) for i in range(5)]:
            t.c(u16(len(data)) + data, seg=seg)
        data = stun(0x0101, MAPPED)
        t.s(u16(len(data)) + data, seg=seg)
        t.close()
    old = b'0123'
    cap.udp(C, 5030, S, 3478, stun(0x0001, attr(3, u32(0)),
                                   cookie=0x30303030))
    cap.udp(S, 3478, C, 5030, stun(0x0101, place(1, '198.51.100.7', 40001,
            xored=False), cookie=0x30303030))
    cap.udp(C, 5040, S, 4444, stun(0x0001, USER))
    cap.udp(S, 4444, C, 5040, stun(0x0101, MAPPED))
    cap.udp(C, 5040, S, 4444, b'\x16\xfe\xfd' + b'\0' * 8 + u16(3) + b'\1\0\0')
    for i in range(5):
        cap.udp(C, 5040, S, 4444, rtp(i, 3000 * i, kind=96))
    cap.udp(C, 5040, S, 4444, old)
