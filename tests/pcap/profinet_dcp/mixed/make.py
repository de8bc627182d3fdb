"""Stations sought and found, name and address set, a lamp flashed, a reset to
factory settings, cyclic data that is passed over; blocks that lie."""
from pk import u8, u16, u32

LOGS = ['profinet_dcp']
A, B, ALL = '02:00:00:00:00:01', '02:00:00:00:00:02', '01:0e:cf:00:00:00'


def blk(option, sub, body):
    return u8(option, sub) + u16(len(body)) + body + b'\0' * (len(body) & 1)


def dcp(frame, service, kind, *blocks, xid=1, length=None):
    b = b''.join(blocks)
    return (u16(frame) + u8(service, kind) + u32(xid) + u16(0) +
            u16(len(b) if length is None else length) + b).ljust(46, b'\0')


def make(cap):
    for n in range(3):
        cap.eth(A, ALL, 0x8892, dcp(0xfefe, 5, 0, blk(0xff, 0xff, b''), xid=n))
    ip = b'\x0a\0\0\5\xff\xff\xff\0\x0a\0\0\1'
    cap.eth(B, A, 0x8892, dcp(0xfeff, 5, 1, blk(2, 2, b'\0\0plc-1'), blk(2, 1, b'\0\0S7-1500'),
                              blk(2, 3, b'\0\0' + u16(0x2a, 0x10e)), blk(2, 4, b'\0\0\2\0'),
                              blk(1, 2, b'\0\1' + ip), blk(2, 6, b'\0\0port-001')))
    for n in range(2):
        cap.eth(A, B, 0x8892, dcp(0xfefd, 4, 0, blk(2, 2, b'\0\1plc-evil'), blk(1, 2, b'\0\1' + ip), xid=8 + n))
    cap.eth(B, A, 0x8892, dcp(0xfefd, 4, 1, blk(5, 4, b'\2\2\0')))
    cap.eth(A, B, 0x8892, dcp(0xfefd, 4, 0, blk(5, 3, b'\0\0\1\0')))
    cap.eth(A, B, 0x8892, dcp(0xfefd, 4, 0, blk(5, 6, b'\0\4')), vlan=3)
    cap.eth(A, B, 0x8892, dcp(0xfefd, 3, 0, b'\2\2\1\2'))
    cap.eth(B, ALL, 0x8892, dcp(0xfefc, 6, 0, blk(2, 2, b'\0\0plc-1')))
    cap.eth(A, B, 0x8892, u16(0x8001) + bytes(44))
    cap.eth(A, B, 0x8892, dcp(0xfefd, 4, 0, u8(2, 2) + u16(500) + b'x'))
    cap.eth(A, B, 0x8892, dcp(0xfefd, 4, 0, length=5000))
    cap.eth(A, B, 0x8892, dcp(0xfefe, 5, 0, blk(2, 2, b'\0'), blk(1, 2, b'\1'), blk(9, 9, b'')))
