"""RESP3 and inline commands: every type of reply, attributes, a push in
between, quotes; MONITOR; a replica."""


def make(cap):
    c = cap.tcp('10.0.0.1', 40000, '10.0.0.2', 6379)
    c.open()
    c.c(b'HELLO 3 AUTH ann secret\r\n', seg=5)
    c.s(b'%2\r\n$6\r\nserver\r\n$5\r\nredis\r\n$5\r\nproto\r\n:3\r\n', seg=3)
    for reply in (b'_\r\n', b'#t\r\n', b',1.5\r\n', b'(3492890328409238509\r\n',
                  b'!7\r\nERR bad\r\n', b'=8\r\ntxt:text\r\n',
                  b'~2\r\n+a\r\n+b\r\n', b'%0\r\n', b'*-1\r\n',
                  b'|1\r\n+ttl\r\n*1\r\n:3600\r\n*2\r\n:1\r\n|1\r\n+k\r\n+v\r\n'
                  b':2\r\n', b'>2\r\n+invalidate\r\n+x\r\n:5\r\n'):
        c.c(b'hget  table "a b"\n')
        c.s(reply, seg=2)
    c.c(b'\r\n')
    c.c(b'MONITOR\r\n')
    c.s(b'+OK\r\n+1700000000.1 [0 10.0.0.3:1] "set" "a" "b"\r\n')
    c.close()
    c = cap.tcp('10.0.0.1', 40001, '10.0.0.2', 6379)
    c.open()
    c.c(b'PSYNC ? -1\r\n')
    c.s(b'+FULLRESYNC 8de1787ba490483314a4d30f1c628bc5025eb761 0\r\n'
        b'$12\r\nREDIS0011xyz*3\r\n$3\r\nset\r\n')
    c.close()
