"""Messages cut at every place, lengths that lie, addresses of no family, and
what only looks like STUN."""
from pk import u16, u32
from stunkit import attr, channel, place, stun

LOGS = ['stun', 'conn', 'weird']
C, S = '10.0.0.1', '10.0.0.2'


def make(cap):
    whole = stun(0x0001, attr(6, b'abcd:efgh'), place(0x20, '1.2.3.4', 5))
    port = 20000
    for n in range(0, len(whole), 7):
        port += 1
        cap.udp(C, port, S, 3478, whole[:n])
    for to, data in (
            (3478, stun(0x0001, length=8)), (4444, stun(0xc001)),
            (4444, stun(0x0001, cookie=1)), (3478, stun(0x0001, cookie=1)),
            (3478, stun(0x0003, cookie=1)),
            (3478, stun(0x0001, u16(6, 9) + b'x' * 4)),
            (3478, stun(0x0101, attr(0x20, b'\0\7\0\1' + b'x' * 4),
                        attr(9, b'\0\0'), attr(0x0d, b''))),
            (3478, stun(0x0001, *[attr(0x7000 + i, b'') for i in range(99)])),
            (3478, stun(0x3eef)), (3478, channel(0x4000, b'x'))):
        port += 1
        cap.udp(C, port, S, to, data)
    port += 1
    cap.udp(C, port, S, 3478, whole)
    for data in (channel(0x4000, b'x' * 9)[:6], b'\x40', b'\x80' * 30,
                 b'\x17' * 30, b'\xff', stun(0x0016, attr(0x13, b''))):
        cap.udp(C, port, S, 3478, data)
    for data in (whole[:30], whole + b'garbage that is long enough to tell',
                 whole + channel(0x4000, b'y' * 3)):
        port += 1
        t = cap.tcp(C, port, S, 3478)
        t.open()
        t.c(data, seg=11)
        t.close()
    for n in range(60):
        cap.udp(C, 30000, S, 3478, stun(0x0001, attr(6, b'u%d' % n)))
