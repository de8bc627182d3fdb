"""A packet shorter than its header, a type that there is not, a log-in whose
texts lie outside; a gap; on its port something else."""
from tdskit import *

LOGS = ['tds', 'weird']


def conn(cap, port):
    c = cap.tcp('10.0.0.1', port, '10.0.0.2', 1433)
    c.open()
    return c


def make(cap):
    c = conn(cap, 40000)
    c.c(batch('SELECT 1'))
    c.s(packet(ANSWER, done(0x10, 1)))
    c.c(b'\1\1\0\4\0\0\1\0')
    c.close()
    c = conn(cap, 40001)
    c.c(prelogin(2))
    c.s(prelogin(2, ANSWER))
    body = b'\xff' * 94
    c.c(packet(LOGIN, b'\x62\0\0\0' + body))
    c.c(packet(LOGIN, b'short'))
    c.c(packet(99, b'what'))
    c.close()
    c = conn(cap, 40002)
    c.c(batch('SELECT 1'))
    c.skip('s', 20)
    c.s(packet(ANSWER, done(0x10, 1)))
    c.close()
    c = conn(cap, 40003)
    c.c(b'GET / HTTP/1.0\r\n\r\n')
    c.close()
