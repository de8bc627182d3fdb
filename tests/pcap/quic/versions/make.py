"""A connection each of version 1, version 2 and draft 29: Initial packets with
the hellos, the handshake, data; the first is the example of RFC 9001."""
from pk import unhex
from quickit import *
from tlskit import (CLIENT_HELLO, SERVER_HELLO, alpn, client_hello, message,
                    server_hello, chosen, server_share, tls13_hello,
                    tls13_server_hello)

LOGS = ['quic', 'ssl', 'weird']
C, S = '10.0.0.1', '10.0.0.2'
RFC = unhex('''
    060040f1010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e86804fe3a47
    f06a2b69484c00000413011302010000c000000010000e00000b6578616d706c652e636f
    6dff01000100000a00080006001d0017001800100007000504616c706e00050005010000
    0000003300260024001d00209370b2c9caa47fbabaf4559fedba753de171fa71f50f1ce1
    5d43e994ec74d748002b0003020304000d0010000e040305030603020308040805080600
    2d00020101001c00024001003900320408ffffffffffffffff05048000ffff07048000ff
    ff0801104800010475300901100f088394c8f03e51570806048000ffff''')
ID, SCID = unhex('8394c8f03e515708'), unhex('f067a5502a4262b5')


def talk(cap, port, version, hello, client_id=b''):
    def c(*parts):
        cap.udp(C, port, S, 443, b''.join(parts))

    def s(*parts):
        cap.udp(S, 443, C, port, b''.join(parts))

    c(initial(version, ID, True, ID, client_id, hello, size=1200))
    s(initial(version, ID, False, client_id, SCID, ack() + crypto(
        message(SERVER_HELLO, tls13_server_hello()))),
      sealed(HANDSHAKE, version, client_id, SCID, 700))
    c(initial(version, ID, True, SCID, client_id, ack(), pn=1, size=600),
      sealed(HANDSHAKE, version, SCID, client_id, 60), short(SCID, 40))
    s(short(client_id, 300))
    for _ in range(5):
        c(short(SCID, 50))
        s(short(client_id, 900))


def make(cap):
    talk(cap, 40001, V1, RFC)
    talk(cap, 40002, V2, crypto(message(CLIENT_HELLO, tls13_hello(
        'two.example', alpn('h3')))), unhex('aabbccdd'))
    talk(cap, 40003, DRAFT29, crypto(message(CLIENT_HELLO, tls13_hello(
        'draft.example', alpn('h3-29', 'h3')))))
