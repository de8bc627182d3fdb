"""A command from afar, and requests that only look like one."""
from gsskit import *
from webkit import *

LOGS = ['conn']


def make(cap):
    c = talk(cap, 40000, 5985)
    c.c(get('/wsman', 'Content-Length: 0', 'Authorization: Negotiate ' +
            b64(init(negotiate())), method='POST'))
    c.s(ok(b'', 'WWW-Authenticate: Negotiate ' +
           b64(resp(1, challenge(SERVER))), status='401'))
    c.close()
    c = talk(cap, 40001, 5985)
    c.c(get('/wsman'))
    c.s(ok(b'', status='405 No'))
    c.close()
    c = talk(cap, 40002)
    c.c(get('/a/wsman', 'Content-Length: 0', method='POST'))
    c.s(ok(b''))
    c.close()
