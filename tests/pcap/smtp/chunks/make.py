"""Mail in chunks (RFC 3030): one, three that cut a line and a part, an empty
last one, zero bytes and dots inside, and sizes that are none."""
from webkit import *

LOGS = ['smtp', 'files', 'weird']
HEAD = lines('Subject: chunks', 'Content-Type: multipart/mixed; boundary=b', '')
MAIL = HEAD + (b'--b\r\nContent-Type: image/png\r\n\r\n' + PNG +
               b'\r\n--b\r\n\r\n.\r\n..\r\n\0text\r\n--b--\r\n')


def begin(cap, port):
    t = talk(cap, port)
    dialog(t, 'S: 220 mx.example ESMTP', 'C: EHLO a.example',
           'S: 250-mx.example', 'S: 250 CHUNKING',
           'C: MAIL FROM:<lea@a.example> BODY=BINARYMIME', 'S: 250 Ok',
           'C: RCPT TO:<bo@b.example>', 'S: 250 Ok')
    return t


def chunk(data, last=False):
    return lines('BDAT %d%s' % (len(data), ' LAST' if last else '')) + data


def make(cap):
    t = begin(cap, 40001)
    t.c(chunk(MAIL, True))
    dialog(t, 'S: 250 taken', 'C: QUIT', 'S: 221 Bye')
    t.close()

    # Pipelined, in segments that end where they like.
    t = begin(cap, 40002)
    t.c(chunk(MAIL[:90]) + chunk(MAIL[90:131]) + chunk(MAIL[131:], True) +
        lines('QUIT'), seg=[3, 50, 7])
    t.s(lines('250 one', '250 two', '250 all', '221 Bye'))
    t.close()

    t = begin(cap, 40003)
    t.c(chunk(MAIL))
    dialog(t, 'S: 250 go on')
    t.c(chunk(b'', True))
    dialog(t, 'S: 250 taken')
    t.close()

    t = begin(cap, 40004)
    dialog(t, 'C: BDAT', 'S: 501 size?', 'C: BDAT many LAST', 'S: 501 size?',
           'C: BDAT 18446744073709551615 LAST', 'S: 552 too big',
           'C: BDAT 99999999999999999999', 'S: 552 too big', 'C: RSET',
           'S: 250 Ok')
    t.close()

    # The connection ends inside a chunk.
    t = begin(cap, 40005)
    t.c(chunk(MAIL, True)[:150])
    t.close()
