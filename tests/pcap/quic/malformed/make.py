"""Lengths that lie, tags that are wrong, frames that do not belong into a
first packet, hellos too long or in too many pieces, other things on the
port."""
from quickit import *
from tlskit import (CLIENT_HELLO, alpn, client_hello, ext, message,
                    tls13_hello)

LOGS = ['quic', 'ssl', 'weird']
C, S = '10.0.0.1', '10.0.0.2'
ID, CID = b'firstdst', b'clnt'
HELLO = message(CLIENT_HELLO, tls13_hello('www.example', alpn('h3')))


def make(cap):
    def c(port, data):
        cap.udp(C, port, S, 443, data)

    good = initial(V1, ID, True, ID, CID, crypto(HELLO), size=1200)
    c(40001, good[:-1] + u8(good[-1] ^ 1))
    c(40002, good[:600])
    c(40003, good[:19] + u16(0x7fff) + good[21:])
    c(40004, u8(0xc0) + u32(V1) + u8(60) + bytes(80))
    c(40005, initial(V1, ID, True, ID, CID, b'\x08\0\0' + crypto(HELLO),
                     size=1200))
    c(40006, initial(V1, ID, True, ID, CID, crypto(HELLO[:100]) + b'\6\0' +
                     varint(9000), size=1200))
    c(40007, initial(V1, ID, True, ID, CID, crypto(b'xxxx', 0x3fffffff) +
                     b'\2' + varint(7) + b'\0' + u32(0xbfffffff) + b'\0'))
    holes = b''.join(crypto(HELLO[i:i + 1], i) for i in range(1, 200, 2))
    c(40008, initial(V1, ID, True, ID, CID, holes, size=1200))
    c(40008, initial(V1, ID, True, ID, CID, crypto(HELLO), pn=1, size=1200))
    c(40009, b'\xff' * 40)
    c(40010, good[:14] + bytes(1186))
    c(40011, initial(V1, ID, True, ID, CID, crypto(
        message(CLIENT_HELLO, b'\3\3 too short')), size=1200))
    # Something else in the middle of a connection.
    c(40012, good)
    c(40012, b'\0' * 30)
    c(40012, b'\xc0\0\0\0\1')
    c(40012, b'\xe0\0\0\0\1\4clnt\0')
