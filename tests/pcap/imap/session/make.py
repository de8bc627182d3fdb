"""Log-ins, boxes, mails fetched whole, in pieces and in part, one appended,
literals in commands, pipelined commands answered in another order, IDLE,
STARTTLS, and a server on another port."""
import base64

from webkit import *

LOGS = ['imap', 'files', 'weird']
MAIL = lines('From: ann@example.org', 'Subject: a file', 'MIME-Version: 1.0',
             'Content-Type: image/png; name=y.png',
             'Content-Transfer-Encoding: base64', '',
             base64.b64encode(PNG).decode())


def literal(before, data, after=b')\r\n'):
    return b'* 1 FETCH (' + before + b' {%d}\r\n' % len(data) + data + after


def make(cap):
    t = talk(cap, 40001, 143)
    dialog(t, 'S: * OK [CAPABILITY IMAP4rev1] ready', 'C: a1 CAPABILITY',
           'S: * CAPABILITY IMAP4rev1 STARTTLS', 'S: a1 OK done',
           'C: a2 LOGIN "ann b" "secret"', 'S: a2 NO [AUTHENTICATIONFAILED]',
           b'a3 login {3}\r\n', 'S: + go', b'ann {6+}\r\nsecret\r\n',
           'S: a3 OK in', 'C: a4 select "IN BOX"', 'S: * 2 EXISTS',
           'S: * FLAGS (\\Seen)', 'S: a4 OK [READ-WRITE] done')
    t.c(lines('a5 UID FETCH 1 (BODY.PEEK[])'))
    t.s(literal(b'UID 7 BODY[]', MAIL) + lines('a5 OK done'), seg=[9, 40, 3])
    t.c(lines('a6 FETCH 2 RFC822'))
    t.s(literal(b'RFC822', MAIL, b' FLAGS ())\r\n') + lines('a6 OK'))
    t.c(lines('a7 FETCH 2 BODY[]<0.100>', 'a8 FETCH 2 BODY[]<100.900>'))
    t.s(literal(b'BODY[]<0>', MAIL[:100]) + literal(b'BODY[]<100>', MAIL[100:]) +
        lines('a7 OK', 'a8 OK'))
    t.c(lines('a9 FETCH 2 (BODY[HEADER] BODY[1])'))
    t.s(literal(b'BODY[HEADER]', MAIL[:50], b' BODY[1] {5}\r\n') +
        b'hello)\r\n' + lines('a9 OK'))
    t.c(lines('b1 APPEND Sent (\\Seen) {%d}' % len(MAIL)))
    t.s(lines('+ go'))
    t.c(MAIL + b'\r\n', seg=30)
    t.s(lines('b1 OK appended'))
    t.c(lines('b2 NOOP', 'b3 SEARCH SUBJECT x', 'b4 CHECK'))
    t.s(lines('* SEARCH 1', 'b3 OK', 'b2 OK', 'b4 BAD no'))
    dialog(t, 'C: b5 IDLE', 'S: + idling', 'S: * 3 EXISTS', 'C: DONE',
           'S: b5 OK', 'C: b6 LOGOUT', 'S: * BYE', 'S: b6 OK')
    t.close()
    t = talk(cap, 40002, 1143)
    dialog(t, 'S: * OK hi', 'C: 1 AUTHENTICATE PLAIN', 'S: +',
           'C: ' + base64.b64encode(b'\0bob\0secret').decode(), 'S: 1 OK in',
           'C: 2 AUTHENTICATE CRAM-MD5', 'S: + PDE+',
           'C: ' + base64.b64encode(b'eve 0123').decode(), 'S: 2 NO no',
           'C: 3 STARTTLS', 'S: 3 OK go')
    t.c(b'\x16\x03\x01\x00\x05hello')
    t.close()
