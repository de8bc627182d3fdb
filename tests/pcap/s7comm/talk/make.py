"""Setup, reads and writes, a block loaded, the CPU stopped and started, lists
and clock by user data, errors; cut anywhere, and from the middle."""
from isokit import CC, CR, s7, var

LOGS = ['s7comm', 'weird']
C, S = '10.0.0.1', '10.0.0.2'


def make(cap):
    t = cap.tcp(C, 40000, S, 102)
    t.open()
    t.c(CR, seg=[3, 9])
    t.s(CC)
    t.c(s7(1, b'\xf0\0\0\1\0\1\1\xe0'), seg=[1, 5, 8])
    t.s(s7(3, b'\xf0\0\0\1\0\1\0\xf0', error=0))
    t.c(s7(1, b'\4\2' + var(0x84, 7, 80, 4) + var(0x81, 0, 0), ref=2))
    t.s(s7(3, b'\4\2', b'\xff\4\0\x20\1\2\3\4\xff\3\0\1\1', 2, 0))
    t.c(s7(1, b'\5\1' + var(0x82, 0, 3), b'\0\3\0\1\1', 3))
    t.s(s7(3, b'\5\1', b'\x0a', 3, 0x8500))
    t.c(s7(1, b'\x1a\0\1\0\0\0\0\0\x09_0800001P\x0d1000298000186', ref=4))
    t.s(s7(3, b'\x1a', b'', 4, 0))
    t.s(s7(1, b'\x1b\0\0\0\0\0\0\0\x09_0800001P', ref=5))
    t.c(s7(1, b'\x1d\0\0\0\0\0\0\0\x09_0A00001A', ref=6))
    t.c(s7(1, b'\x28\0\0\0\0\0\0\xfd\0\0\x09P_PROGRAM', ref=7))
    t.c(s7(1, b'\x28\0\0\0\0\0\0\xfd\0\x0a\1\x000800001P\x05_INSE', ref=8))
    t.c(s7(1, b'\x29\0\0\0\0\0\x09P_PROGRAM', ref=9))
    t.s(s7(2, b'', b'', 9, 0x8104))
    t.c(s7(7, b'\0\1\x12\4\x11\x44\1\0', b'\xff\x09\0\4\0\x11\0\0', 10))
    t.s(s7(7, b'\0\1\x12\x08\x12\x84\1\1\0\0\0\0', b'\xff\x09\0\0', 10))
    t.c(s7(7, b'\0\1\x12\4\x11\x47\2\0', b'\xff\x09\0\x0a' + bytes(10), 11))
    t.close()
    t = cap.tcp(C, 40001, S, 1102)
    t.c(s7(1, b'\4\1' + var(0x83, 0, 8), ref=12))
