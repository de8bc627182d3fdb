"""Hellos of both versions said again and changed, updates, what is cut, lies
about its length or is no OSPF."""
from pk import addr, u16, u32, u8

LOGS = ['ospf', 'weird', 'conn']
A, B, M = '10.0.0.1', '10.0.0.2', '224.0.0.5'
A6, M6 = 'fe80::1', 'ff02::5'


def ospf(kind, body, router='1.1.1.1', auth=0, length=None):
    return u8(2, kind) + u16(24 + len(body) if length is None else length) + \
        addr(router) + addr('0.0.0.7') + u16(0, auth) + b'\0' * 8 + body


def ospf3(kind, body, router='3.3.3.3'):
    return u8(3, kind) + u16(16 + len(body)) + addr(router) + \
        addr('0.0.0.0') + u16(0) + u8(0, 0) + body


def hello(*neighbors):
    return addr('255.255.255.0') + u16(10) + u8(2, 1) + u32(40) + \
        addr('10.0.0.1') + addr('0.0.0.0') + b''.join(map(addr, neighbors))


def make(cap):
    for data in (hello(), hello(), hello('2.2.2.2'), hello('2.2.2.2')):
        cap.ip(A, M, 89, ospf(1, data))
    cap.ip(B, M, 89, ospf(1, hello('1.1.1.1'), '2.2.2.2', auth=1))
    cap.ip(B, M, 89, ospf(1, hello('1.1.1.1'), '2.2.2.2', auth=2))
    cap.ip(B, M, 89, ospf(1, hello('1.1.1.1'), '2.2.2.2', auth=9))
    cap.ip(A, B, 89, ospf(2, b'd' * 8))
    cap.ip(A, B, 89, ospf(3, b'r' * 12))
    cap.ip(A, B, 89, ospf(4, u32(3) + b'l' * 60))
    cap.ip(B, A, 89, ospf(5, b'a' * 20, '2.2.2.2'))
    cap.ip(A6, M6, 89, ospf3(1, u32(5) + u8(1, 0, 0, 0x13) + u16(10, 40) +
                             addr('3.3.3.3') + addr('4.4.4.4') +
                             addr('4.4.4.4')))
    cap.ip(A6, M6, 89, ospf3(4, u32(1) + b'l' * 20))
    for n, data in enumerate((
            ospf(1, hello(), length=9), ospf(1, hello(), length=999),
            ospf(1, hello()[:7]), ospf(4, b''), ospf(1, hello())[:20],
            ospf(9, b''), u8(4, 1) + u16(24) + b'x' * 20, u8(2),
            ospf(1, hello(*['9.9.9.%d' % i for i in range(99)])))):
        cap.ip('10.0.1.%d' % n, M, 89, data)
