"""RESP2 in segments of a few bytes: a log-in, keys and values, nested arrays, a
string that is longer than what is kept, a pipeline with an error, nothing
found, subscriptions with messages, replies switched off; settings whose
passwords must not be told."""


def cmd(*words):
    return b'*%d\r\n' % len(words) + b''.join(
        b'$%d\r\n%s\r\n' % (len(w), w) for w in words)


def make(cap):
    c = cap.tcp('10.0.0.1', 40000, '10.0.0.2', 6380)
    c.open()
    c.c(cmd(b'AUTH', b'ann', b'secret'), seg=3)
    c.s(b'+OK\r\n', seg=1)
    c.c(cmd(b'set', b'colour', b'blue\r\ngreen'), seg=2)
    c.s(b'+OK\r\n')
    c.c(cmd(b'GET', b'big'))
    c.s(b'$9000\r\n' + b'0123456789' * 900 + b'\r\n', seg=700)
    c.c(cmd(b'XRANGE', b'st', b'-', b'+'))
    c.s(b'*2\r\n*2\r\n$3\r\n1-0\r\n*2\r\n+a\r\n:1\r\n*2\r\n$3\r\n2-0\r\n*0\r\n',
        seg=4)
    c.c(cmd(b'GET', b'nil') + cmd(b'INCR', b'colour') + cmd(b'DEL', b'colour'))
    c.s(b'$-1\r\n-ERR value is not an integer\r\n:1\r\n', seg=6)
    c.c(cmd(b'CONFIG', b'SET', b'dir', b'/var/spool/cron'))
    c.s(b'+OK\r\n')
    c.c(cmd(b'CONFIG', b'SET', b'maxmemory', b'1', b'requirepass', b'secret'))
    c.s(b'+OK\r\n')
    c.c(cmd(b'CONFIG', b'GET', b'*'))
    c.s(b'*2\r\n+requirepass\r\n+secret\r\n')
    c.c(cmd(b'ACL', b'SETUSER', b'bob', b'on', b'>secret'))
    c.s(b'+OK\r\n')
    c.c(cmd(b'CLIENT', b'REPLY', b'SKIP') + cmd(b'GET', b'a') + cmd(b'PING'))
    c.s(b'+PONG\r\n')
    c.c(cmd(b'SUBSCRIBE', b'news', b'jobs'))
    c.s(b'*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n'
        b'*3\r\n$9\r\nsubscribe\r\n$4\r\njobs\r\n:2\r\n'
        b'*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$2\r\nhi\r\n', seg=8)
    c.c(cmd(b'PING'))
    c.s(b'*2\r\n$4\r\npong\r\n$0\r\n\r\n')
    c.c(cmd(b'GET', b'never answered'))
    c.close()
