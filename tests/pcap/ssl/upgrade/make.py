"""TLS behind a few messages in the clear, the hello cut in two, at the end of
the segment that asks for it, and with what looks like one in front; DTLS
between STUN messages."""
from pk import u8, u16, u32
from tlskit import *

LOGS = ['ssl', 'weird']
C, S = '10.0.0.1', '10.0.0.2'
X224 = bytes.fromhex('030000130ee000000000000100080003000000')
CONFIRM = bytes.fromhex('030000130ed000001234000200080001000000')
STUN = u16(1, 0) + u32(0x2112a442) + bytes(12)


def upgrade(cap, port, server, *clear, seg=None):
    """clear: client and server by turns; the client's begins."""
    t = cap.tcp(C, port, S, server)
    t.open()
    for i, part in enumerate(clear):
        if part:
            t.send('cs'[i % 2], part)
    t.c(hs(CLIENT_HELLO, client_hello(sni('up%d.example' % port))), seg=seg)
    t.s(tls12_server())
    t.c(tls12_client_end())
    t.s(ccs() + sealed(40))
    t.c(sealed(100, DATA))
    t.close()


def make(cap):
    upgrade(cap, 40001, 3389, X224, CONFIRM)
    upgrade(cap, 40002, 110, b'', b'+OK ready\r\n', b'STLS\r\n', b'+OK\r\n',
            seg=7)
    upgrade(cap, 40003, 143, b'', b'* OK ready\r\n', b'a STARTTLS\r\n',
            b'a OK\r\n')
    upgrade(cap, 40004, 5222, b"<?xml version='1.0'?><stream:stream to='x'>",
            b"<stream:stream from='x'><stream:features/>",
            b'<starttls \x16\x03\x01\x00\x16\x01 />', b'<proceed/>')
    upgrade(cap, 40005, 5432, u32(8, 80877103), b'S')
    upgrade(cap, 40006, 1080, u8(5, 1, 0), u8(5, 0),
            u8(5, 1, 0, 1, 192, 0, 2, 1) + u16(443),
            u8(5, 0, 0, 1, 0, 0, 0, 0, 0, 0))

    def c(data):
        cap.udp(C, 40008, S, 3478, data)

    def s(data):
        cap.udp(S, 3478, C, 40008, data)

    for _ in range(6):
        c(STUN)
        s(STUN)
    c(dtls(HANDSHAKE, fragment(CLIENT_HELLO, client_hello(
        sni('call.example'), version=DTLS12, cookie=b''), 0), 0))
    c(STUN)
    s(dtls(HANDSHAKE, fragment(SERVER_HELLO, server_hello(
        0xc02b, version=DTLS12), 0), 0))
    s(dtls(CCS, b'\1', 1) + dtls(HANDSHAKE, bytes(40), 0, epoch=1))
    c(dtls(CCS, b'\1', 1) + dtls(HANDSHAKE, bytes(40), 0, epoch=1))
    c(b'\x80' + bytes(60))
