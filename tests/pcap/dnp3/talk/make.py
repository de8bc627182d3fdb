"""Reads, select and operate, an answer in several segments, events that nobody
asked for, a restart that is not answered; cut anywhere, and over UDP."""
import struct

from dnp3kit import app, ask, crob, link, tell

LOGS = ['dnp3', 'dnp3_objects', 'dnp3_control', 'weird']
C, S = '10.0.0.1', '10.0.0.2'


def make(cap):
    t = cap.tcp(C, 40000, S, 20000)
    t.open()
    t.c(ask(app(1, b'\x3c\2\x06\x3c\3\x06\x1e\2\0\0\3')), seg=[1, 3, 9])
    points = b'\x1e\2\0\0\x3b' + b'\1\x10\x27' * 60 + b'\1\1\1\0\0\x0f\0\xaa\xaa'
    body = app(129, points, 0x8000)
    cut = [body[:200], body[200:]]
    t.s(link(b'\x43' + cut[0], 1, 10, 0x44) + link(b'\x84' + cut[1], 1, 10, 0x44),
        seg=[7, 100, 13])
    t.c(link(b'', 10, 1, 0xc9))
    t.c(ask(app(3, b'\x0c\1\x17\1\5' + crob(0x41))))
    t.s(tell(app(129, b'\x0c\1\x17\1\5' + crob(0x41), 0)))
    t.c(ask(app(4, b'\x0c\1\x28\2\0\5\0' + crob(0x81) + b'\6\0' + crob(3, 2) +
                b'\x29\3\x17\1\x07' + struct.pack('<fB', 1.5, 0))))
    t.s(tell(app(129, b'\x0c\1\x28\2\0\5\0' + crob(0x81, status=2) + b'\6\0' +
                 crob(3, 2, status=4), 4)))
    t.s(tell(app(130, b'\2\2\x17\1\3\x81' + bytes(6), 0x1000)))
    t.c(ask(app(0)))
    t.c(ask(app(2, b'\x32\1\x07\1' + bytes(6))))
    t.s(tell(app(129, b'', 0)))
    t.c(ask(app(13)))
    t.close()
    cap.udp(C, 40001, S, 20000, ask(app(23)))
    cap.udp(S, 20000, C, 40001, tell(app(129, b'\x34\2\x07\1\x20\0', 0)))
    cap.udp(C, 40001, S, 20000, ask(app(77)) + ask(app(1, b'\x3c\1\x06')))
