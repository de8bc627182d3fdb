"""Texts among parameters: wide and narrow ones, in 32 and 64 bits, with room to
spare, cut by the fragment; numbers and bytes that only look like texts; sealed
parameters; more texts than are told."""
from pk import *
from rpckit import *

C, S = '10.0.0.1', '10.0.0.2'


def array(text, extra=0, bits=32, wide=True, end=True):
    chars = text + ('\0' if end else '') + '\0' * extra
    data = chars.encode('utf-16-le' if wide else 'latin-1')
    form = '<QQQ' if bits == 64 else '<III'
    out = struct.pack(form, len(chars), 0, len(chars)) + data
    return out + b'\0' * (-len(out) % (8 if bits == 64 else 4))


def call(cap, port, *stubs, verifier=None, seg=None):
    c = cap.tcp(C, port, S, 49667)
    c.open()
    c.c(bind(1, (0, SVCCTL, 2), verifier=verifier and auth(10, 6, b'NT')))
    c.s(bound(1, 0, name=b'\\PIPE\\ntsvcs\0'))
    for i, stub in enumerate(stubs):
        c.c(request(2 + i, 0, 12, stub, verifier=verifier), seg=seg)
        c.s(response(2 + i, 0, b'\0' * 4))
    c.close()


def make(cap):
    service = b'h' * 20 + array('updater') + b'\1\0\0\0' + \
        array('Update J\xfcrgen') + struct.pack('<III', 16, 3, 0) + \
        array('cmd.exe /c whoami', extra=20)
    call(cap, 40000, service, seg=33)
    call(cap, 40001, b'h' * 16 + array('\\\\FILES', bits=64) +
         array('printer', bits=64, end=False), array('narrow', wide=False))
    call(cap, 40002, array('a' * 3000), array('x') + array('\1\2\3'),
         struct.pack('<III', 5, 0, 9) + b'words',
         struct.pack('<III', 4, 0, 4) + b'UserUser',
         struct.pack('<III', 1 << 20, 0, 1 << 20) + b'a\0b\0')
    call(cap, 40003, array('sealed'), verifier=auth(10, 6, b'x' * 16))
    call(cap, 40004, b''.join(array('t%d' % i) for i in range(12)),
         array('\u30b5\u30fc\u30d3\u30b9') + array('\ua5e6\ua557'))
