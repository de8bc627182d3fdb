"""TLS 1.3: as usual, after a HelloRetryRequest, resumed with early data,
without the change of cipher that middleboxes want, a draft, with an outer
Encrypted Client Hello, with GREASE and a group after quantum computers."""
from tlskit import *

LOGS = ['ssl', 'x509', 'weird']
C, S = '10.0.0.1', '10.0.0.2'


def talk(cap, port, client, server):
    t = cap.tcp(C, port, S, 443)
    t.open()
    t.c(hs(CLIENT_HELLO, client, TLS10))
    t.s(hs(SERVER_HELLO, server) + ccs() + sealed(900, DATA))
    t.c(ccs() + sealed(53, DATA) + sealed(120, DATA))
    t.s(sealed(300, DATA))
    t.close()


def make(cap):
    talk(cap, 40001, tls13_hello('www.example.org', alpn('h2')),
         tls13_server_hello())

    t = cap.tcp(C, 40002, S, 443)
    t.open()
    t.c(hs(CLIENT_HELLO, tls13_hello('retry.example.org')))
    t.s(hs(SERVER_HELLO, server_hello(
        0x1301, chosen(TLS13), ext(KEY_SHARE, u16(23)), random=RETRY,
        session=bytes([9]) * 32)) + ccs())
    t.c(ccs() + hs(CLIENT_HELLO, tls13_hello('retry.example.org')))
    t.s(hs(SERVER_HELLO, tls13_server_hello(group=23)) + sealed(900, DATA))
    t.c(sealed(53, DATA))
    t.s(sealed(300, DATA))
    t.close()

    t = cap.tcp(C, 40003, S, 443)
    t.open()
    t.c(hs(CLIENT_HELLO, tls13_hello('early.example.org',
                                     ext(42, b''), ext(PSK, bytes(80)))))
    t.c(ccs() + sealed(200, DATA))
    t.s(hs(SERVER_HELLO, tls13_server_hello(ext(PSK, u16(0)))) + ccs() +
        sealed(90, DATA))
    t.c(sealed(53, DATA))
    t.close()

    t = cap.tcp(C, 40004, S, 443)
    t.open()
    t.c(hs(CLIENT_HELLO, tls13_hello('plain.example.org')))
    t.s(hs(SERVER_HELLO, tls13_server_hello()) + sealed(900, DATA))
    t.c(sealed(53, DATA))
    t.s(sealed(300, DATA))
    t.close()

    talk(cap, 40005, tls13_hello('draft.example.org'),
         server_hello(0x1301, chosen(0x7f1c), server_share(29)))
    talk(cap, 40006, tls13_hello('outer.example.org', ext(
        ECH, u8(0) + u16(1, 1) + u8(7) + pre16(bytes(32)) +
        pre16(bytes(208)))), tls13_server_hello())
    talk(cap, 40007, client_hello(
        ext(0x1a1a, b''), sni('grease.example.org'), groups(0x2a2a, 4588, 29),
        versions(0x3a3a, TLS13), share(4588, bytes(1216)), sigs(0x0403),
        ext(0x4a4a, b'\0'), ciphers=(0x5a5a, 0x1301)),
        tls13_server_hello(group=4588))
    # The server answers nothing that anybody knows.
    talk(cap, 40008, tls13_hello('odd.example.org'),
         server_hello(0x1399, chosen(0x0399), server_share(0x9999)))
