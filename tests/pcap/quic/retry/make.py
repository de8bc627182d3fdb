"""A Retry, and the connection that follows from it; a negotiation of the
version; a connection that is closed in its first packet, and the next one of
the same ports."""
from quickit import *
from tlskit import (CLIENT_HELLO, SERVER_HELLO, alpn, message, tls13_hello,
                    tls13_server_hello)

LOGS = ['quic', 'ssl', 'weird']
C, S = '10.0.0.1', '10.0.0.2'
ID, CID, SCID = b'firstdst', b'clnt', b'srvr1234'
HELLO = crypto(message(CLIENT_HELLO, tls13_hello('www.example', alpn('h3'))))
SERVER = crypto(message(SERVER_HELLO, tls13_server_hello()))


def make(cap):
    def c(port, *parts):
        cap.udp(C, port, S, 443, b''.join(parts))

    def s(port, *parts):
        cap.udp(S, 443, C, port, b''.join(parts))

    c(40001, initial(V1, ID, True, ID, CID, HELLO, size=1200))
    s(40001, long_header(RETRY, V1, CID, b'newdst') + b'token' + bytes(16))
    c(40001, initial(V1, b'newdst', True, b'newdst', CID, HELLO,
                     token=b'token', size=1200))
    s(40001, initial(V1, b'newdst', False, CID, SCID, ack() + SERVER))

    c(40002, long_header(INITIAL, 0x1a2a3a4a, ID, CID) + bytes(1200))
    s(40002, long_header(INITIAL, 0, CID, ID) + u32(V1, V2))
    c(40002, initial(V1, b'otherdst', True, b'otherdst', CID, HELLO,
                     size=1200))
    s(40002, initial(V1, b'otherdst', False, CID, SCID, ack() + SERVER))

    c(40003, initial(V1, ID, True, ID, CID, HELLO, size=1200))
    s(40003, initial(V1, ID, False, CID, SCID,
                     b'\x1c' + varint(0x128) + b'\0' + varint(4) + b'nope'))
    c(40003, initial(V1, b'otherdst', True, b'otherdst', CID, HELLO,
                     size=1200))
    s(40003, initial(V1, b'otherdst', False, CID, SCID, ack() + SERVER))
