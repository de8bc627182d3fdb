"""Calls and their answers as EVE events: a look-up, a rename, one refused and
one without an answer."""
from onckit import *

LOGS = ['nfs']
ARGS = ['--format', 'eve']


def make(cap):
    def ask(m, answer=None):
        cap.udp('10.0.0.1', 40001, '10.0.0.2', 2049, m)
        if answer:
            cap.udp('10.0.0.2', 2049, '10.0.0.1', 40001, answer)

    root = opaque(b'root')
    ask(call(1, MOUNT, 3, 1, opaque('/export')), reply(1, u32(13)))
    ask(call(2, NFS, 3, 3, root, opaque('a')), reply(2, u32(2)))
    ask(call(3, NFS, 3, 14, root, opaque('a'), root, opaque('b')),
        reply(3, u32(0)))
    ask(call(4, NFS, 3, 12, root, opaque('c'), cred=u32(0, 0)))
