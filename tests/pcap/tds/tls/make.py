"""TLS in PRELOGIN packets, then instead of packets; and one where only the
log-in is encrypted, after which batches can be read again."""
from tdskit import *
from tlskit import CLIENT_HELLO, client_hello, hs, sealed, sni

LOGS = ['tds', 'ssl', 'conn']


def make(cap):
    for port, mode in ((40000, 1), (40001, 0)):
        c = cap.tcp('10.0.0.1', port, '10.0.0.2', 1433)
        c.open()
        c.c(prelogin(mode))
        c.s(prelogin(mode, ANSWER))
        hello = hs(CLIENT_HELLO, client_hello(sni('db%d.example' % mode)))
        c.c(packet(PRELOGIN, hello), seg=50)
        c.s(packet(PRELOGIN, b'\x16\3\3\0\4\2\0\0\0'))
        c.c(sealed(100, 0x17), seg=33)
        if mode == 0:
            c.s(packet(ANSWER, login_ack() + done(0)))
            c.c(batch('SELECT 1'))
            c.s(packet(ANSWER, done(0x10, 1)))
        else:
            c.s(sealed(200, 0x17))
        c.close()
