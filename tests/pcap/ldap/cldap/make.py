"""A domain controller is looked for over UDP; its answer is two messages in
one datagram."""
from berkit import *

LOGS = ['ldap_search', 'conn', 'weird']


def make(cap):
    filt = tlv(0xa0, equal('DnsDomain', 'example.org'), equal('Host', 'WKS1'),
               equal('DomainSid', u8(1, 4) + bytes(5) + u8(5) +
                     bytes.fromhex('15000000010000000200000003000000')),
               equal('DomainGuid', bytes(range(16))),
               equal('AAC', b'\x10\0\0\0'), equal('NtVer', b'\x16\0\0\x20'))
    ask = search(1, '', filt, 0, ['Netlogon'])
    cap.udp('10.0.0.1', 40001, '10.0.0.2', 389, ask)
    cap.udp('10.0.0.2', 389, '10.0.0.1', 40001, entry(1, '', wide=True) +
            result(1, 0x65, wide=True))
    cap.udp('10.0.0.1', 40002, '10.0.0.2', 3890, ask)
    cap.udp('10.0.0.1', 40003, '10.0.0.2', 389, ask + b'\x30')
    cap.udp('10.0.0.2', 3890, '10.0.0.1', 40004, entry(1, '') +
            result(1, 0x65))
