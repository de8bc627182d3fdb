"""Discovery, a call and its answer, notifications told once, an error; over
TCP cut anywhere; a length that lies."""
import struct

LOGS = ['someip', 'weird', 'conn']
A, B = '10.0.0.1', '10.0.0.2'


def m(service, method, kind, body=b'', code=0, length=None):
    return struct.pack('>HHIHHBBBB', service, method,
                       8 + len(body) if length is None else length, 1, 2, 1, 3,
                       kind, code) + body


def sd(*kinds):
    e = b''.join(struct.pack('>BBBBHHII', k, 0, 0, 0x10, 0x1234, 1, 0x01000003, 0)
                 for k in kinds)
    return m(0xffff, 0x8100, 2, b'\xc0\0\0\0' + struct.pack('>I', len(e)) + e + bytes(4))


def make(cap):
    cap.udp(A, 30490, '224.224.224.245', 30490, sd(1, 0))
    cap.udp(A, 30490, '224.224.224.245', 30490, sd(6, 7, 9))
    cap.udp(A, 40000, B, 30501, m(0x1111, 0x8001, 2, b'abc') * 2)
    cap.udp(A, 40000, B, 30501, m(0x1111, 0x8001, 2, b'abd'))
    cap.udp(A, 40000, B, 30501, m(0x1111, 0x8001, 2, b'abd', length=99))
    t = cap.tcp(A, 40001, B, 30490)
    t.open()
    t.c(m(0x2222, 1, 0, b'x' * 5000), seg=[5, 20, 1000])
    t.s(m(0x2222, 1, 0x80, b'y'), seg=3)
    t.s(m(0x2222, 2, 0x81, b'', 3) + m(0x2222, 2, 0x55))
    t.close()
    cap.udp(A, 40002, B, 30490, m(1, 1, 0, length=3))
