"""A user named, with a character set, on another port; errors; questions in
one segment, answered out of order; one cut at every byte; one without an
answer; an answer that nobody asked for; lines that are none, before and after
it is sure what this is; a line without an end; a gap."""
from pk import *

LOGS = ['ident', 'weird', 'conn']


def talk(cap, port, sport=113):
    t = cap.tcp('192.0.2.25', port, '10.0.0.5', sport)
    t.open()
    return t


def make(cap):
    t = talk(cap, 40001)
    t.c(b'6193, 23\r\n')
    t.s(b'6193, 23 : USERID : UNIX :stjohns\r\n')
    t.c(b'6195,24\r\n6200 , 25\r\n7,8\r\n')
    t.s(b'6200, 25 : ERROR : HIDDEN-USER\n'
        b'6195, 24 : USERID : UNIX , US-ASCII : a:b c\r\n')
    t.s(b'1, 2 : ERROR : NO-USER\r\nhello\r\n')
    t.c(b'0, 5\r\n')
    t.close()

    t = talk(cap, 40002, 7113)
    t.c(b'6193, 23\r\n', seg=1)
    t.s(b'6193,23:USERID:OTHER:abc\r\n', seg=1)
    t.c(b'9, 9\r\n')
    t.skip('s', 30)
    t.s(b'SERID : UNIX : x\r\n')
    t.s(b'9, 9 : ERROR : UNKNOWN-ERROR\r\n')
    t.close()

    t = talk(cap, 40003)
    t.c(b'GET / HTTP/1.0\r\n\r\n')
    t.close()

    t = talk(cap, 40004)
    t.c(b'1, 2\r\n')
    t.s(b'1, 2 : USERID : UNIX : me\r\n' + b'x' * 1200)
    t.close()

    t = talk(cap, 40005)
    t.c(b'6193, 23\r\n')
    t.close()
