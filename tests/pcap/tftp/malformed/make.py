"""Requests without an end, of a mode that there is not, packets that are none;
and what is not TFTP though it comes on its port."""
from pk import *

LOGS = ['tftp', 'tftp_transfer', 'weird', 'conn']
C, S = '10.0.0.1', '10.0.0.2'


def make(cap):
    good = u16(1) + b'file\0octet\0'

    def udp(port, *messages):
        for m in messages:
            cap.udp(C, port, S, 69, m)

    for i in range(len(good)):
        udp(40000 + i, good[:i])
    udp(41001, u16(1) + b'\0octet\0')
    udp(41002, u16(1) + b'file\0binary\0')
    udp(41003, good + b'blksize\0', b'\0\7what', b'', b'\0\3', good)
    udp(41004, u16(3, 1) + bytes(512))
    udp(41005, u16(1) + b'x' * 1000 + b'\0octet\0' + b'a\0b\0' * 20)
    # What comes on the flow that a request announced is not a transfer.
    udp(41006, good)
    cap.udp(S, 50000, C, 41006, b'hello world')
    udp(41007, good)
    cap.udp(S, 50001, C, 41007, u16(3, 1) + b'x' * 512)
    cap.udp(S, 50001, C, 41007, b'hello')
