"""The same handshake in segments of one byte, in records of ten bytes, with
all messages in one record, out of order, and with a gap in what is sealed."""
from tlskit import *

LOGS = ['ssl', 'x509', 'weird']
C, S = '10.0.0.1', '10.0.0.2'
HELLO = message(CLIENT_HELLO, client_hello(sni('www.example.org')))
SERVER = (message(SERVER_HELLO, server_hello(0xc02f)) +
          message(CERTIFICATE, chain(LEAF, CA)) +
          message(SERVER_KEY, ecdhe(29)) + message(HELLO_DONE, b''))


def records(data, size):
    return b''.join(record(HANDSHAKE, data[i:i + size])
                    for i in range(0, len(data), size))


def talk(cap, port, size, seg):
    t = cap.tcp(C, port, S, 443)
    t.open()
    t.c(records(HELLO, size), seg=seg)
    t.s(records(SERVER, size), seg=seg)
    t.c(tls12_client_end(), seg=seg)
    t.s(ccs() + sealed(40), seg=seg)
    t.close()


def make(cap):
    talk(cap, 40001, 16384, 1)
    talk(cap, 40002, 10, None)
    talk(cap, 40003, 16384, None)
    talk(cap, 40004, 1, 3)

    t = cap.tcp(C, 40005, S, 443)
    t.open()
    t.c(records(HELLO, 16384))
    server = records(SERVER, 16384)
    half = len(server) // 2
    t.part('s', server[half:], half)
    t.part('s', server[:half], 0)
    t.part('s', server[:half], 0)
    t.skip('s', len(server))
    t.c(tls12_client_end())
    t.s(ccs() + sealed(40))
    t.close()

    # What is lost was in the middle of a record that nobody reads.
    t = cap.tcp(C, 40006, S, 443)
    t.open()
    t.c(records(HELLO, 16384))
    t.s(server)
    early = sealed(3000, DATA)
    t.c(hs(CLIENT_KEY, pre8(bytes(32))) + ccs() + early[:1000])
    t.skip('c', 1000)
    t.c(early[2000:] + sealed(50, DATA))
    t.s(ccs() + sealed(40))
    t.close()
