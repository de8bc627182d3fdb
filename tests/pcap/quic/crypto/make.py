"""A hello in many CRYPTO frames, out of order, repeated and overlapping, in
one packet and in two; a server that wants another hello (RFC 8446 section
4.1.4); early data that comes before what explains it."""
from pk import unhex
from quickit import *
from tlskit import (CLIENT_HELLO, KEY_SHARE, PSK, RETRY as RETRY_RANDOM,
                    SERVER_HELLO, TLS13, alpn, chosen, ext, message,
                    server_hello, tls13_hello, tls13_server_hello)

LOGS = ['quic', 'ssl', 'weird']
C, S = '10.0.0.1', '10.0.0.2'
ID, CID, SCID = b'firstdst', b'clnt', b'srvr1234'
SERVER = crypto(message(SERVER_HELLO, tls13_server_hello()))


def scattered(hello):
    """Frames of 40 bytes, every second first, with PING and padding."""
    cuts = list(range(0, len(hello), 40))
    out = b''
    for at in cuts[1::2] + cuts[::2] + cuts[:1]:
        out += b'\1' + crypto(hello[at:at + 45], at) + bytes(3)
    return out


def make(cap):
    def c(port, *parts):
        cap.udp(C, port, S, 443, b''.join(parts))

    def s(port, *parts):
        cap.udp(S, 443, C, port, b''.join(parts))

    hello = message(CLIENT_HELLO, tls13_hello('scatter.example', alpn('h3')))
    c(40001, initial(V1, ID, True, ID, CID, scattered(hello), size=1200))
    s(40001, initial(V1, ID, False, CID, SCID, ack() + SERVER))

    # Longer than a packet, the end first, as with keys of 1216 bytes.
    big = message(CLIENT_HELLO, tls13_hello('big.example', alpn('h3'),
                                            ext(21, bytes(1400))))
    one = initial(V1, ID, True, ID, CID, crypto(big[:900]), size=1200)
    two = initial(V1, ID, True, ID, CID, crypto(big[800:], 800), pn=1,
                  size=1200)
    c(40002, two)
    c(40002, one)
    s(40002, initial(V1, ID, False, CID, SCID, ack(1) + SERVER))

    again = message(SERVER_HELLO, server_hello(
        0x1301, chosen(TLS13), ext(KEY_SHARE, b'\0\x17'), random=RETRY_RANDOM,
        session=bytes([9]) * 32))
    first = message(CLIENT_HELLO, tls13_hello('retry.example', alpn('h3')))
    c(40003, initial(V1, ID, True, ID, CID, crypto(first), size=1200))
    s(40003, initial(V1, ID, False, CID, SCID, ack() + crypto(again)))
    c(40003, initial(V1, ID, True, SCID, CID, ack() + crypto(
        first, len(first)), pn=1, size=1200))
    s(40003, initial(V1, ID, False, CID, SCID, ack(1) + crypto(message(
        SERVER_HELLO, tls13_server_hello(group=23)), len(again)), pn=1))

    early = message(CLIENT_HELLO, tls13_hello(
        'early.example', alpn('h3'), ext(42, b''), ext(PSK, bytes(80))))
    c(40004, sealed(ZERO_RTT, V1, ID, CID, 200))
    c(40004, initial(V1, ID, True, ID, CID, crypto(early), size=1200))
    s(40004, initial(V1, ID, False, CID, SCID, ack() + crypto(message(
        SERVER_HELLO, tls13_server_hello(ext(PSK, b'\0\0'))))))
