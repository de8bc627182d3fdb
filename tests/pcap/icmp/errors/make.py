"""Errors with the packet they are about, of both versions, cut packets and
packets that are none, redirects, and a flow that says the same again."""
from pk import TCP, UDP, addr, u8, u16, u32

C, S, R = '10.0.0.1', '10.0.0.2', '10.0.0.254'
C6, S6 = '2001:db8::1', '2001:db8::2'


def make(cap):
    udp = cap.ip_bytes(C, S, UDP, u16(5000, 53, 8, 0))
    tcp = cap.ip_bytes(C, S, TCP, u16(5001, 443) + u32(1))
    other = cap.ip_bytes(C, S, 47, b'\0' * 8)
    six = cap.ip_bytes(C6, S6, UDP, u16(5002, 53, 8, 0))
    cap.icmp(S, C, 3, 3, u32(0) + udp)
    cap.icmp(S, C, 3, 3, u32(0) + udp)             # again
    cap.icmp(R, C, 11, 0, u32(0) + tcp)
    cap.icmp(R, C, 3, 4, u16(0, 1400) + tcp)
    cap.icmp(R, C, 3, 13, u32(0) + other)
    cap.icmp(R, C, 5, 1, addr('10.0.0.253') + udp)
    cap.icmp(R, C, 12, 0, u32(0) + udp[:22])       # no ports
    cap.icmp(R, C, 3, 0, u32(0) + udp[:12])        # no addresses
    cap.icmp(R, C, 3, 1, u32(0) + b'\x41' + udp[1:])  # header too short
    cap.icmp(R, C, 3, 2, u32(0) + b'\x75' * 40)    # no IP
    cap.icmp(S6, C6, 1, 4, u32(0) + six)
    cap.icmp(S6, C6, 2, 0, u32(1280) + six)
    cap.icmp(S6, C6, 4, 1, u32(40) + six[:39])
    cap.icmp(R, C, 200, 7, u32(0) + b'unknown')
    for i in range(3):
        cap.icmp(C, S, 8, 0, u16(7, i) + bytes(56))
        cap.icmp(S, C, 0, 0, u16(7, i) + bytes(56))
