"""Logins to a web server by NTLM: NTLMv2 accepted, NTLMv1 refused through a
proxy, an anonymous one whose answer is not seen, one that ends at the
challenge; and a second login on the connection of the first."""
from gsskit import *
from webkit import *


def ask(c, scheme, token, field='Authorization'):
    c.c(get('/', '%s: %s %s' % (field, scheme, b64(token))), seg=100)


def refuse(c, token, field='WWW-Authenticate', status='401 Unauthorized'):
    c.s(ok(b'no', '%s: NTLM%s' % (field, token and ' ' + b64(token) or ''),
           'WWW-Authenticate: Basic realm="x"', status=status), seg=90)


def make(cap):
    c = talk(cap, 40000, 5985)
    v2 = v2_answer(pairs(target='HTTP/files.office.example'))
    c.c(get())
    c.s(ok(b'', 'WWW-Authenticate: Negotiate', 'WWW-Authenticate: NTLM',
           status='401 Unauthorized'))
    ask(c, 'NTLM', negotiate())
    refuse(c, challenge(SERVER))
    ask(c, 'ntlm', authenticate('OFFICE', 'j\xfcrgen', 'PC-7', nt=v2))
    c.s(ok(b'welcome'))
    ask(c, 'NTLM', negotiate())
    refuse(c, challenge(SERVER))
    ask(c, 'NTLM', authenticate('OFFICE', 'root', 'PC-7', nt=v2))
    refuse(c, b'')
    c.close()
    c = talk(cap, 40001, 3128)
    ask(c, 'NTLM', negotiate(OEM), 'Proxy-Authorization')
    refuse(c, challenge(SERVER, OEM), 'Proxy-Authenticate', '407 No')
    ask(c, 'NTLM', authenticate('OFFICE', 'ann', 'PC-8', flags=OEM | ESS),
        'Proxy-Authorization')
    refuse(c, b'', 'Proxy-Authenticate', '407 No')
    c.close()
    c = talk(cap, 40002)
    ask(c, 'NTLM', negotiate())
    refuse(c, challenge(SERVER))
    ask(c, 'NTLM', authenticate('', '', '', b'', b'\0',
                                UNICODE | ANONYMOUS))
    c.rst('c')
    c = talk(cap, 40003)
    ask(c, 'NTLM', negotiate())
    refuse(c, challenge(SERVER))
    c.close()
