"""Tokens that lie: fields that point outside, pairs that run out, a message
cut at every layer, a type that there is not, no base 64."""
from gsskit import *
from webkit import *


def send(c, token):
    c.c(get('/', 'Authorization: NTLM ' + b64(token)))
    c.s(ok(b''))


def make(cap):
    good = authenticate('OFFICE', 'ann', 'PC-8')
    c = talk(cap, 40000)
    for n in (4, 11, 13, 30, 52, 63, 71, len(good) - 3):
        send(c, good[:n])
    send(c, good[:36] + b'\xff\xff\xff\xff\xff\xff\xff\xff' + good[44:])
    send(c, good[:8] + b'\x09' + good[9:])
    c.c(get('/', 'Authorization: NTLM *?*', 'Authorization: NTLM',
            'Authorization: Negotiate YA=='))
    c.s(ok(b'', 'WWW-Authenticate: NTLM ' +
           b64(challenge(SERVER[:40] + b'\1\0\xff\xff'))))
    c.close()
