"""Log-ins of every kind, lists, a mail with parts in small segments, pipelined
commands, a mail with a hole, STLS, and a server on another port."""
import base64

from webkit import *

LOGS = ['pop3', 'files', 'weird']
MAIL = lines('From: Ann <ann@example.org>', 'Subject: two parts',
             'Message-ID: <1@example.org>', 'MIME-Version: 1.0',
             'Content-Type: multipart/mixed; boundary=b', '', '--b', '',
             'Hello,', '..hidden dot', '--b', 'Content-Type: image/png',
             'Content-Transfer-Encoding: base64',
             'Content-Disposition: attachment; filename=x.png', '',
             base64.b64encode(PNG).decode(), '--b--')


def make(cap):
    t = talk(cap, 40001, 110)
    dialog(t, 'S: +OK ready <1896.697170952@dbc.mtview.ca.us>', 'C: CAPA',
           'S: +OK list follows', 'S: USER', 'S: SASL PLAIN', 'S: .',
           'C: USER ann', 'S: +OK', 'C: PASS secret word', 'S: -ERR no',
           'C: user ann', 'S: +OK', 'C: pass secret', 'S: +OK 2 messages',
           'C: LIST', 'S: +OK', 'S: 1 120', 'S: 2 200', 'S: .', 'C: LIST 1',
           'S: +OK 1 120', 'C: RETR 1')
    t.s(b'+OK 120 octets\r\n' + MAIL + b'.\r\n', seg=[7, 100, 1, 33])
    t.c(lines('TOP 1 0', 'UIDL', 'DELE 1', 'NOOP'))
    t.s(lines('+OK', 'Subject: x', '', '.', '-ERR no', '+OK gone', '+OK'))
    t.c(lines('RETR 2'))
    t.s(b'+OK\r\n' + MAIL[:60])
    t.skip('s', 100)
    t.s(MAIL[160:] + b'.\r\n')
    dialog(t, 'C: QUIT', 'S: +OK bye')
    t.close()
    t = talk(cap, 40002, 1110)
    dialog(t, 'S: +OK hi', 'C: AUTH PLAIN ' +
           base64.b64encode(b'\0bob\0secret').decode(), 'S: +OK in',
           'C: STLS', 'S: -ERR no', 'C: QUIT', 'S: +OK')
    t.close()
    t = talk(cap, 40003, 110)
    dialog(t, 'S: +OK hi', 'C: AUTH LOGIN', 'S: + VXNlcm5hbWU6',
           'C: ' + base64.b64encode(b'eve').decode(), 'S: + UGFzc3dvcmQ6',
           'C: ' + base64.b64encode(b'secret').decode(), 'S: -ERR no',
           'C: AUTH', 'S: +OK', 'S: PLAIN', 'S: .',
           'C: APOP eve c4c9334bac560ecc979e58001b3e22fb', 'S: +OK', 'C: STLS',
           'S: +OK go')
    t.c(b'\x16\x03\x01\x00\x05hello')
    t.close()
    # Only the client; the server only, in the middle.
    t = cap.tcp(C, 40004, S, 110)
    t.open()
    t.c(lines('CAPA', 'USER joe', 'QUIT'))
    t.close()
