"""Lengths, offsets and chains that lie; headers that are none; a flow on the
port that is something else."""
import struct

from smbkit import (CREATE, READ, SET, TREE, WRITE, Smb1, Smb2, fid, frame,
                    utf16)


LOGS = ['smb_files', 'smb_mapping', 'smb_cmd', 'smb_session', 'files',
        'weird']


def make(cap):
    c = cap.tcp('10.0.0.1', 40000, '10.0.0.2', 445)
    c.open()
    x = Smb2(c, seg=40)
    x.negotiate()
    x.setup()
    x.connect('\\\\server\\data')
    # A name outside the message, a path longer than it, data past its end.
    x.both(CREATE, struct.pack('<HBBIQQIIIIIHHII', 57, 0, 0, 2, 0, 0, 1, 0, 7,
                               1, 0, 60000, 500, 0, 0), x.create_reply(1, 10))
    x.both(TREE, struct.pack('<HHHH', 9, 0, 72, 9999) + utf16('\\\\a\\b'),
           struct.pack('<HBBIII', 16, 9, 0, 0, 0, 0))
    x.both(READ, x.read_ask(1, 2 ** 64 - 1, 10),
           struct.pack('<HBBIII', 17, 80, 0, 5000, 0, 0) + b'data')
    x.both(WRITE, struct.pack('<HHIQ', 49, 9, 2 ** 32 - 1, 2 ** 63) + fid(1) +
           b'\0' * 16 + b'data', struct.pack('<H', 17))
    x.both(SET, struct.pack('<HBBIHHI', 33, 1, 10, 24, 96, 0, 0) + fid(1) +
           struct.pack('<QQI', 0, 0, 2 ** 31) + b'abcd', struct.pack('<H', 2))
    # A compound whose next message lies outside, and one in the header.
    m = x.ask(READ, x.read_ask(1, 0, 1))
    c.c(frame(m[:20] + struct.pack('<I', 70000) + m[24:]))
    c.c(frame(m[:20] + struct.pack('<I', 8) + m[24:]))
    c.c(frame(m[:4] + b'\0' + m[5:]))
    c.c(frame(m[:40]))
    c.c(frame(b'\xfeS'))
    c.c(frame(b'raw data that is no message'))
    y = Smb1(c)
    # Chains that go back, on themselves, and on and on.
    m = y.message(0x73, b'\x73\0' + struct.pack('<H', 32) + b'\0' * 22, b'')
    c.c(frame(m))
    m = m[:33]
    for i in range(20):
        m += b'\x2e\0' + struct.pack('<H', 32 + 7 * (i + 1))[:2] + b'\0\0\2'
    m = m[:32] + b''.join(b'\2\x24\0' + struct.pack('<H', 32 + 7 * (i + 1)) +
                          b'\0\0' for i in range(20)) + b'\2\xff\0\0\0\0\0'
    c.c(frame(m[:4] + b'\x24' + m[5:]))
    c.c(frame(y.message(0xa2, b'\xff\0', b'')))
    m = y.message(0xa2, b'', b'')
    c.c(frame(m[:32] + b'\xff' + m[33:]))
    c.c(b'\x90\0\0\4')
    x.mid = 90
    x.create('after.txt', 9)
    c.close()
    for i, data in enumerate((b'\0\0\0\x10HTTP and others', b'GET / HTTP/1.0',
                              b'\x81\xff\xff\xff', b'\0\0\0\0\0\0\0\0')):
        c = cap.tcp('10.0.0.1', 40001 + i, '10.0.0.2', 445)
        c.open()
        c.c(data)
        c.close()
