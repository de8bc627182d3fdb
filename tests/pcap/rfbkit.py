"""rfbkit.py - sessions of VNC for the cases that need them."""
from pk import u8, u16, u32

FORMAT = u8(32, 24, 0, 1) + u16(255, 255, 255) + u8(16, 8, 0, 0, 0, 0)


def init(name, width=1280, height=800):
    return u16(width, height) + FORMAT + u32(len(name)) + name


def begin(cap, port, minor, server=None, to=5900):
    c = cap.tcp('10.0.0.1', port, '10.0.0.2', to)
    c.open()
    c.s(b'RFB 003.%03d\n' % (server or minor), seg=5)
    c.c(b'RFB 003.%03d\n' % minor, seg=7)
    return c


def vnc(c, minor, ok=True):
    if minor < 7:
        c.s(u32(2))
    else:
        c.s(u8(2, 2, 16), seg=1)
        c.c(u8(2))
    c.s(bytes(range(16)), seg=6)
    c.c(bytes(range(16, 32)), seg=6)
    c.s(u32(0 if ok else 1), seg=2)


def end(c, name=b'ann@desk', shared=1):
    c.c(u8(shared))
    c.s(init(name), seg=11)
    c.c(bytes(20))
    c.close()
