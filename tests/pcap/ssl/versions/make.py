"""SSL 2.0, its hello with an answer of SSL 3.0, TLS 1.0 with static RSA, and
two names in one hello."""
from tlskit import *

LOGS = ['ssl', 'x509', 'weird']
C, S = '10.0.0.1', '10.0.0.2'


def v2(body):
    return u16(0x8000 | len(body)) + body


def v2_hello(version):
    return v2(u8(1) + u16(version, 6, 0, 16) + u24(0x010080) + u24(0x0000) +
              bytes(16))


def make(cap):
    t = cap.tcp(C, 40001, S, 443)
    t.open()
    t.c(v2_hello(2))
    t.s(v2(u8(4, 0, 1) + u16(2, len(LEAF), 3, 16) + LEAF + u24(0x010080) +
           bytes(16)))
    t.c(v2(u8(2) + u24(0x010080) + u16(0, 64, 0) + bytes(64)))
    t.s(v2(bytes(33)))
    t.close()

    t = cap.tcp(C, 40002, S, 443)
    t.open()
    t.c(v2_hello(SSL3))
    t.s(hs(SERVER_HELLO, server_hello(5, version=SSL3), SSL3) +
        hs(CERTIFICATE, chain(LEAF), SSL3) + hs(HELLO_DONE, b'', SSL3))
    t.c(hs(CLIENT_KEY, bytes(256), SSL3) + ccs(SSL3) +
        sealed(64, HANDSHAKE, SSL3))
    t.s(ccs(SSL3) + sealed(64, HANDSHAKE, SSL3))
    t.close()

    t = cap.tcp(C, 40003, S, 993)
    t.open()
    t.c(hs(CLIENT_HELLO, client_hello(sni('a.example', 'b.example'),
                                      version=TLS10), TLS10))
    t.s(hs(SERVER_HELLO, server_hello(0x2f, version=TLS10), TLS10) +
        hs(CERTIFICATE, chain(LEAF), TLS10) + hs(HELLO_DONE, b'', TLS10))
    t.c(hs(CLIENT_KEY, pre16(bytes(256)), TLS10) + ccs(TLS10) +
        sealed(48, HANDSHAKE, TLS10))
    t.s(ccs(TLS10) + sealed(48, HANDSHAKE, TLS10))
    t.close()
