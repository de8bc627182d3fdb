"""Objects made, variables read and set, a notification, signed messages, a
keep-alive, a part of a longer message."""
import struct

from isokit import CC, CR, dt

LOGS = ['s7comm_plus', 'weird', 'conn']
C, S = '10.0.0.1', '10.0.0.2'


def plus(opcode, function, version=1, rest=b'\0' * 12):
    body = struct.pack('>BHHHH', opcode, 0, function, 0, 1) + rest
    if version == 3:
        body = b'\x20' + bytes(32) + body
    return dt(struct.pack('>BBH', 0x72, version, len(body)) + body)


def make(cap):
    t = cap.tcp(C, 40000, S, 102)
    t.open()
    t.c(CR)
    t.s(CC)
    t.c(plus(0x31, 0x4ca), seg=[4, 11])
    t.s(plus(0x32, 0x4ca))
    t.c(plus(0x31, 0x542, 2) + plus(0x31, 0x54c, 3) + plus(0x31, 0x9999))
    t.s(plus(0x33, 0))
    t.c(dt(b'\x72\xfe\0\0') + dt(b'\x72\1\0\4part') + dt(b'\x72\3\0\1\x20'))
    t.close()
