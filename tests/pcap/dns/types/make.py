"""One answer of each record type that has a text of its own."""
import ipaddress

from dnskit import *
from pk import unhex

C, S = '10.0.0.1', '10.0.0.53'


def make(cap):
    ip4 = ipaddress.ip_address('192.0.2.1').packed
    ip6 = ipaddress.ip_address('2001:db8::1').packed
    cases = [
        (A, ip4), (AAAA, ip6), (NS, name('Ns1.Example.org')),
        (CNAME, name('other.example.org')),
        (SOA, name('ns.example.org') + name('admin.example.org') +
         u32(1, 2, 3, 4, 5)),
        (PTR, name('host.example.org')),
        (MX, u16(10) + name('mail.example.org')),
        (TXT, pre8(b'v=spf1 -all') + pre8(b'two \xc3\xa9')),
        (SRV, u16(1, 2, 389) + name('dc.example.org')),
        (NAPTR, u16(100, 50) + pre8(b's') + pre8(b'SIP+D2U') + pre8(b'') +
         name('_sip._udp.example.org')),
        (DS, u16(12345) + b'\x08\x02' + bytes(32)),
        (SSHFP, unhex('0401 00112233')),
        (RRSIG, u16(A) + b'\x08\x02' + u32(300, 2, 1) + u16(7) +
         name('example.org') + bytes(64)),
        (RRSIG, u16(NS) + b'\x08\x00' + u32(300, 2, 1) + u16(7) + name('') +
         bytes(64)),
        (NSEC, name('next.example.org') + unhex('0001 40')),
        (DNSKEY, unhex('0101 03 0d') + bytes(32)),
        (NSEC3, unhex('01 00 000a 02 aabb 02 ccdd 0001 40')),
        (29, unhex('00 12 16 13') + u32(1 << 31, 1 << 31, 10000000)),
        (SPF, pre8(b'v=spf1 mx')),
        (CAA, b'\0' + pre8(b'issue') + b'ca.example.org'),
        (10, b'tunnel'), (65534, unhex('0812340001')),
    ]
    for i, (kind, data) in enumerate(cases):
        q = question('q%d.Example.ORG' % i, kind)
        cap.udp(C, 5000 + i, S, 53, message(i, RD | AD, [q]))
        cap.udp(S, 53, C, 5000 + i, message(
            i, QR | RD | RA | AA, [q], [ptr(12) + rr(b'', kind, data)]))
