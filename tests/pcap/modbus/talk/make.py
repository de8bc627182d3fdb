"""Reads and writes of coils and registers, exceptions, diagnostics, device
identification, UMAS; cut anywhere, on another port, and from the middle."""
import struct

LOGS = ['modbus', 'weird']
C, S = '10.0.0.1', '10.0.0.2'


def m(tid, pdu, unit=1):
    return struct.pack('>HHHB', tid, 0, len(pdu) + 1, unit) + pdu


def make(cap):
    t = cap.tcp(C, 40000, S, 502)
    t.open()
    t.c(m(1, b'\1\0\x10\0\x0a') + m(2, b'\3\0\0\0\2'), seg=[1, 2, 7])
    t.s(m(1, b'\1\2\xff\3') + m(2, b'\3\4\0\1\xff\xff'), seg=[5, 1])
    t.c(m(3, b'\5\0\7\xff\0') + m(4, b'\6\0\1\0\3'))
    t.s(m(3, b'\5\0\7\xff\0') + m(4, b'\x86\2'))
    t.c(m(5, b'\x0f\0\x13\0\x0a\2\xcd\1') + m(6, b'\x10\0\1\0\2\4\0\x0a\1\2'))
    t.s(m(5, b'\x0f\0\x13\0\x0a') + m(6, b'\x10\0\1\0\2'))
    t.c(m(7, b'\x16\0\4\0\xf2\0\x25') +
        m(8, b'\x17\0\3\0\6\0\x0e\0\1\2\0\xff') + m(9, b'\x18\4\xde'))
    t.s(m(7, b'\x16\0\4\0\xf2\0\x25') + m(8, b'\x17\2\0\xfe') + m(9, b'\x98\x63'))
    t.c(m(10, b'\x08\0\1\0\0') + m(11, b'\x2b\x0e\1\0') + m(12, b'\x5a\0\x40\xff\0'))
    t.s(m(11, b'\x2b\x0e\1\1\0\0\3\0\4Acme\1\5PLC-1\2\4V1.0'))
    t.c(m(13, b'\x64what'))
    t.close()
    t = cap.tcp(C, 40001, S, 5020)
    t.open()
    t.c(m(1, b'\x10\0\1\0\1\2\0\x0a'))
    t.s(m(1, b'\x10\0\1\0\1'))
    t.close()
    t = cap.tcp(C, 40002, S, 502)
    t.c(m(7, b'\4\0\0\0\1'))
    t.s(m(7, b'\4\2\0\7'))
