"""What is no SSH, or hopeless SSH: other protocols on its port, lines without
end, lengths that lie, lists longer than their packet, a gap."""
from sshkit import *

LOGS = ['ssh', 'weird']
C, S = '10.0.0.1', '10.0.0.2'


def begin(cap, port):
    t = cap.tcp(C, port, S, 22)
    t.open()
    t.s(b'SSH-2.0-Server_2\r\n')
    t.c(b'SSH-2.0-Client_1\r\n')
    return t


def make(cap):
    t = cap.tcp(C, 40001, S, 22)
    t.open()
    t.c(b'GET / HTTP/1.0\r\n\r\n')
    t.s(b'HTTP/1.0 200 OK\r\n\r\n')
    t.close()

    t = cap.tcp(C, 40002, S, 22)
    t.open()
    t.s(b'SSH-2.0-' + b'x' * 3000 + b'\r\n')
    t.close()

    t = cap.tcp(C, 40003, S, 22)
    t.open()
    t.s(b'no version here\r\n' * 1000)
    t.close()

    t = begin(cap, 40004)
    t.s(u32(0x7fffffff) + bytes(100))
    t.close()

    t = begin(cap, 40005)
    t.s(u32(0) + bytes(100))
    t.close()

    t = begin(cap, 40006)
    t.c(packet(KEXINIT, COOKIE + u32(0xffffffff) + b'curve'))
    t.s(kexinit())
    t.s(packet(31, u32(4000) + b'short'))
    t.close()

    t = begin(cap, 40007)
    t.s(u32(6) + u8(200, KEXINIT) + bytes(4))
    t.close()

    t = begin(cap, 40008)
    t.c(kexinit())
    t.skip('s', 100)
    t.s(kexinit()[100:])
    t.close()

    t = begin(cap, 40009)
    t.c(kexinit(cipher=','.join('cipher%d' % i for i in range(900))))
    t.s(kexinit(cipher=','.join('other%d' % i for i in range(900))))
    t.close()
