"""Requests, replies, gratuitous claims, probes; the same told again within five
minutes and after; a frame from another MAC than it claims; what is no ARP."""
from pk import ARP, u8, u16

A, B, C = '02:00:00:00:00:01', '02:00:00:00:00:02', '02:00:00:00:00:03'
NONE, ALL = '00:00:00:00:00:00', 'ff:ff:ff:ff:ff:ff'


def make(cap):
    for _ in range(3):
        cap.arp(1, A, '10.0.0.1', NONE, '10.0.0.2')
        cap.arp(2, B, '10.0.0.2', A, '10.0.0.1')
    cap.arp(1, A, '10.0.0.1', NONE, '10.0.0.1')        # gratuitous
    cap.arp(2, C, '10.0.0.2', ALL, '10.0.0.2', dst=ALL)  # another MAC claims
    cap.arp(1, C, '0.0.0.0', NONE, '10.0.0.3')         # a probe (RFC 5227)
    cap.arp(1, A, '10.0.0.1', NONE, '10.0.0.2', vlan=7)
    cap.arp(3, A, '0.0.0.0', A, '0.0.0.0')
    cap.arp(77, A, '10.0.0.1', B, '10.0.0.2')
    body = u16(1, 0x0800) + u8(6, 4) + u16(2)
    claim = bytes.fromhex(B.replace(':', '')) + b'\x0a\0\0\2'
    cap.eth(C, A, ARP, body + claim + claim)
    cap.eth(A, ALL, ARP, body + claim)                 # cut
    cap.eth(A, ALL, ARP, u16(1, 0x0800) + u8(255, 255) + u16(1) + bytes(20))
    cap.eth(A, ALL, ARP, u16(15, 0x0800) + u8(6, 4) + u16(1) + bytes(20))
    cap.wait(300)
    cap.arp(1, A, '10.0.0.1', NONE, '10.0.0.2')
