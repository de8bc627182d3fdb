"""SMB 3.1.1 in segments of a few bytes: log-in, a share, a file that is made,
written out of order, read, renamed, deleted by its disposition; another that
is deleted on close; one that is not there; a pipe; a share refused."""
from smbkit import NOT_FOUND, Smb2


LOGS = ['smb_files', 'smb_mapping', 'smb_cmd', 'smb_session', 'files',
        'weird']


def make(cap):
    c = cap.tcp('10.0.0.1', 40000, '10.0.0.2', 445)
    c.open()
    x = Smb2(c, seg=19)
    x.negotiate(mode=3)
    x.setup()
    x.connect('\\\\server\\data')
    x.create('docs\\new.txt', 1, disposition=2)
    x.write(1, 0, b'first line\n')
    x.write(1, 22, b'third line\n')
    x.write(1, 11, b'secnd line\n')
    x.close(1)
    x.create('docs\\new.txt', 2, size=33, when=1600000001)
    x.read(2, 0, b'first line\nsecnd line\n')
    x.read(2, 22, b'third line\n')
    x.rename(2, 'docs\\old.txt')
    x.set_info(2, 13, b'\1')
    x.close(2)
    x.create('docs\\new.txt', 3, status=NOT_FOUND)
    x.create('temp', 4, options=0x1000, size=5)
    x.rename(4, 'other', status=NOT_FOUND)
    x.close(4)
    x.create('', 5, when=0)
    x.close(5)
    x.tree = 6
    x.connect('\\\\server\\IPC$', share=2)
    x.create('srvsvc', 6, when=0)
    x.write(6, 0, b'\5\0\x0b\3rpc')
    x.transact(6, b'\5\0\0\3call', b'\5\0\2\3answer')
    x.close(6)
    x.tree = 7
    x.connect('\\\\server\\none', status=0xc00000cc)
    x.logoff()
    c.close()
