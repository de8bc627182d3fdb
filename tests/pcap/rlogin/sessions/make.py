"""rlogin, rsh and rexec, cut anywhere, and what else comes to their ports."""
LOGS = ['rlogin', 'conn']
A, B = '10.0.0.1', '10.0.0.2'


def make(cap):
    port = 5000
    for to, data in ((513, b'\0alice\0root\0xterm/38400\0'),
                     (514, b'1022\0alice\0root\0cat /etc/passwd\0'),
                     (514, b'\0alice\0root\0id\0'),
                     (512, b'0\0root\0secret\0uname -a\0')):
        for seg in (None, 1):
            port += 1
            t = cap.tcp(A, port, B, to)
            t.open()
            t.c(data, seg=seg)
            t.s(b'\0answer\n')
            t.close()
    for to, data in ((513, b'1\0a\0b\0c\0'), (513, b'\0a\0b\0'),
                     (513, b'\0\0\0\0'), (514, b'abc\0a\0b\0c\0'),
                     (514, b'123456\0a\0b\0c\0'), (514, b'\0a\0b\0\x01\0'),
                     (512, b'GET / HTTP/1.0\r\n\r\n'), (512, b'\0' + b'u' *
                     3000)):
        port += 1
        t = cap.tcp(A, port, B, to)
        t.open()
        t.c(data)
        t.close()
