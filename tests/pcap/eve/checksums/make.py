"""EVE events: as for Suricata, a wrong checksum of IPv4 or UDP is no matter. A
flow of questions to a name server lasts as long as others of UDP."""
from pk import IP4, UDP, mac_of, u8, u16

ARGS = ['--format', 'eve']
LOGS = ['flow']


def make(cap):
    a, b = '10.0.0.1', '10.0.0.53'
    ask = (u16(5000, 53, 29, 1) + u16(7, 256, 1, 0, 0, 0) + b'\1a\0' +
           u16(1, 1) + b'\0\0')
    cap.ip(a, b, UDP, ask)
    cap.wait(20)
    cap.eth(mac_of(a), mac_of(b), IP4,
            u8(0x45, 0) + u16(20 + len(ask), 0, 0) + u8(64, UDP) +
            u16(0xdead) + u8(10, 0, 0, 1, 10, 0, 0, 53) + ask)
