"""Items and paths that overrun, a command that there is not, a gap, several
services whose places lie; what is no EtherNet/IP on its ports."""
import struct

LOGS = ['enip', 'cip', 'cip_identity', 'cip_io', 'weird', 'conn']
C, S = '10.0.0.1', '10.0.0.2'


def e(cmd, data=b'', session=7, status=0, length=None):
    return struct.pack('<HHII8sI', cmd, len(data) if length is None else length,
                       session, status, b'context1', 0) + data


def rr(cip, n=None):
    return e(0x6f, bytes(6) + b'\1\0\xb2\0' +
             struct.pack('<H', len(cip) if n is None else n) + cip)


def make(cap):
    t = cap.tcp(C, 40000, S, 44818)
    t.open()
    t.c(rr(b'\x0e\2\x20\1\x24\1', 99))
    t.c(rr(b'\x0e\x20\x20\1'))
    t.c(rr(b'\x0e\2\x23\1\x24\1'))
    t.c(rr(b'\x0e\2\x91\xff\x24\1'))
    t.c(rr(b'\x0a\2\x20\2\x24\1\x40\0' + b'\xff\0' * 9))
    t.c(rr(b'\x0a\2\x20\2\x24\1\2\0\6\0\2\0\x0e\0'))
    t.c(e(0x6f, b'\1') + e(0x63, b'\1\0\x0c\0\4\0abcd') + e(0x6f, b'', 7, 0x64))
    t.skip('c', 50)
    t.c(rr(b'\7\2\x20\1\x24\1') + b'\x99\x99' + bytes(40))
    t.close()
    t = cap.tcp(C, 40001, S, 44818)
    t.open()
    t.c(b'GET / HTTP/1.0\r\nHost: something\r\n\r\n')
    t.close()
    t = cap.tcp(C, 40002, S, 44818)
    t.open()
    t.c(e(0x65, b'\1\0\0\0', 0) + e(0x70, bytes(10), length=60000))
    t.close()
    cap.udp(C, 2222, S, 2222, b'\2\0\2\x80\x08\0' + bytes(8) + b'\xb1\0\xff\0abc')
    cap.udp(C, 40003, S, 44818, e(0x63)[:20])
    cap.udp(C, 40004, S, 44818, e(0x63, b'', 0) + b'\1\2\3')
