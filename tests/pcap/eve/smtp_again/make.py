"""EVE events: a client that greets again drops its envelope, which is odd."""

ARGS = ['--format', 'eve']
LOGS = ['smtp', 'anomaly']


def make(cap):
    c = cap.tcp('10.0.0.1', 40000, '10.0.0.2', 25)
    c.open()
    c.s(b'220 mx.example ESMTP\r\n')
    for line, reply in ((b'HELO client.example', b'250 mx'),
                        (b'MAIL FROM:<a@a.example>', b'250 ok'),
                        (b'EHLO client.example', b'250 mx'),
                        (b'MAIL FROM:<b@a.example>', b'250 ok'),
                        (b'RCPT TO:<c@b.example>', b'250 ok'),
                        (b'DATA', b'354 go'),
                        (b'Received: from h (h [10.0.0.9]) by client.example'
                         b'\r\nFrom: b@a.example\r\n\r\nhello\r\n.',
                         b'250 ok'),
                        (b'QUIT', b'221 bye')):
        c.c(line + b'\r\n')
        c.s(reply + b'\r\n')
    c.close()
