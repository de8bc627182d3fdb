"""What no client should send: commands out of order, ends of data that not
all servers see, zero bytes, lines without end, base 64 that is none, parts
within parts without end, replies that are none, and another protocol."""
from webkit import *

LOGS = ['smtp', 'weird']


def begin(cap, port, *more):
    t = talk(cap, port)
    dialog(t, 'S: 220 mx.example ESMTP', 'C: EHLO a.example', 'S: 250 Ok',
           *more)
    return t


def mail(cap, port, data):
    t = begin(cap, port, 'C: MAIL FROM:<lea@a.example>', 'S: 250 Ok',
              'C: RCPT TO:<bo@b.example>', 'S: 250 Ok', 'C: DATA', 'S: 354 go')
    t.c(data + b'\r\n.\r\n')
    dialog(t, 'S: 250 taken')
    t.close()


def make(cap):
    begin(cap, 40001, 'C: RCPT TO:<bo@b.example>', 'S: 503 MAIL first',
          'C: DATA', 'S: 503 RCPT first', 'C: MAIL', 'S: 501 who',
          'C: MAIL FROM:lea@a.example', 'S: 250 Ok', 'C: RCPT TO:', 'S: 501 ?',
          'C: RCPT TO:<bo@b.example', 'S: 250 Ok', 'C: FROB x', 'S: 500 ?',
          b'\r\n', 'C: QUIT', 'S: 221 Bye').close()

    # One mail for some servers, two for others.
    mail(cap, 40002, b'Subject: outer\r\n\r\nx\n.\nMAIL FROM:<in@a.example>\r\n'
         b'RCPT TO:<in@b.example>\r\nDATA\r\nSubject: smuggled\r\n\r\ny')
    mail(cap, 40003, b'Subject: outer\r\n\r\nx\n.\r\nMAIL FROM:<in@a.example>')
    mail(cap, 40004, b'Subject: zero\0inside\r\n: no name\r\nno colon\r\n\r\n\0')
    mail(cap, 40005, b'X-Long: ' + b's' * 20000 + b"\r\n fold" * 9832 +
         b'\r\n\r\n' + b'x' * 70000)
    mail(cap, 40006, b'Content-Transfer-Encoding: base64\r\n\r\n!!!=A=?\r\nSGk')
    mail(cap, 40007, b''.join(
        b'Content-Type: multipart/mixed; boundary=b%03d\r\n\r\n--b%03d\r\n' % (i, i)
        for i in range(120)) + b'\r\ninnermost')
    mail(cap, 40008, b'Received: from [1.2.3\r\nReceived: from ([]) by\r\n'
         b'To: "never closed <x@y\r\nX-Originating-IP: [no]\r\nDate:\r\n')

    t = begin(cap, 40009)
    t.c(b'NOOP ' + b'n' * 40000 + b'\r\nQUIT\r\n')
    dialog(t, 'S: 500 too long', 'S: 221 Bye')
    t.close()

    begin(cap, 40010, 'C: NOOP', 'S: what?', 'C: NOOP', 'S: 2x0 Ok', 'C: NOOP',
          'S: 999 Ok', 'C: AUTH PLAIN ====', 'S: 535 no', 'C: AUTH', 'S: 501 ?',
          'C: AUTH LOGIN', 'S: 334 x', b'\xff\xfe\r\n', 'S: 535 no').close()

    # A web browser; a server that greets with nothing known; no line at all.
    t = talk(cap, 40011, 25)
    t.s(lines('220 mx.example ESMTP'))
    t.c(get('/'))
    t.s(lines('500 what', '500 what', '500 what'))
    t.close()
    t = talk(cap, 40012, 25)
    t.s(b'SSH-2.0-x\r\n')
    t.close()
    t = begin(cap, 40013)
    t.c(b'MAIL FROM:<cut@a.exam')
    t.close()
