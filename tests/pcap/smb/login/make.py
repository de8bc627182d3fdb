"""Log-ins: NTLM refused and accepted, Kerberos, a guest who renews his session;
over SMB 1 by tokens too."""
import struct

import gsskit
from smbkit import MORE, Smb1, Smb2, utf16

LOGS = ['smb_session', 'ntlm', 'conn', 'weird']


def make(cap):
    c = cap.tcp('10.0.0.1', 40000, '10.0.0.2', 445)
    c.open()
    x = Smb2(c, seg=45)
    x.negotiate(mode=3)

    def ntlm(user, status, flags=0):
        x.setup(MORE, blob=gsskit.init(gsskit.negotiate()),
                answer=gsskit.resp(1, gsskit.challenge(gsskit.SERVER)))
        x.setup(status, flags, gsskit.resp(None, gsskit.authenticate(
            'OFFICE', user, 'DESK')), gsskit.resp(0))

    ntlm('mallory', 0xc000006d)
    ntlm('ann', 0)
    x.session = 0x12
    x.setup(blob=gsskit.init(gsskit.gss_krb5(gsskit.ap_req()),
                             gsskit.OID_KRB5), answer=gsskit.resp(0))
    x.session = 0x13
    ntlm('', 0, flags=2)
    ntlm('', 0, flags=2)
    x.logoff()
    c.close()
    c = cap.tcp('10.0.0.1', 40001, '10.0.0.2', 445)
    c.open()
    y = Smb1(c, seg=45)
    y.negotiate()
    for blob, answer, status in (
            (gsskit.init(gsskit.negotiate()),
             gsskit.resp(1, gsskit.challenge(gsskit.SERVER)), MORE),
            (gsskit.resp(None, gsskit.authenticate('OFFICE', 'bob', 'DESK')),
             gsskit.resp(0), 0)):
        names = utf16('Unix\0Samba\0')
        y.both(0x73, b'\xff\0\0\0' + struct.pack(
            '<HHHIHII', 16644, 2, 1, 0, len(blob), 0, 0x800000d4),
            blob + b'\0' * (1 - len(blob) % 2) + names,
            b'\xff\0\0\0' + struct.pack('<HH', 0, len(answer)),
            answer + b'\0' * (len(answer) % 2) + names, status)
    c.close()
