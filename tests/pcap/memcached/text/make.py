"""The text protocol in segments of a few bytes: values that hold line ends,
several keys, none found, a pipeline with errors, statistics, one that wants no
answer."""


def make(cap):
    c = cap.tcp('10.0.0.1', 40000, '10.0.0.2', 11212)
    c.open()
    c.c(b'set session:1 0 60 12\r\nget x\r\nend!!\r\n', seg=5)
    c.s(b'STORED\r\n', seg=3)
    c.c(b'get session:1 b c\r\n')
    c.s(b'VALUE session:1 0 12\r\nget x\r\nEND\r\n\r\n'
        b'VALUE b 0 5000\r\n' + b'v' * 5000 + b'\r\nEND\r\n', seg=700)
    c.c(b'gets none\r\n')
    c.s(b'END\r\n')
    c.c(b'incr n 1\r\ndelete n\r\nadd n 0 0 1 noreply\r\n1\r\ntouch n 5\r\n')
    c.s(b'7\r\nNOT_FOUND\r\nTOUCHED\r\n')
    c.c(b'gat 30 k\r\n')
    c.s(b'VALUE k 0 1\r\n1\r\nEND\r\n')
    c.c(b'stats\r\n')
    c.s(b'STAT pid 1\r\nSTAT version 1.6\r\nEND\r\n')
    c.c(b'flush_all\r\n')
    c.s(b'OK\r\n')
    c.c(b'mg k v\r\n')
    c.s(b'VA 3\r\nabc\r\n')
    c.c(b'version\r\nquit\r\n')
    c.s(b'VERSION 1.6.21\r\n')
    c.close()
