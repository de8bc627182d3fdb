"""EVE events: a response that nobody asked for, beside one that was."""

ARGS = ['--format', 'eve']
LOGS = ['http', 'anomaly']

REPLY = b'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'


def make(cap):
    c = cap.tcp('10.0.0.1', 40000, '10.0.0.2', 80)
    c.open()
    c.c(b'GET / HTTP/1.1\r\nHost: a.example\r\n\r\n')
    c.s(REPLY)
    c.s(REPLY)
    c.close()
    c = cap.tcp('10.0.0.1', 40001, '10.0.0.2', 80)
    c.open()
    c.s(REPLY)
    c.close()
