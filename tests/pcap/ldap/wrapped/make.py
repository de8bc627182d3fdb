"""A log-in by SPNEGO with Kerberos, then messages signed in every way that
RFC 4121 allows, and sealed; a log-in by NTLM with signatures; a log-in after
which nothing is wrapped; one wrapping larger than any buffer."""
import gsskit
from berkit import *

LOGS = ['ldap', 'ldap_search', 'kerberos', 'ntlm', 'conn', 'weird']


def wrap(text, turn=None, extra=12, sealed=False):
    turn = extra if turn is None else turn
    body = text + b'C' * extra
    at = len(body) - turn % len(body)
    return pre32(b'\5\4' + u8(2 if sealed else 0, 255) + u16(extra, turn) +
                 bytes(8) + body[at:] + body[:at])


def login(cap, port, mechanism, ask, say):
    t = cap.tcp('10.0.0.1', port, '10.0.0.2', 389)
    t.open()
    t.c(bind(1, mechanism=mechanism, token=ask))
    t.s(result(1, 0x61, more=tlv(0x87, say) if say else b''))
    return t


def make(cap):
    ask = gsskit.init(gsskit.gss_krb5(gsskit.ap_req()), gsskit.OID_KRB5)
    say = gsskit.resp(0, gsskit.gss_krb5(ap_rep(), b'\2\0'))
    t = login(cap, 40001, 'GSS-SPNEGO', ask, say)
    for i, turn in enumerate((12, 0, 5, 40)):
        t.c(wrap(search(10 + i), turn), seg=[3, 15, 20])
        t.s(wrap(entry(10 + i, 'cn=x') + result(10 + i, 0x65), turn), seg=9)
    t.c(wrap(search(20), sealed=True))
    t.s(wrap(result(20, 0x65), sealed=True))
    t.c(wrap(search(21)))
    t.s(wrap(b''.join(entry(21, 'cn=%d' % i * 20) for i in range(600)) +
             result(21, 0x65)))
    t.c(wrap(ldap(22, 0x42)))
    t.close()
    sign = u8(1, 0, 0, 0) + bytes(12)
    t = login(cap, 40002, 'GSS-SPNEGO', gsskit.negotiate(), None)
    t.c(pre32(sign + search(2)))
    t.s(pre32(sign + result(2, 0x65)))
    t.c(pre32(sign + b'sealed text'))
    t.close()
    t = login(cap, 40003, 'EXTERNAL', None, None)
    t.c(search(2))
    t.s(result(2, 0x65))
    t.close()
    t = login(cap, 40004, 'SRP', b'x', None)
    t.c(pre32(b'sealed'), seg=1)
    t.c(u32(0))
    t.close()
