"""Lines that are no commands, a line too long, a length that cannot be; a
binary header that cannot be; a gap; on its port something else."""
import struct

LOGS = ['memcached', 'weird']


def conn(cap, port):
    c = cap.tcp('10.0.0.1', port, '10.0.0.2', 11211)
    c.open()
    return c


def make(cap):
    c = conn(cap, 40000)
    c.c(b'get a\r\nwhat is this\r\nset a 0 0 99999999999999\r\n\r\n')
    c.c(b'get ' + b'x' * 5000 + b'\r\nset a\r\ndelete z\r\n', seg=1000)
    c.s(b'END\r\n')
    c.close()
    c = conn(cap, 40001)
    c.c(struct.pack('>BBHBBHIIQ', 0x80, 0, 1, 0, 0, 0, 1, 1, 0) + b'k')
    c.c(struct.pack('>BBHBBHIIQ', 0x80, 0, 200, 0, 0, 0, 1, 1, 0) + b'k')
    c.close()
    c = conn(cap, 40002)
    c.c(b'get a\r\n')
    c.skip('s', 9)
    c.s(b'END\r\n')
    c.close()
    c = conn(cap, 40003)
    c.c(b'GET / HTTP/1.0\r\n\r\n')
    c.close()
