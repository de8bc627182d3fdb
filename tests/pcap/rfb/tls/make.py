"""VeNCrypt and TLS: what follows is ssl's."""
from pk import u8, u16, u32
from rfbkit import begin
from tlskit import CLIENT_HELLO, client_hello, hs, sni

LOGS = ['rfb', 'ssl', 'conn']


def make(cap):
    c = begin(cap, 40000, 8)
    c.s(u8(1, 19))
    c.c(u8(19))
    c.s(u8(0, 2))
    c.c(u8(0, 2))
    c.s(u8(0, 2) + u32(257, 262), seg=3)
    c.c(u32(262))
    c.s(u8(1))
    c.c(hs(CLIENT_HELLO, client_hello(sni('screen.example'))), seg=50)
    c.close()
    c = begin(cap, 40001, 8)
    c.s(u8(1, 18))
    c.c(u8(18) + hs(CLIENT_HELLO, client_hello(sni('other.example'))))
    c.close()
