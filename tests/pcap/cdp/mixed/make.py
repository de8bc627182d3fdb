"""A router over SNAP with padding, told once; addresses of both families; a
VoIP telephone in a VLAN; elements that lie."""
from pk import u8, u16, u32

LOGS = ['cdp']
A, TO = '02:00:00:00:00:01', '01:00:0c:cc:cc:cc'


def t(kind, body):
    return u16(kind, len(body) + 4) + body


def make(cap):
    v4 = u8(1, 1, 0xcc) + u16(4) + b'\x0a\0\0\1'
    v6 = u8(2, 8) + b'\xaa\xaa\3\0\0\0\x86\xdd' + u16(16) + bytes(15) + b'\1'
    body = (u8(2, 180) + u16(0) + t(1, b'r1.example') + t(2, u32(2) + v4 + v6) +
            t(3, b'Gi0/1') + t(4, u32(0x29)) + t(5, b'IOS 15.2') + t(6, b'cisco C2960') +
            t(9, b'dom') + t(10, u16(99)))
    for _ in range(2):
        cap.snap(A, TO, 0x0c, 0x2000, body)
    cap.snap(A, TO, 0x0c, 0x2000, u8(1, 60) + u16(0) + t(1, b'SEP1'), vlan=20)
    cap.snap(A, TO, 0x0c, 0x2000, u8(2, 180) + u16(0) + t(1, b'x') + u16(2, 2))
    cap.snap(A, TO, 0x0c, 0x2000, u8(2, 180) + u16(0) + u16(1, 500) + b'x' * 50)
    cap.snap(A, TO, 0x0c, 0x2000, u8(2, 180) + u16(0) + t(1, b'y') + t(2, u32(9) + b'\1\1'))
    cap.snap(A, TO, 0x0c, 0x2004, body)
