"""EVE's events of a talk: points of every shape, commands, files, flags and
indications; an object that overruns."""
import struct

from dnp3kit import app, ask, crob, tell

LOGS = ['dnp3']
ARGS = ['--format', 'eve']
C, S = '10.0.0.1', '10.0.0.2'


def make(cap):
    t = cap.tcp(C, 40000, S, 20000)
    t.open()
    t.c(ask(app(1, b'\x3c\2\x06\x3c\3\x06')))
    t.s(tell(app(129, b'\1\1\0\0\x09\xff\1' + b'\3\1\0\0\3\x1b' +
                 b'\1\2\0\4\4\x81' + b'\3\2\0\0\0\x41' + b'\x0a\2\0\0\0\x81' +
                 b'\x14\1\0\0\0\1\1\0\0\0' + b'\x15\7\0\0\0\1\2\0\0\0' + bytes(6) +
                 b'\x1e\2\1\1\0\1\0\1\xff\xff' + b'\x1e\5\0\0\0\1' + struct.pack('<f', 2.5) +
                 b'\x1e\6\0\0\0\1' + struct.pack('<d', float('inf')) +
                 b'\x33\1\7\1' + bytes(6) + b'\x34\2\7\1\5\0', 0x9201)))
    t.s(tell(app(130, b'\2\1\x28\1\0\7\0\x81' + b'\4\3\x17\1\2\x81\5\0' +
                 b'\x16\5\x17\1\2\1\7\0\0\0\1\0\0\0\0\0' + b'\x20\7\x17\1\2\1' +
                 struct.pack('<f', -1) + bytes(6) + b'\x0d\2\x17\1\2\x82' + bytes(6) +
                 b'\x2b\5\x17\1\2\3' + bytes(4), 0)))
    t.c(ask(app(0)))
    t.c(ask(app(4, b'\x0c\1\x17\1\5' + crob(0x81) + b'\x29\1\x17\1\6\1\0\0\0\0' +
                b'\x32\2\7\1' + bytes(10) + b'\x32\4\7\1' + bytes(11) + b'\x51\1\7\1\x9e\1\2')))
    name = struct.pack('<HHIHHIIHHH', 26, 5, 1, 0, 511, 0, 9, 1, 1024, 4) + b'a.xml'
    t.c(ask(app(25, b'\x46\3\x5b\1' + struct.pack('<H', len(name)) + name)))
    t.s(tell(app(129, b'\x46\4\x5b\1\x0d\0' + struct.pack('<IIHHB', 7, 9, 1024, 4, 0), 0)))
    t.s(tell(app(129, b'\x46\5\x5b\1\x0c\0' + struct.pack('<II', 7, 1) + b'data' +
                 b'\x46\6\x5b\1\x0b\0' + struct.pack('<IIB', 7, 1, 3) + b'no' +
                 b'\x46\x08\x5b\1\2\0ab', 0)))
    t.s(tell(app(129, b'\x46\4\x5b\1\3\0abc', 0)))
    t.s(tell(app(129, b'\1\2\0\0\xff\1', 0)))
    t.close()
