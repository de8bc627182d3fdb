"""A reply that is none, a request whose array holds no strings, arrays in
arrays without end, a count that cannot be; a gap; and on Redis' port a server
that speaks something else."""

LOGS = ['redis', 'weird']


def conn(cap, port):
    c = cap.tcp('10.0.0.1', port, '10.0.0.2', 6379)
    c.open()
    return c


def make(cap):
    c = conn(cap, 40000)
    c.c(b'PING\r\nPING\r\n')
    c.s(b'+PONG\r\nnot one\r\n')
    c.close()
    c = conn(cap, 40001)
    c.c(b'*2\r\n$4\r\nPING\r\n:3\r\n')
    c.c(b'*1\r\n$4\r\nPING\r\n*2\r\n:1\r\n')
    c.close()
    c = conn(cap, 40002)
    c.c(b'PING\r\nKEYS *\r\n')
    c.s(b'+PONG\r\n' + b'*1\r\n' * 20)
    c.close()
    c = conn(cap, 40003)
    c.c(b'PING\r\nGET a\r\n')
    c.s(b'+PONG\r\n$99999999999\r\nx\r\n')
    c.close()
    c = conn(cap, 40004)
    c.c(b'SET a 1\r\nSET b 2\r\n')
    c.s(b'+OK\r\n')
    c.skip('s', 5)
    c.c(b'SET c 3\r\n')
    c.s(b'+OK\r\n')
    c.close()
    c = conn(cap, 40005)
    c.c(b'hello there\r\n')
    c.s(b'what?\r\n')
    c.close()
