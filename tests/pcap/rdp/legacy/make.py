"""RDP's own encryption: settings of the client, the server's certificate of
its own kind and as X.509, answers that refuse, an old client whose settings
are short, keyboards with and without a name, and no negotiation at all."""
from rdpkit import *
from tlskit import CA, LEAF

LOGS = ['rdp', 'x509', 'weird']
C, S = '10.0.0.1', '10.0.0.2'


def run(cap, port, first, second, settings, reply=None, seg=None):
    t = cap.tcp(C, port, S, 3389)
    t.open()
    t.c(first, seg=seg)
    t.s(second, seg=seg)
    t.c(settings, seg=seg)
    if reply:
        t.s(reply, seg=seg)
        t.c(b'\3\0\0\x0c\2\xf0\x80\4\1\0\1\0')
    t.close()


def make(cap):
    channels = net(b'rdpdr', b'cliprdr', b'rdpsnd')
    run(cap, 40000, ask(b'OFFICE\\ann', 0), answer(2, 0),
        client(core('PC-7', product='55274-OEM-0011903-00107'), channels),
        server(security(2, 3, RSA1)), seg=17)
    run(cap, 40001, ask(b'ann'), answer(),
        client(core('PC-8', build=9600, keyboard=263198, caps=3), net()),
        server(security(16, 4, x509(CA, LEAF))))
    run(cap, 40002, ask(), answer(),
        client(core('PC-9', build=4711, keyboard=0x7fff, short=True)))
    run(cap, 40003, ask(b'x', 0), answer(2, 0), client(core('A' * 40)),
        server(security(0, 0), result=1))
