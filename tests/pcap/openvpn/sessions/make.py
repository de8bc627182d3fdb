"""Sessions that begin over UDP and TCP, with signatures of all sizes; answers
that repeat another's identifier; messages cut."""
from pk import pre16, u32, u8

LOGS = ['openvpn', 'conn']
A, B = '10.0.0.1', '10.0.0.2'
C, S = b'client01', b'server01'


def hmac(size):
    return b'h' * size + u32(1, 1700000000) if size else b''


def client(size=0, op=7):
    return u8(op << 3) + C + hmac(size) + u8(0) + u32(0)


def server(size=0, peer=C):
    return u8(8 << 3) + S + hmac(size) + u8(1) + u32(0) + peer + u32(0)


def make(cap):
    for n, size in enumerate((0, 16, 20, 32, 48, 64)):
        cap.udp(A, 5000 + n, B, 1194, client(size, 10 if n == 3 else 7))
        cap.udp(B, 1194, A, 5000 + n, server(size))
        cap.udp(A, 5000 + n, B, 1194, b'\x20' + C + b'tls' * 20)
    for n, seg in enumerate((None, 1, 9)):
        t = cap.tcp(A, 5100 + n, B, 443)
        t.open()
        t.c(pre16(client()), seg=seg)
        t.s(pre16(server()), seg=seg)
        t.close()
    for n, (a, b) in enumerate(((client(), server(peer=b'somebody')),
                                (client(20), server()), (server(), client()),
                                (client()[:-1], server()),
                                (client(), server()[:-1]),
                                (client(), client()))):
        cap.udp(A, 6000 + n, B, 1194, a)
        cap.udp(B, 1194, A, 6000 + n, b)
    t = cap.tcp(A, 5110, B, 443)
    t.open()
    t.c(pre16(client()) + b'\xff\xff')
    t.s(b'\0\x03abc')
    t.close()
