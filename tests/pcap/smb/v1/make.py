"""SMB 1 on port 139: session request, log-in, share, a file made, written,
read (more than 64 KiB at once) and closed; renamed and deleted by name and by
handle; a pipe; a log-in that fails; commands chained in one message."""
import struct

from smbkit import Smb1, frame, netbios, utf16


LOGS = ['smb_files', 'smb_mapping', 'smb_cmd', 'smb_session', 'files',
        'weird', 'nbss']


def make(cap):
    c = cap.tcp('10.0.0.1', 40000, '10.0.0.2', 139)
    c.open()
    c.c(b'\x81\0\0\x44' + netbios('SERVER', 32) + netbios('CLIENT'), seg=5)
    c.s(b'\x82\0\0\0')
    x = Smb1(c, seg=700)
    x.negotiate()
    x.setup('ann', 'WORK', status=0xc000006d)
    x.setup('ann', 'WORK')
    x.connect('\\\\SERVER\\DATA')
    x.create('\\notes.txt', 10)
    x.write(10, 0, b'some notes\n')
    x.close(10)
    x.create('\\big.txt', 11, size=70000)
    x.read(11, 0, b'0123456789' * 7000)
    x.close(11)
    x.both(7, struct.pack('<H', 22), b'\4' + utf16('\\a.txt\0') + b'\4' +
           b'\0' + utf16('\\b.txt\0'), b'', b'')
    x.both(6, struct.pack('<H', 22), b'\4' + utf16('\\b.txt\0'), b'', b'')
    x.create('\\c.txt', 12)
    name = utf16('d.txt')
    x.trans(0x32, struct.pack('<H', 8), struct.pack('<HHH', 12, 1010, 0),
            struct.pack('<III', 0, 0, len(name)) + name, b'\0\0')
    x.trans(0x32, struct.pack('<H', 8), struct.pack('<HHH', 12, 0x102, 0),
            b'\1', b'\0\0')
    x.close(12)
    x.tid = 4
    x.connect('\\\\SERVER\\IPC$', answer='IPC', fs='')
    x.create('\\srvsvc', 13, kind=2)
    x.trans(0x25, struct.pack('<HH', 0x26, 13), b'', b'\5\0\0\3call',
            b'', b'\5\0\2\3answer', utf16('\\PIPE\\\0'))
    x.close(13)
    # A log-in and a share in one message.
    y = Smb1(c, uid=9, tid=8)
    y.mid = 500
    share = b'\0' + utf16('\\\\SERVER\\TWO\0') + b'?????\0'
    data = b'\0' + utf16('bob\0WORK\0Unix\0Samba\0')
    at = 32 + 1 + 26 + 2 + len(data)
    both = y.message(0x73, b'\x75\0' + struct.pack(
        '<HHHHIHHII', at, 16644, 2, 1, 0, 0, 0, 0, 0xd4), data, uid=0, tid=0)
    both += struct.pack('<B', 4) + b'\xff\0\0\0' + struct.pack(
        '<HHH', 0, 1, len(share)) + share
    c.c(frame(both))
    data = b'\0' + utf16('Windows\0LM\0WG\0')
    at = 32 + 1 + 6 + 2 + len(data)
    both = y.message(0x73, b'\x75\0' + struct.pack('<HH', at, 1), data, True)
    both += struct.pack('<B', 3) + b'\xff\0\0\0' + struct.pack(
        '<HH', 1, 3 + 10) + b'A:\0' + utf16('FAT\0') + b'\0\0'
    c.s(frame(both))
    c.close()
    c = cap.tcp('10.0.0.1', 40001, '10.0.0.2', 139)
    c.open()
    c.c(b'\x81\0\0\x44' + netbios('NOBODY', 32) + netbios('CLIENT'), seg=30)
    c.s(b'\x83\0\0\1\x82', seg=2)
    c.close()
