"""Lost segments: inside a mail, inside a chunk, in the commands, in the
replies; one direction alone, and a connection met in its middle."""
from webkit import *

LOGS = ['smtp', 'files']
ARGS = ['--midstream']
BODY = lines('Subject: long', '') + TEXT.replace(b'\n', b'\r\n') * 100


def begin(cap, port):
    t = talk(cap, port)
    dialog(t, 'S: 220 mx.example ESMTP', 'C: EHLO a.example', 'S: 250 Ok',
           'C: MAIL FROM:<lea@a.example>', 'S: 250 Ok',
           'C: RCPT TO:<bo@b.example>', 'S: 250 Ok')
    return t


def second(t):
    dialog(t, 'C: MAIL FROM:<lea@a.example>', 'S: 250 Ok',
           'C: RCPT TO:<bo@b.example>', 'S: 250 Ok', 'C: DATA', 'S: 354 go',
           'C: Subject: second', b'\r\ntext\r\n.\r\n', 'S: 250 taken')


def make(cap):
    t = begin(cap, 40001)
    dialog(t, 'C: DATA', 'S: 354 go on')
    t.c(BODY[:1000])
    t.skip('c', 500)
    t.c(BODY[1500:] + b'.\r\n')
    dialog(t, 'S: 250 taken')
    second(t)
    t.close()

    t = begin(cap, 40002)
    t.c(lines('BDAT %d LAST' % len(BODY)) + BODY[:1000])
    t.skip('c', 500)
    t.c(BODY[1500:])
    dialog(t, 'S: 250 taken')
    second(t)
    t.close()

    t = begin(cap, 40003)
    t.skip('c', 30)
    dialog(t, 'C: of a command', 'S: 250 some answer')
    second(t)
    t.close()

    t = begin(cap, 40004)
    dialog(t, 'C: RSET')
    t.skip('s', 12)
    t.s(b'ed reply\r\n')
    second(t)
    t.close()

    t = talk(cap, 40005)
    for step in ('EHLO a.example', 'MAIL FROM:<lea@a.example>',
                 'RCPT TO:<bo@b.example>', 'DATA'):
        t.c(lines(step))
    t.c(BODY + b'.\r\nQUIT\r\n')
    t.close()

    t = cap.tcp(C, 40006, S, 25)
    second(t)
