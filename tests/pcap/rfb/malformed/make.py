"""A type that was not offered, a name of absurd length, a key of one; a gap; a
client that answers no version."""
from pk import u8, u16, u32
from rfbkit import begin, init

LOGS = ['rfb', 'weird']


def make(cap):
    c = begin(cap, 40000, 8)
    c.s(u8(1, 2))
    c.c(u8(1))
    c.s(u32(0))
    c.c(u8(1))
    c.s(init(b'x')[:20] + u32(1 << 30) + b'name')
    c.close()
    c = begin(cap, 40001, 8)
    c.s(u8(1, 30))
    c.c(u8(30))
    c.s(u16(2, 65535))
    c.close()
    c = begin(cap, 40002, 8)
    c.skip('s', 3)
    c.c(u8(2))
    c.s(bytes(16))
    c.close()
    c = cap.tcp('10.0.0.1', 40003, '10.0.0.2', 5900)
    c.open()
    c.s(b'RFB 003.008\n')
    c.c(b'what is this?\n')
    c.close()
