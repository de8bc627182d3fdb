"""Sessions whose beginning was missed: sealed records, the server's side
alone, a change of cipher, an alert; and one that loses part of its
handshake."""
from tlskit import *

LOGS = ['ssl', 'x509', 'weird']
C, S = '10.0.0.1', '10.0.0.2'


def make(cap):
    t = cap.tcp(C, 40001, S, 8443)
    t.c(sealed(700, DATA))
    t.s(sealed(2000, DATA) + sealed(100, DATA))
    t.close()

    t = cap.tcp(C, 40002, S, 8443)
    t.s(tls12_server())
    t.s(ccs() + sealed(40))
    t.close()

    t = cap.tcp(C, 40003, S, 8443)
    t.c(ccs() + sealed(40))
    t.s(ccs() + sealed(40))
    t.c(sealed(400, DATA))
    t.close()

    t = cap.tcp(C, 40004, S, 8443)
    t.s(alert(1, 0))
    t.close()

    t = cap.tcp(C, 40005, S, 443)
    t.open()
    t.c(hs(CLIENT_HELLO, client_hello(sni('www.example.org'))))
    server = tls12_server()
    t.s(server[:200])
    t.skip('s', 400)
    t.s(server[600:])
    t.c(tls12_client_end())
    t.s(ccs() + sealed(40))
    t.c(sealed(400, DATA))
    t.close()
