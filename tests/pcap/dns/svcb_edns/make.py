"""HTTPS answers with their parameters, and every EDNS option that is told."""
import ipaddress

from dnskit import *
from pk import pre16, u8

C, S = '10.0.0.1', '10.0.0.53'


def param(key, value):
    return u16(key) + pre16(value)


def make(cap):
    q = question('www.example.org', HTTPS)
    ip4 = ipaddress.ip_address('192.0.2.1').packed
    ip6 = ipaddress.ip_address('2001:db8::1').packed
    data = u16(1) + name('') + param(1, pre8(b'h3') + pre8(b'h2')) + param(
        3, u16(8443)) + param(4, ip4) + param(5, bytes(71)) + param(
        6, ip6) + param(65280, b'x')
    ask = opt([(8, u16(1) + u8(24, 0) + ip4[:3]), (10, bytes(range(8))),
               (12, bytes(40))], dnssec=True)
    reply = opt([(8, u16(1) + u8(24, 24) + ip4[:3]),
                 (15, u16(15) + b'by policy'), (15, u16(3))], size=4096)
    cap.udp(C, 5000, S, 53, message(7, RD, [q], extra=[ask]))
    cap.udp(S, 53, C, 5000, message(
        7, QR | RD | RA, [q], [rr(ptr(12), HTTPS, data),
                               rr(ptr(12), HTTPS, u16(0) + name('a.b'))],
        extra=[reply]))
    # An extended code: BADVERS is 16, whose upper bits are in the record.
    cap.udp(C, 5001, S, 53, message(8, RD, [q], extra=[opt()]))
    bad = b'\0' + u16(OPT, 512) + u8(1, 0, 0, 0) + u16(0)
    cap.udp(S, 53, C, 5001, message(8, QR, [q], extra=[bad]))
