"""Every kind of message of both versions over UDP and TCP, cut at every place,
with counts and lengths that lie, and the same on other ports."""
from pk import pre16, u8, u16, u24, u32

LOGS = ['slp', 'conn', 'weird']
C, S = '10.0.0.1', '10.0.0.2'


def slp(function, body, length=None, lang=b'en'):
    size = 14 + len(lang) + len(body)
    return u8(2, function) + u24(size if length is None else length) + \
        u16(0x2000) + u24(0) + u16(7) + pre16(lang) + body


def url(text, blocks=0):
    return u8(0) + u16(300) + pre16(text) + u8(blocks) + \
        (u16(2, 8) + b'auth') * blocks


def s(*texts):
    return b''.join(pre16(t) for t in texts)


KINDS = [
    slp(1, s(b'10.0.0.9', b'service:printer', b'default', b'(q<=3)', b'')),
    slp(2, u16(0, 2) + url(b'service:printer:lpr://10.0.0.2') +
        url(b'service:printer:ipp://10.0.0.2', 2)),
    slp(3, url(b'service:x://10.0.0.2') + s(b'service:x', b'default',
                                            b'(a=1),(b=2)') + u8(0)),
    slp(4, s(b'default') + url(b'service:x://10.0.0.2') + s(b'a,b')),
    slp(5, u16(0)), slp(5, u16(13)),
    slp(6, s(b'', b'service:x', b'default', b'a', b'')),
    slp(7, u16(0) + s(b'(a=1)') + u8(0)),
    slp(8, u16(0) + u32(1) + s(b'service:directory-agent://10.0.0.2',
                               b'default', b'', b'') + u8(0)),
    slp(9, s(b'') + u16(0xffff) + s(b'default')),
    slp(9, s(b'') + pre16(b'iana') + s(b'default')),
    slp(10, u16(0) + s(b'service:x,service:y')),
    slp(11, s(b'service:service-agent://10.0.0.2', b'default', b'') + u8(0)),
]


def make(cap):
    for n, data in enumerate(KINDS):
        cap.udp(C, 5000, S, 427, data)
        cap.udp(C, 6000 + n, S, 9427, data)
    cap.udp(S, 427, C, 5000, KINDS[1])
    for n, seg in enumerate((None, 1, 23)):
        t = cap.tcp(C, 7000 + n, S, 427)
        t.open()
        t.c(KINDS[0] + KINDS[2], seg=seg)
        t.s(KINDS[1] + KINDS[4], seg=seg)
        t.close()
    port = 20000
    old = u8(1, 1) + u16(24) + u8(0, 0) + b'en' + u16(3, 9) + b'\0' * 12
    cuts = [KINDS[0][:n] for n in range(0, len(KINDS[0]), 6)]
    for data in cuts + [
            old, slp(1, KINDS[0][16:], length=20), slp(2, u16(0, 999)),
            slp(1, u16(60000)), slp(12, b''), slp(0, b''), slp(5, b''),
            slp(2, u16(0, 1) + url(b'service:x', 255)[:-9]),
            slp(5, u16(0), lang=b''), slp(5, u16(0), lang=b'\xff\xfe'),
            slp(3, url(b'x')[:-1] + u8(1) + u16(2, 0))]:
        port += 1
        cap.udp(C, port, S, 427, data)
        cap.udp(C, port, S, 9427, data)
    t = cap.tcp(C, 7010, S, 427)
    t.open()
    t.c(KINDS[0] + b'\xff' * 40)
    t.close()
