"""EVE's events: requests with their responses, pipelined and out of order, an
exception, more requests than wait, a response to nothing, bodies cut short."""
import struct

LOGS = ['modbus']
ARGS = ['--format', 'eve']
C, S = '10.0.0.1', '10.0.0.2'


def m(tid, pdu, unit=1):
    return struct.pack('>HHHB', tid, 0, len(pdu) + 1, unit) + pdu


def make(cap):
    t = cap.tcp(C, 40000, S, 502)
    t.open()
    t.c(m(1, b'\1\0\x10\0\x0a') + m(2, b'\3\0\0\0\2') + m(3, b'\6\0\1\0\3'), seg=[2, 9])
    t.s(m(2, b'\3\4\0\1ab') + m(1, b'\1\2\xff\3') + m(3, b'\x86\2'))
    t.c(m(4, b'\x10\0\1\0\1\2xy') + m(5, b'\x16\0\4\0\xf2\0\x25'))
    t.s(m(4, b'\x10\0\1\0\1') + m(5, b'\x16\0\4\0\xf2\0\x25'))
    t.c(m(6, b'\x17\0\3\0\6\0\x0e\0\1\2zz') + m(7, b'\x08\0\1\0\0') + m(8, b'\x2b\x0e\1\0'))
    t.s(m(6, b'\x17\2ok') + m(99, b'\4\2\0\7'))
    t.c(m(9, b'\5\0\7\xff\0') + m(10, b'\x41user') + m(11, b'\7') + m(12, b'\1\0'))
    t.close()
