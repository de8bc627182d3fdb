"""TLS 1.2: a whole handshake with a chain, one with a client's certificate,
one resumed by its session id, one by a ticket, one that ends in an alert, and
with OCSP responses attached: one, several, cut ones."""
from tlskit import *

LOGS = ['ssl', 'x509', 'files', 'weird']
C, S = '10.0.0.1', '10.0.0.2'
HELLO = client_hello(sni('www.example.org'), groups(29, 23),
                     ext(FORMATS, b'\1\0'), sigs(0x0401, 0x0403),
                     alpn('h2', 'http/1.1'))


def make(cap):
    t = cap.tcp(C, 40001, S, 443)
    t.open()
    t.c(hs(CLIENT_HELLO, HELLO, TLS10))
    t.s(tls12_server(0xc02f, (LEAF, CA), alpn('h2')))
    t.c(tls12_client_end())
    t.s(ccs() + sealed(40) + sealed(500, DATA))
    t.c(sealed(90, DATA))
    t.close()

    # On another port, with a name that the certificate is not for.
    t = cap.tcp(C, 40002, S, 8443)
    t.open()
    t.c(hs(CLIENT_HELLO, client_hello(sni('other.example.com'))))
    t.s(hs(SERVER_HELLO, server_hello(0x9c)) +
        hs(CERTIFICATE, chain(LEAF)) + hs(STATUS, bytes(20)) +
        hs(CERT_REQUEST, pre8(b'\1') + pre16(u16(0x0401)) + pre16(b'')) +
        hs(HELLO_DONE, b''))
    t.c(hs(CERTIFICATE, chain(USER, CA)) + hs(CLIENT_KEY, pre16(bytes(256))) +
        hs(CERT_VERIFY, u16(0x0401) + pre16(bytes(256))) + ccs() + sealed(40))
    t.s(hs(TICKET, u32(300) + pre16(bytes(60))) + ccs() + sealed(40))
    t.close()

    session = bytes([5]) * 32
    t = cap.tcp(C, 40003, S, 443)
    t.open()
    t.c(hs(CLIENT_HELLO, client_hello(sni('www.example.org'),
                                      session=session)))
    t.s(hs(SERVER_HELLO, server_hello(0xc02f, session=session)) + ccs() +
        sealed(40))
    t.c(ccs() + sealed(40))
    t.s(sealed(100, DATA))
    t.close()

    t = cap.tcp(C, 40004, S, 443)
    t.open()
    t.c(hs(CLIENT_HELLO, client_hello(sni('www.example.org'),
                                      ext(SESSION_TICKET, bytes(60)))))
    t.s(hs(SERVER_HELLO, server_hello(0xc02f)) + ccs() + sealed(40))
    t.c(ccs() + sealed(40))
    t.s(sealed(100, DATA))
    t.close()

    t = cap.tcp(C, 40005, S, 443)
    t.open()
    t.c(hs(CLIENT_HELLO, HELLO))
    t.s(alert(2, 40))
    t.close()

    # 300 bytes; the messages behind it are cut, empty, of a kind unknown, and
    # one has two responses, of which the first is none.
    t = cap.tcp(C, 40006, S, 443)
    t.open()
    t.c(hs(CLIENT_HELLO, HELLO))
    t.s(hs(SERVER_HELLO, server_hello(0xc02f)) +
        hs(CERTIFICATE, chain(LEAF)) + hs(STATUS, u8(1) + pre24(bytes(300))) +
        hs(STATUS, u8(1) + u24(9) + bytes(8)) + hs(STATUS, b'') +
        hs(STATUS, u8(3) + pre24(bytes(5))) +
        hs(STATUS, u8(2) + pre24(pre24(b'') + pre24(bytes(77)) + b'\0')) +
        hs(HELLO_DONE, b''))
    t.close()
