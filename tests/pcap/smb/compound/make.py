"""A file opened, read and closed in one frame each way; a read that is told
to be pending and answered out of turn; answers whose requests were not seen;
two sessions on one connection."""
from smbkit import (CLOSE, CREATE, PENDING, READ, SAME, Smb2, frame)


LOGS = ['smb_files', 'smb_mapping', 'smb_cmd', 'smb_session', 'files',
        'weird']


def make(cap):
    c = cap.tcp('10.0.0.1', 40000, '10.0.0.2', 445)
    c.open()
    x = Smb2(c, seg=33)
    x.negotiate(0x302)
    x.setup()
    x.connect('\\\\server\\data')
    parts = ((CREATE, x.create_ask('one.txt'), x.create_reply(1, 6)),
             (READ, x.read_ask(SAME, 0, 6), x.read_reply(b'hello\n')),
             (CLOSE, x.close_ask(SAME), b'\x3c' + b'\0' * 59))
    c.c(frame(*(x.ask(k, a, mid=10 + i, flags=4 if i else 0,
                      session=2 ** 64 - 1 if i else None,
                      tree=2 ** 32 - 1 if i else None)
                for i, (k, a, _) in enumerate(parts))), seg=50)
    c.s(frame(*(x.reply(k, b, mid=10 + i, flags=4 if i else 0)
                for i, (k, _, b) in enumerate(parts))), seg=50)
    x.mid = 20
    x.create('two.txt', 2, size=8)
    c.c(frame(x.ask(READ, x.read_ask(2, 0, 4), mid=30)) +
        frame(x.ask(READ, x.read_ask(2, 4, 4), mid=31)))
    c.s(frame(x.reply(READ, None, PENDING, mid=30, async_id=77)))
    c.s(frame(x.reply(READ, x.read_reply(b'fgh\n'), mid=31)))
    c.s(frame(x.reply(READ, x.read_reply(b'abcd'), mid=30, async_id=77)))
    c.s(frame(x.reply(CLOSE, b'\x3c' + b'\0' * 59, mid=90)))
    c.s(frame(x.reply(CREATE, x.create_reply(9, 6), mid=91)))
    y = Smb2(c, session=0x22, tree=5)
    y.mid = 40
    y.setup(flags=1)
    y.connect('\\\\server\\public')
    y.create('three.txt', 3)
    x.mid = 50
    x.logoff()
    y.write(3, 0, b'%!PS-Adobe-3.0\n')
    c.close()
