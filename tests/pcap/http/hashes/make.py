"""Hashes in the files log where the option asks for them: of files below the
limit that came whole, in one piece, in chunks or coded; not of one that is
larger, that is cut short, or that has a hole."""
import pathlib

from webkit import *

LOGS = ['files']
ARGS = ['-c', str(pathlib.Path(__file__).with_name('hashes.yaml'))]


def make(cap):
    small = bytes(range(200)) * 3
    coded = gzip(small)
    answers = [
        ok(small), ok(b''), ok(bytes(1000)), ok(bytes(1001)),
        ok(small)[:-1],
        b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
        b'3\r\nabc\r\n2\r\n\r\n\r\n0\r\n\r\n',
        b'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d'
        b'\r\n\r\n' % len(coded) + coded,
        b'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n' + bytes(1500)]
    for i, answer in enumerate(answers):
        t = talk(cap, 40001 + i)
        t.c(get('/f'))
        t.s(answer, seg=100)
        t.close()
