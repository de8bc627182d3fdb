"""Two transfers at once between the same hosts: each file has the name that
its own request gave; a long one is cut."""
from pk import *

LOGS = ['tftp_transfer', 'files', 'weird']
C, S = '10.0.0.1', '10.0.0.2'


def make(cap):
    cap.udp(C, 40001, S, 69, u16(1) + b'one.txt\0octet\0')
    cap.udp(C, 40002, S, 69, u16(1) + b'd/' * 50 + b'two\0octet\0')
    for block in (1, 2):
        for port in (40002, 40001):
            cap.udp(S, 10000 + port, C, port, u16(3, block) +
                    b'text\n' * (102 if block == 1 else 2) +
                    (b'.\n' if block == 1 else b''))
            cap.udp(C, port, S, 10000 + port, u16(4, block))
