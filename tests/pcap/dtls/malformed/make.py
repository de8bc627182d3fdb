"""Fragments that do not fit, records that are cut, hellos that are none, and
messages of which a piece never comes."""
from pk import u8, u24
from tlskit import *

LOGS = ['ssl', 'x509', 'weird']
C, S = '10.0.0.1', '10.0.0.2'
HELLO = client_hello(sni('vpn.example.org'), version=DTLS12, cookie=b'')


def make(cap):
    def c(port, *records):
        cap.udp(C, port, S, 4433, b''.join(records))

    def s(port, *records):
        cap.udp(S, 4433, C, port, b''.join(records))

    good = dtls(HANDSHAKE, fragment(CLIENT_HELLO, HELLO, 0), 0)
    # A fragment beyond the end of its message.
    c(40001, good)
    s(40001, dtls(HANDSHAKE, u8(CERTIFICATE) + u24(100) + u16(1) + u24(90) +
                  pre24(bytes(50)), 0))
    # 16 MB are not waited for; pieces with more holes than anybody makes.
    c(40002, good)
    s(40002, dtls(HANDSHAKE, u8(CERTIFICATE) + u24(0xffffff) + u16(1) +
                  u24(0) + pre24(bytes(50)), 0))
    for at in range(1, 200, 2):
        s(40002, dtls(HANDSHAKE, fragment(CERTIFICATE, chain(LEAF), 2, at, 1),
                      at))
    # Two messages begun, a third pushes the first out, which then ends.
    c(40003, good)
    for number in (1, 2, 3):
        s(40003, dtls(HANDSHAKE, fragment(CERTIFICATE, chain(LEAF), number, 0,
                                          100), number))
    s(40003, dtls(HANDSHAKE, fragment(CERTIFICATE, chain(LEAF), 1, 100), 4))
    s(40003, dtls(HANDSHAKE, fragment(CERTIFICATE, chain(LEAF), 3, 100), 5))
    c(40004, good[:-3])
    c(40005, dtls(HANDSHAKE, fragment(CLIENT_HELLO, HELLO[:30], 0), 0))
    c(40006, good, b'\x99garbage')
    c(40006, b'\0\1\0\0' + bytes(16))
    s(40006, dtls(ALERT, b'\2\x28', 0))
