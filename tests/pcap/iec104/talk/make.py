"""Transfer started, interrogation, measured values, a command with its
confirmation and a refused one, a set point, a clock, a reset, a file; cut
anywhere, and from the middle."""
import struct

LOGS = ['iec104', 'weird']
C, S = '10.0.0.1', '10.0.0.2'


def u(code):
    return bytes([0x68, 4, code, 0, 0, 0])


def i(n, kind, cause, ioa, body=b'', objects=1, ca=3, oa=0):
    asdu = struct.pack('<BBBBH', kind, objects, cause, oa, ca)
    if ioa is not None:
        asdu += struct.pack('<I', ioa)[:3] + body
    return struct.pack('<BBHH', 0x68, 4 + len(asdu), n << 1, 0) + asdu


def make(cap):
    t = cap.tcp(C, 40000, S, 2404)
    t.open()
    t.c(u(7))
    t.s(u(0xb))
    t.c(i(0, 100, 6, 0, b'\x14', oa=5), seg=[1, 5, 4])
    t.s(i(0, 100, 7, 0, b'\x14') + i(1, 13, 20, 1001, b'\0\0\x80\x3f\0', 0x83) +
        i(2, 1, 3, 70000, b'\1'), seg=7)
    t.s(b'\x68\4\1\0\2\0')
    t.c(i(1, 45, 6, 5000, b'\x81'))
    t.s(i(3, 45, 7, 5000, b'\x81'))
    t.c(i(2, 46, 6, 5001, b'\2') + i(3, 50, 6, 6000, b'\0\0\0\x40\0'))
    t.s(i(4, 46, 0x47, 5001, b'\2'))
    t.c(i(4, 103, 6, 0, bytes(7)) + i(5, 105, 6, 0, b'\1') +
        i(6, 110, 6, 77, bytes(3)) + i(7, 120, 13, 1, bytes(6)) +
        i(8, 200, 0x86, 1))
    t.c(u(0x43) + u(0x13))
    t.s(u(0x83) + u(0x23))
    t.close()
    t = cap.tcp(C, 40001, S, 12404)
    t.c(i(77, 58, 6, 5000, b'\1' + bytes(7)))
    t = cap.tcp(C, 40002, S, 12404)
    t.c(b'\x68\4\1\0\2\0')
    t.c(u(7))
