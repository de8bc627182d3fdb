"""Remote procedures through named pipes: over SMB 2 by writes and reads, by
transactions, with bytes lost in a read, on a share whose connecting was not
seen; over SMB 1 by transactions and by writes."""
from rpckit import SAMR, SVCCTL, bind, bound, request, response
from smbkit import READ, Smb1, Smb2, frame, utf16

import struct

LOGS = ['dce_rpc', 'smb_files', 'smb_mapping', 'files', 'weird', 'conn']


def make(cap):
    c = cap.tcp('10.0.0.1', 40000, '10.0.0.2', 445)
    c.open()
    x = Smb2(c, seg=21)
    x.negotiate()
    x.setup()
    x.connect('\\\\server\\IPC$', share=2)
    x.create('samr', 1, when=0)
    x.write(1, 0, bind(1, (0, SAMR, 1)))
    x.read(1, 0, bound(1, 0))
    x.transact(1, request(2, 0, 6), response(2, 0))
    x.transact(1, request(3, 0, 34, b'a' * 2000), response(3, 0, b'b' * 900))
    x.create('svcctl', 2, when=0)
    x.transact(2, bind(1, (0, SVCCTL, 2)), bound(1, 0))
    x.seg = None
    c.c(frame(x.ask(READ, x.read_ask(2, 0, 4000))))
    answer = frame(x.reply(READ, x.read_reply(response(2, 0, b'c' * 3000))))
    c.s(answer[:1000])
    c.skip('s', 1000)
    c.s(answer[2000:])
    x.mid += 1
    x.transact(2, request(5, 0, 15), response(5, 0))
    x.close(2)
    x.close(1)
    c.close()
    c = cap.tcp('10.0.0.1', 40001, '10.0.0.2', 445)
    c.open()
    y = Smb2(c, seg=40)
    y.create('samr', 1, when=0)
    y.write(1, 0, bind(1, (0, SAMR, 1)))
    y.read(1, 0, bound(1, 0))
    y.transact(1, request(2, 0, 6), response(2, 0))
    c.close()
    c = cap.tcp('10.0.0.1', 40002, '10.0.0.2', 139)
    c.open()
    z = Smb1(c, seg=50)
    z.negotiate()
    z.setup('ann', 'WORK')
    z.connect('\\\\SERVER\\IPC$', answer='IPC', fs='')
    z.create('\\samr', 13, kind=2)
    z.write(13, 0, bind(1, (0, SAMR, 1)))
    z.read(13, 0, bound(1, 0))
    z.trans(0x25, struct.pack('<HH', 0x26, 13), b'', request(2, 0, 6), b'',
            response(2, 0), utf16('\\PIPE\\\0'))
    z.close(13)
    c.close()
