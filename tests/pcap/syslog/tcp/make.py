"""Both framings of RFC 6587, cut anywhere; a last line without an end; what is
no syslog on its port."""
LOGS = ['syslog', 'weird']
C, S = '10.0.0.1', '10.0.0.2'


def make(cap):
    lines = [b'<13>Oct 11 22:14:15 host prog: line %d' % i for i in range(4)]
    t = cap.tcp(C, 5000, S, 514)
    t.open()
    t.c(lines[0] + b'\n' + lines[1] + b'\r\n' + lines[2] + b'\n' + lines[3],
        seg=[3, 30, 1])
    t.close()
    framed = b''.join(b'%d ' % len(x) + x for x in lines)
    t = cap.tcp(C, 5001, S, 601)
    t.open()
    t.c(framed, seg=[1, 1, 17])
    t.close()
    t = cap.tcp(C, 5002, S, 5514)
    t.open()
    t.c(framed[:-3])
    t.c(b'')
    t.close()
    t = cap.tcp(C, 5003, S, 514)
    t.open()
    t.c(framed + b'99999999 <13>x')
    t.close()
    t = cap.tcp(C, 5004, S, 514)
    t.open()
    t.c(b'1023\0root\0root\0ls -la /tmp/some/folder\0')
    t.close()
