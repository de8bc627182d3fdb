"""Encrypted and compressed frames between clear ones, keep-alives, and a flow
of which nothing but encrypted frames is seen."""
from smbkit import Smb2


LOGS = ['smb_files', 'smb_mapping', 'smb_cmd', 'smb_session', 'files',
        'weird']


def sealed(magic, n):
    body = magic + b'SMB' + b's' * 16 + b'n' * 16 + b'\0' * 16 + b'c' * n
    return b'\0' + len(body).to_bytes(3, 'big') + body


def make(cap):
    c = cap.tcp('10.0.0.1', 40000, '10.0.0.2', 445)
    c.open()
    x = Smb2(c)
    x.negotiate(cipher=2)
    x.setup(flags=4)
    for n in (10, 5000, 70000):
        c.c(sealed(b'\xfd', n), seg=1000)
        c.s(sealed(b'\xfd', n), seg=700)
        c.c(b'\x85\0\0\0')
    c.s(sealed(b'\xfc', 100))
    x.connect('\\\\server\\clear')
    x.logoff()
    c.close()
    c = cap.tcp('10.0.0.1', 40001, '10.0.0.2', 4450)
    c.open()
    c.c(sealed(b'\xfd', 100))
    c.s(sealed(b'\xfd', 100))
    c.close()
