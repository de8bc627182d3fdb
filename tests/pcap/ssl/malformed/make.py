"""What is no TLS, or hopeless TLS: other protocols on the port, lengths that
lie, hellos cut short, certificates that are none, letters without end."""
from tlskit import *

LOGS = ['ssl', 'x509', 'weird']
C, S = '10.0.0.1', '10.0.0.2'
HELLO = hs(CLIENT_HELLO, client_hello(sni('www.example.org')))


def talk(cap, port, *parts, server=443):
    t = cap.tcp(C, port, S, server)
    t.open()
    for i, p in enumerate(parts):
        t.send('cs'[i % 2], p)
    t.close()


def make(cap):
    talk(cap, 40001, b'QUIT\r\n' * 4, b'bye\r\n' * 4)
    talk(cap, 40002, HELLO, b'HTTP/1.1 400 Bad Request\r\n\r\n')
    # A hello whose parts are longer than it is.
    lie = client_hello(sni('www.example.org'))
    talk(cap, 40003, hs(CLIENT_HELLO, lie[:34] + u8(200) + lie[35:]))
    talk(cap, 40004, hs(CLIENT_HELLO, lie[:20]), b'')
    talk(cap, 40005, HELLO, hs(SERVER_HELLO, b'\3\3' + bytes(10)))
    # A record above the limit, after a good one.
    talk(cap, 40006, HELLO, u8(HANDSHAKE) + u16(TLS12, 0x5000) + bytes(100))
    # An extension block, a name and a list that claim more than there is.
    talk(cap, 40007, hs(CLIENT_HELLO, client_hello(
        ext(SNI, u16(400) + u8(0) + u16(300) + b'short'),
        ext(ALPN, u16(40) + u8(30) + b'h2'), u16(51, 4000) + b'x')),
        tls12_server())
    # A chain whose second certificate is none, and whose third is cut.
    cut = hs(CERTIFICATE, pre24(pre24(LEAF) + pre24(b'not DER at all') +
                                u24(5000) + CA))
    talk(cap, 40008, HELLO, hs(SERVER_HELLO, server_hello(0xc02f)) + cut)
    # A message of 16 MB is not waited for in memory.
    talk(cap, 40009, HELLO, hs(SERVER_HELLO, server_hello(0xc02f)) +
         record(HANDSHAKE, u8(CERTIFICATE) + u24(0xffffff) + bytes(4000)))
    # Unknown messages, unknown alerts, heartbeats, more than a history has.
    talk(cap, 40010, HELLO, hs(SERVER_HELLO, server_hello(0xc02f)) +
         hs(99, b'?') + alert(1, 77) + record(HEARTBEAT, b'\1\0\0') +
         hs(HELLO_REQUEST, b'') * 120)
    # Application data before there are keys.
    talk(cap, 40011, HELLO, hs(SERVER_HELLO, server_hello(0xc02f)) +
         sealed(100, DATA) + hs(HELLO_DONE, b''))
    # A change of cipher with the wrong body.
    talk(cap, 40012, HELLO, record(CCS, b'\2'))
    # Something that begins as TLS does.
    talk(cap, 40013, b'\x16\x03\x01\x00', b'', server=9999)
    talk(cap, 40014, b'\x16\x03\x01\x02\x00\x63' + bytes(50), b'hello',
         server=9999)
