"""Options that run over the end, no options, no cookie, a kind unknown, and
what is no DHCP at all."""
from dhcpkit import *

LOGS = ['dhcp', 'weird']
ANY, ALL, MAC = '0.0.0.0', '255.255.255.255', '02:00:00:00:02:01'


def make(cap):
    good = message(1, 5, MAC, DISCOVER, [(12, b'name')])
    sent = [good[:-1] + b'\x3c\xff', good[:240], good[:236], good[:200],
            message(1, 6, MAC, 99), good[:236] + bytes(64),
            b'\x03' + good[1:], bytes(300)]
    for i, data in enumerate(sent):
        cap.udp('10.0.0.%d' % (1 + i), 68, ALL, 67, data)
        cap.wait(1)
    cap.udp('10.0.0.99', 5000, '10.0.0.98', 5001, good)
