"""Announcements of versions 2 and 3 over both families, said again, changed,
and what is cut or is no VRRP."""
from pk import addr, u16, u8

LOGS = ['vrrp', 'conn']
A, M = '10.0.0.1', '224.0.0.18'


def make(cap):
    two = u8(0x21, 7, 100, 2, 1, 1) + u16(0) + addr('10.0.0.254') + \
        addr('10.0.0.253') + b'secret\0\0'
    for data in (two, two, two.replace(b'\x07\x64', b'\x07\x00'), two):
        cap.ip(A, M, 112, data, ttl=255)
    cap.ip('10.0.0.2', M, 112, u8(0x31, 8, 255, 1) + u16(100, 0) +
           addr('10.0.0.9'), ttl=255)
    cap.ip('fe80::1', 'ff02::12', 112, u8(0x31, 9, 90, 2) + u16(1000, 0) +
           addr('fe80::99') + addr('2001:db8::99'), ttl=255)
    for n, data in enumerate((two[:3], two[:12], u8(0x41, 1, 1, 0) + two,
                              u8(0x22, 1, 1, 0) + two,
                              u8(0x31, 1, 1, 255) + b'\0' * 900)):
        cap.ip('10.0.1.%d' % n, M, 112, data, ttl=255)
