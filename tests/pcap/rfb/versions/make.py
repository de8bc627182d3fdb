"""3.3, 3.7, 3.8 and Apple's: with a password, without one, refused with and
without a reason; a client that goes away."""
from pk import u8, u16, u32
from rfbkit import begin, end, vnc


def make(cap):
    c = begin(cap, 40000, 3)
    vnc(c, 3)
    end(c, shared=0)
    c = begin(cap, 40001, 7)
    c.s(u8(1, 1))
    c.c(u8(1))
    end(c)
    c = begin(cap, 40002, 8, to=5999)
    vnc(c, 8)
    end(c, b'x' * 2000)
    c = begin(cap, 40003, 8)
    vnc(c, 8, False)
    c.s(u32(5) + b'wrong', seg=3)
    c.close()
    c = begin(cap, 40004, 8)
    c.s(u8(0) + u32(8) + b'too many')
    c.close()
    c = begin(cap, 40005, 889)
    c.s(u8(1, 30))
    c.c(u8(30))
    c.s(u16(2, 128) + bytes(256), seg=50)
    c.c(bytes(256))
    c.s(u32(0))
    end(c, b'mac')
    c = begin(cap, 40006, 8)
    c.s(u8(1, 2))
    c.close()
