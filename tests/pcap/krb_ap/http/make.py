"""A ticket shown to a web server: in SPNEGO, in Kerberos' own framing, bare;
with an error for an answer; and cut short."""
import berkit
from gsskit import *
from webkit import *

LOGS = ['conn', 'ntlm', 'kerberos', 'weird']


def step(cap, port, token, answer=None):
    c = talk(cap, port)
    c.c(get('/', 'Authorization: Negotiate ' + b64(token)))
    c.s(ok(b'', *(['WWW-Authenticate: Negotiate ' + b64(answer)]
                  if answer else [])))
    c.close()


def make(cap):
    whole = init(gss_krb5(ap_req()), OID_KRB5)
    step(cap, 40000, whole, resp(0, gss_krb5(berkit.ap_rep(), b'\2\0')))
    step(cap, 40001, gss_krb5(ap_req(etype=23)))
    step(cap, 40002, ap_req())
    step(cap, 40003, whole, gss_krb5(berkit.krb_error(41, 'HTTP/a.example'), b'\3\0'))
    for n in (20, 40, 60, 90, len(whole) - 1):
        step(cap, 41000 + n, whole[:n])
