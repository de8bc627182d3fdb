"""What comes of two offers: other algorithms for each direction, none in
common, the exchanges that show the key in other messages, versions 1 and
1.99, a greeting before the version, all in segments of one byte."""
from sshkit import *

LOGS = ['ssh', 'weird']
C, S = '10.0.0.1', '10.0.0.2'


def make(cap):
    t = cap.tcp(C, 40001, S, 22)
    t.open()
    t.c(b'SSH-2.0-Client_1\n' + kexinit(cipher_back='aes256-ctr'), seg=1)
    t.s(b'Welcome\r\nto this\r\nSSH-2.0-Server_2\r\n' + kexinit(), seg=1)
    t.c(packet(30, string(bytes(32))), seg=1)
    t.s(reply() + newkeys(), seg=1)
    t.close()

    t = cap.tcp(C, 40002, S, 22)
    t.open()
    t.c(b'SSH-2.0-Client_1\r\n')
    t.s(b'SSH-1.99-Server_2\r\n')
    t.c(kexinit('mine'))
    t.s(kexinit('yours,,his'))
    t.close()

    t = cap.tcp(C, 40003, S, 22)
    t.open()
    t.s(b'SSH-2.0-Server_2\r\n')
    t.c(b'SSH-2.0-Client_1\r\n')
    t.s(kexinit('diffie-hellman-group-exchange-sha256'))
    t.c(kexinit('diffie-hellman-group-exchange-sha256'))
    t.c(packet(34, u32(2048, 4096, 8192)))
    t.s(packet(31, string(bytes(512)) + string(b'\2')))
    t.c(packet(32, string(bytes(512))))
    t.s(reply(33) + newkeys())
    t.close()

    t = cap.tcp(C, 40004, S, 22)
    t.open()
    t.s(b'SSH-1.5-Server_1\n')
    t.c(b'SSH-1.5-Client_1\n')
    t.s(u32(267) + bytes(300))
    t.close()

    # Only one side is seen.
    t = cap.tcp(C, 40005, S, 2200)
    t.open()
    t.s(b'SSH-2.0-Server_2\r\n')
    t.s(kexinit())
    t.close()
