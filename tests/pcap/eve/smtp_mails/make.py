"""EVE events: URLs, hashes and files of mails; greetings that are refused,
mails that are sent before the reply to the one before, replies that are none."""

import base64

ARGS = ['--format', 'eve']
LOGS = ['smtp', 'fileinfo', 'anomaly']

LONG = b'n' * 300 + b'.exe'
CODED = base64.b64encode(b'<a href="https://b.example/in?x=1">http://c.example'
                        b'</a>')

MIXED = (b'Subject: parts\r\nContent-Type: multipart/mixed; boundary=X\r\n\r\n'
         b'--X\r\n\r\nlook at http://a.example/1, and ftp://f.example\r\n'
         b'--X\r\nContent-Type: text/html\r\n'
         b'Content-Transfer-Encoding: base64\r\n\r\n'
         + CODED[:40] + b'\r\n' + CODED[40:] + b'\r\n'
         b'--X\r\nContent-Type: application/x-any; name=a.txt\r\n'
         b'Content-Transfer-Encoding: quoted-printable\r\n\r\n'
         b'http://no.example =3D\r\nend\r\n'
         b'--X\r\nContent-Disposition: attachment; filename="' + LONG +
         b'"\r\n\r\none\r\n\r\n'
         b'--X--\r\n.')
PLAIN = (b'Subject: one\r\nContent-Disposition: attachment; filename=b.txt'
         b'\r\n\r\n..dot\r\nline\r\n.')


def talk(c, pairs):
    for line, reply in pairs:
        c.c(line + b'\r\n')
        c.s(reply + b'\r\n')


def envelope(who):
    return ((b'MAIL FROM:<%s@a.example>' % who, b'250 ok'),
            (b'RCPT TO:<c@b.example>', b'250 ok'), (b'DATA', b'354 go'))


def make(cap):
    c = cap.tcp('10.0.0.1', 40000, '10.0.0.2', 25)
    c.open()
    c.s(b'220 mx.example ESMTP\r\n')
    talk(c, ((b'HELO client.example', b'250 mx'),
             (b'EHLO', b'501 whose name?'), *envelope(b'a'),
             (MIXED, b'250 ok'), *envelope(b'b')))
    c.c(PLAIN + b'\r\nMAIL FROM:<c@a.example>\r\n'
        b'RCPT TO:<c@b.example>\r\nDATA\r\n')
    c.s(b'250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n')
    talk(c, ((b'From: c@a.example\r\n\r\nhello\r\n.', b'250 ok'),
             (b'HELO ' + b'x' * 5000, b'250 mx'), (b'QUIT', b'221 bye')))
    c.close()
    # A client that speaks another protocol, and a server that tells it.
    c = cap.tcp('10.0.0.1', 40001, '10.0.0.2', 25)
    c.open()
    c.c(b'\x01\x02\x03 nonsense\r\n')
    c.s(b'220 mx.example ESMTP\r\n402 what?\r\n402 again\r\n')
    c.close()
    # A greeting without a name is one.
    c = cap.tcp('10.0.0.1', 40002, '10.0.0.2', 25)
    c.open()
    c.s(b'220 mx.example ESMTP\r\n')
    talk(c, ((b'EHLO', b'250 mx'), (b'QUIT', b'221 bye')))
    c.close()
