"""Bytes lost within the data of a read, within a message, and over the ends of
messages; a flow that begins in the middle of a read."""
from smbkit import READ, Smb2, frame


LOGS = ['smb_files', 'smb_mapping', 'smb_cmd', 'smb_session', 'files',
        'weird']
ARGS = ['--midstream']


def make(cap):
    c = cap.tcp('10.0.0.1', 40000, '10.0.0.2', 445)
    c.open()
    x = Smb2(c)
    x.negotiate()
    x.setup()
    x.connect('\\\\server\\data')
    x.create('big.bin', 1, size=200000)
    c.c(frame(x.ask(READ, x.read_ask(1, 0, 100000))))
    answer = frame(x.reply(READ, x.read_reply(b'\1' * 100000)))
    c.s(answer[:50000])
    c.skip('s', 3000)
    c.s(answer[53000:])
    x.mid += 1
    # The end of this answer and the beginning of the next are lost.
    c.c(frame(x.ask(READ, x.read_ask(1, 100000, 50000))))
    answer = frame(x.reply(READ, x.read_reply(b'\1' * 50000)))
    c.s(answer[:40000])
    x.mid += 1
    c.c(frame(x.ask(READ, x.read_ask(1, 150000, 50000))))
    second = frame(x.reply(READ, x.read_reply(b'\1' * 50000)))
    c.skip('s', len(answer) - 40000 + 1000)
    c.s(second[1000:])
    x.mid += 1
    x.close(1)
    x.create('next.txt', 2, size=3)
    x.read(2, 0, b'abc')
    c.c(frame(x.ask(READ, x.read_ask(2, 0, 100000)))[:50])
    c.skip('c', 20)
    c.c(frame(x.ask(READ, x.read_ask(2, 0, 100000)))[70:])
    x.mid += 1
    x.close(2)
    c.close()
    c = cap.tcp('10.0.0.1', 40001, '10.0.0.2', 445)
    y = Smb2(c)
    y.mid = 800
    c.s(b'\7' * 3000 + frame(y.reply(READ, y.read_reply(b'xyz'))))
    y.mid = 801
    y.create('later.txt', 7, size=10)
    y.close(7)
