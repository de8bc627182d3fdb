"""Hellos, coups and resigns of both versions, with a password and without,
said again, cut, and others' datagrams on the port."""
from pk import addr, u16, u32, u8

LOGS = ['hsrp', 'conn']
A, M = '10.0.0.1', '224.0.0.2'


def one(op, state, password=b'cisco\0\0\0'):
    return u8(0, op, state, 3, 10, 110, 1, 0) + password + addr('10.0.0.254')


def two(op, state, family=4, ip='10.0.0.254', more=b''):
    ip = addr(ip)
    return u8(1, 40, 2, op, state, family) + u16(16) + b'\2\0\0\0\0\1' + \
        u32(110, 3000, 10000) + ip + b'\0' * (16 - len(ip)) + more


def make(cap):
    for data in (one(0, 4), one(0, 4), one(0, 16), one(1, 8), one(2, 1),
                 one(0, 0, b'\0' * 8), u8(0, 3, 0, 10, 1, 0, 0, 0)):
        cap.udp(A, 1985, M, 1985, data)
    for data in (two(0, 5), two(0, 5), two(1, 4), u8(2, 4, 0, 0, 0, 1),
                 two(0, 5, more=u8(3, 8) + b'secret\0\0')):
        cap.udp('10.0.0.2', 1985, '224.0.0.102', 1985, data)
    cap.udp('fe80::1', 2029, 'ff02::66', 2029, two(0, 5, 6, 'fe80::9'))
    for n, data in enumerate((b'', b'\0', one(0, 4)[:19], two(0, 5)[:30],
                              b'\x01\x05junk!', b'GET / HTTP/1.0\r\n\r\n',
                              u8(0, 3))):
        cap.udp('10.0.1.%d' % n, 1985, M, 1985, data)
