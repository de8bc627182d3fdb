"""Logins to mail servers by NTLM: SMTP accepted and refused, with the answer
in the command and behind it; IMAP by SPNEGO; POP3 broken off."""
from gsskit import *
from webkit import *

LOGS = ['ntlm', 'smtp', 'weird']


def both(c, *turns):
    for i, t in enumerate(turns):
        if t:
            c.send('sc'[i % 2], t.encode() + b'\r\n', seg=23)


def make(cap):
    one, two = b64(negotiate()), b64(challenge(SERVER))
    three = b64(authenticate('OFFICE', 'ann', 'PC-7', nt=v2_answer(SERVER)))
    c = talk(cap, 40000, 25)
    both(c, '220 mx ESMTP', 'EHLO pc', '250 AUTH NTLM', 'AUTH NTLM ' + one,
         '334 ' + two, three, '235 welcome', 'QUIT', '221 bye')
    c.close()
    c = talk(cap, 40001, 587)
    both(c, '220 mx ESMTP', 'EHLO pc', '250 AUTH NTLM', 'AUTH NTLM',
         '334 ntlm supported', one, '334 ' + two, three, '535 no', 'QUIT',
         '221 bye')
    c.close()
    c = talk(cap, 40002, 143)
    both(c, '* OK IMAP4rev1', 'a AUTHENTICATE GSS-SPNEGO', '+ ',
         b64(init(negotiate())), '+ ' + b64(resp(1, challenge(SERVER))),
         b64(resp(None, authenticate('OFFICE', 'bob', 'PC-8'))), 'a OK in',
         'b LOGOUT', '* BYE')
    c.close()
    c = talk(cap, 40003, 110)
    both(c, '+OK POP3', 'AUTH NTLM', '+ ', one, '+ ' + two, three)
    c.close()
