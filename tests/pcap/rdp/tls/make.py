"""Security by TLS and CredSSP: the stream goes on in ssl, however it was cut;
one-byte segments; a load balancer's token; a server that refuses; a server
seen alone."""
from rdpkit import *
from tlskit import *

LOGS = ['rdp', 'ssl', 'weird']
C, S = '10.0.0.1', '10.0.0.2'


def talk(cap, port, server=3389):
    t = cap.tcp(C, port, S, server)
    t.open()
    return t


def goes_on(t, name):
    t.c(hs(CLIENT_HELLO, client_hello(sni(name))))
    t.s(tls12_server())
    t.c(tls12_client_end())
    t.s(ccs() + sealed(40))
    t.c(sealed(100, DATA))
    t.close()


def make(cap):
    t = talk(cap, 40000)
    t.c(ask(b'ann', 11))
    t.s(answer(2, HYBRID_EX, 0x1f))
    goes_on(t, 'one.example')
    t = talk(cap, 40001, 9999)
    t.c(ask(token=b'3640205228.15629.0000', protocols=3), seg=1)
    t.s(answer(2, SSL), seg=1)
    goes_on(t, 'two.example')
    for i, why in enumerate((1, 2, 5, 9)):
        t = talk(cap, 40010 + i)
        t.c(ask(b'bob', 0))
        t.s(answer(3, why))
        t.close()
    t = talk(cap, 40020, 9999)
    t.s(answer(2, HYBRID))
    t.close()
