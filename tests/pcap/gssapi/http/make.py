"""Negotiate: NTLM inside SPNEGO accepted and refused by its own words, an
answer that only asks for more, the framing alone, and tokens cut short."""
from gsskit import *
from webkit import *

LOGS = ['conn', 'ntlm', 'kerberos', 'weird']


def step(c, token, answer, status='401 Unauthorized'):
    c.c(get('/', 'Authorization: Negotiate ' + b64(token)))
    c.s(ok(b'', *(['WWW-Authenticate: Negotiate ' + b64(answer)]
                  if answer else []), status=status))


def login(cap, port, state):
    c = talk(cap, port)
    step(c, init(negotiate()), resp(1, challenge(SERVER)))
    step(c, resp(None, authenticate('OFFICE', 'ann', 'PC-8')), resp(state),
         '200 OK')
    return c


def make(cap):
    login(cap, 40000, 0).close()
    login(cap, 40001, 2).close()
    c = login(cap, 40002, 3)
    c.close()
    c = talk(cap, 40003)
    step(c, init(None), None)
    step(c, init(b'NEGOEXTS' + b'\0' * 40), None)
    c.close()
    whole = init(negotiate())
    for n in range(0, len(whole), 3):
        c = talk(cap, 41000 + n)
        step(c, whole[:n], resp(1, challenge(SERVER))[:n])
        c.close()
