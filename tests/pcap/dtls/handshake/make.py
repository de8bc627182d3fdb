"""DTLS 1.2 with a cookie and fragments out of order and repeated; a call in a
browser, where the answering side begins and both show certificates; DTLS
1.3 with its short records; a session whose beginning was missed."""
from pk import u16, pre8
from tlskit import *

LOGS = ['ssl', 'x509', 'weird']
C, S = '10.0.0.1', '10.0.0.2'


def hello(cookie=b''):
    return client_hello(sni('vpn.example.org'), groups(29), sigs(0x0403),
                        version=DTLS12, cookie=cookie)


def make(cap):
    def c(port, *records):
        cap.udp(C, port, S, 4433, b''.join(records))

    def s(port, *records):
        cap.udp(S, 4433, C, port, b''.join(records))

    def whole(kind, body, number, n):
        return dtls(HANDSHAKE, fragment(kind, body, number), n)

    c(40001, whole(CLIENT_HELLO, hello(), 0, 0))
    s(40001, whole(HELLO_VERIFY, u16(DTLS10) + pre8(b'cookie'), 0, 0))
    c(40001, whole(CLIENT_HELLO, hello(b'cookie'), 1, 1))
    s(40001, whole(SERVER_HELLO, server_hello(0xc02b, version=DTLS12), 1, 1))
    cert = chain(LEAF, CA)
    parts = [dtls(HANDSHAKE, fragment(CERTIFICATE, cert, 2, at,
                                      min(200, len(cert) - at)), 2 + at)
             for at in range(0, len(cert), 150)]
    for p in reversed(parts):
        s(40001, p)
    s(40001, parts[0], whole(SERVER_KEY, ecdhe(29), 3, 900),
      whole(HELLO_DONE, b'', 4, 901))
    c(40001, whole(CLIENT_KEY, pre8(bytes(32)), 2, 2), dtls(CCS, b'\1', 3),
      dtls(HANDSHAKE, bytes(40), 0, epoch=1))
    # What is sealed overtakes the change of cipher.
    s(40001, dtls(DATA, bytes(60), 1, epoch=1))
    s(40001, dtls(CCS, b'\1', 902), dtls(HANDSHAKE, bytes(40), 0, epoch=1))
    c(40001, dtls(DATA, bytes(60), 1, epoch=1))

    s(40002, whole(CLIENT_HELLO, hello(), 0, 0))
    c(40002, whole(SERVER_HELLO, server_hello(0xc02b, version=DTLS12), 0, 0),
      whole(CERTIFICATE, chain(LEAF), 1, 1),
      whole(SERVER_KEY, ecdhe(23), 2, 2),
      whole(CERT_REQUEST, pre8(b'\1') + pre16(b'') + pre16(b''), 3, 3),
      whole(HELLO_DONE, b'', 4, 4))
    s(40002, whole(CERTIFICATE, chain(USER), 1, 1),
      whole(CLIENT_KEY, pre8(bytes(32)), 2, 2),
      whole(CERT_VERIFY, u16(0x0403) + pre16(bytes(70)), 3, 3),
      dtls(CCS, b'\1', 4), dtls(HANDSHAKE, bytes(40), 0, epoch=1))
    c(40002, dtls(CCS, b'\1', 5), dtls(HANDSHAKE, bytes(40), 0, epoch=1))

    c(40003, whole(CLIENT_HELLO, client_hello(
        sni('new.example.org'), versions(0xfefc, DTLS12), share(29),
        ciphers=(0x1301,), version=DTLS12, cookie=b''), 0, 0))
    s(40003, whole(SERVER_HELLO, server_hello(
        0x1301, chosen(0xfefc), server_share(29), version=DTLS12), 0, 0),
      b'\x2e' + bytes(60))
    c(40003, b'\x2e' + bytes(60))

    c(40004, dtls(DATA, bytes(300), 77, epoch=1))
    s(40004, dtls(DATA, bytes(300), 78, epoch=1))
