"""A protocol identifier that is not 0, a length of 1, bodies that are too
short, a message that is cut, a gap; and what is no Modbus."""
import struct

LOGS = ['modbus', 'weird']
C, S = '10.0.0.1', '10.0.0.2'


def m(tid, pdu, unit=1, protocol=0):
    return struct.pack('>HHHB', tid, protocol, len(pdu) + 1, unit) + pdu


def make(cap):
    for i, second in enumerate((m(2, b'\1\0\0\0\1', protocol=1), m(2, b''),
                                m(2, b'\1\0'), m(2, b'\x10\0\1\0\1\xff\0'),
                                m(2, b'\1\0\0\0\1')[:-1])):
        t = cap.tcp(C, 40000 + i, S, 502)
        t.open()
        t.c(m(1, b'\3\0\0\0\1') + second)
        t.s(m(1, b'\x83'))
        t.close()
    t = cap.tcp(C, 40010, S, 502)
    t.open()
    t.c(m(1, b'\3\0\0\0\1'))
    t.skip('c', 5)
    t.c(m(3, b'\3\0\0\0\1'))
    t.close()
    t = cap.tcp(C, 40011, S, 502)
    t.open()
    t.c(b'GET / HTTP/1.0\r\n\r\n')
    t.close()
    t = cap.tcp(C, 40012, S, 5021)
    t.open()
    t.c(m(1, b'\3\0\0\0\1\2'))
    t.close()
