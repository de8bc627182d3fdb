"""Mail in lines: several in one connection, pipelined, cut into single bytes,
refused, with parts as files, with logins of three kinds, and over to TLS."""
import base64

from tlskit import CLIENT_HELLO, client_hello, hs, sni, tls12_server
from webkit import *

LOGS = ['smtp', 'files', 'weird', 'ssl']

HEAD = lines('Received: from b.example ([198.51.100.2]) by c.example; now',
             'Received: from a.example (HELO a) ([198.51.100.1])',
             ' by b.example with SMTP; earlier',
             'Date: Mon, 1 Jan 2024 00:00:00 +0000',
             'From: "Lea" <lea@a.example>', 'To: Bo <bo@b.example>,',
             '\t"Cy, the third" <cy@b.example>', 'Cc: di@b.example',
             'Reply-To: reply@a.example', 'Message-ID: <1@a.example>',
             'In-Reply-To: <0@b.example>', 'Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=',
             'X-Originating-IP: [203.0.113.9]', 'User-Agent: Writer 1.0')
PARTS = (lines('MIME-Version: 1.0',
               'Content-Type: multipart/mixed; boundary="b1"', '', 'preamble',
               '--b1', '', 'A text.', '..two dots, one of them added', '--b1',
               'Content-Type: image/png; name="x.png"',
               'Content-Disposition: attachment; filename="a.png"',
               'Content-Transfer-Encoding: base64', '') +
         base64.encodebytes(PNG).replace(b'\n', b'\r\n') +
         lines('--b1', 'Content-Transfer-Encoding: quoted-printable', '',
               'a=3Db and a soft =', 'break', '--b1--'))


def greeted(cap, port, sport=25, hello='EHLO client.example'):
    t = talk(cap, port, sport)
    dialog(t, 'S: 220 mx.example ESMTP', 'C: ' + hello, 'S: 250-mx.example',
           'S: 250-PIPELINING', 'S: 250 AUTH PLAIN LOGIN')
    return t


def envelope(t, *to):
    dialog(t, 'C: MAIL FROM:<lea@a.example> SIZE=100', 'S: 250 2.1.0 Ok')
    for rcpt in to:
        dialog(t, 'C: RCPT TO:<%s>' % rcpt, 'S: 250 2.1.5 Ok')


def contents(t, data, seg=None):
    dialog(t, 'C: DATA', 'S: 354 End data with <CR><LF>.<CR><LF>')
    t.c(data + b'.\r\n', seg=seg)
    dialog(t, 'S: 250 2.0.0 queued as 1')


def login(cap, port, *steps):
    t = greeted(cap, port, 587)
    dialog(t, *steps)
    t.close()


def b64(text):
    return base64.b64encode(text).decode()


def make(cap):
    # Two mails, the second of one line; the third is refused.
    t = greeted(cap, 40001)
    envelope(t, 'bo@b.example', 'cy@b.example')
    contents(t, HEAD + PARTS)
    envelope(t, 'bo@b.example')
    contents(t, lines('Subject: short', '', 'x'))
    dialog(t, 'C: MAIL FROM:<>', 'S: 250 Ok', 'C: RCPT TO:<no@b.example>',
           'S: 550 5.1.1 unknown', 'C: RSET', 'S: 250 Ok', 'C: QUIT',
           'S: 221 Bye')
    t.close()

    t = greeted(cap, 40002, hello='HELO cut.example')
    envelope(t, 'bo@b.example')
    contents(t, HEAD + PARTS, seg=1)
    t.close()

    # All commands of a mail in one segment; DATA is not granted.
    t = greeted(cap, 40003)
    t.c(lines('MAIL FROM:<a@a.example>', 'RCPT TO:<no@b.example>', 'DATA'))
    t.s(lines('250 Ok', '550 unknown', '554 no valid recipients'))
    t.c(lines('RSET', 'MAIL FROM:<a@a.example>', 'RCPT TO:<bo@b.example>',
              'DATA'))
    t.s(lines('250 Ok', '250 Ok', '250 Ok', '354 go on'))
    t.c(lines('Subject: second', '', 'text', '.', 'QUIT'))
    t.s(lines('250 taken', '221 Bye'))
    t.close()

    plain = b64(b'\0lea\0secret')
    login(cap, 40004, 'C: AUTH PLAIN ' + plain, 'S: 235 2.7.0 Accepted')
    login(cap, 40005, 'C: AUTH LOGIN', 'S: 334 VXNlcm5hbWU6', 'C: ' +
          b64(b'bo@b.example'), 'S: 334 UGFzc3dvcmQ6', 'C: ' + b64(b'guess'),
          'S: 535 5.7.8 no')
    login(cap, 40006, 'C: AUTH PLAIN', 'S: 334 ', 'C: *', 'S: 501 cancelled',
          'C: AUTH CRAM-MD5', 'S: 334 PDE+', 'C: ' + b64(b'lea ' + b'0' * 32),
          'S: 235 ok')

    # The rest is TLS's; and a server that does not have it.
    t = greeted(cap, 40007)
    dialog(t, 'C: STARTTLS', 'S: 220 2.0.0 Ready')
    t.c(hs(CLIENT_HELLO, client_hello(sni('mx.example'))))
    t.s(tls12_server())
    t.close()
    t = greeted(cap, 40008)
    dialog(t, 'C: STARTTLS', 'S: 454 not now')
    envelope(t, 'bo@b.example')
    contents(t, lines('Subject: in clear', '', 'x'))
    t.close()

    # Off the usual ports the words decide.
    t = greeted(cap, 40009, 8025)
    envelope(t, 'bo@b.example')
    contents(t, lines('Subject: elsewhere', '', HTML.decode()))
    t.close()
