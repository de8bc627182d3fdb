"""webkit.py - HTTP, SMTP and FTP conversations for the golden cases."""
import zlib

from pk import *

C, S = '10.0.0.1', '192.0.2.80'


def talk(cap, cport, sport=80, client=C, server=S):
    t = cap.tcp(client, cport, server, sport)
    t.open()
    return t


def lines(*texts):
    return b''.join(x.encode('latin-1') + b'\r\n' for x in texts)


def get(target='/', *fields, version='HTTP/1.1', method='GET', body=b''):
    head = ['%s %s %s' % (method, target, version), 'Host: a.example']
    return lines(*head, *fields, '') + body


def ok(body=b'', *fields, status='200 OK', version='HTTP/1.1', length=True):
    head = ['%s %s' % (version, status)]
    if length:
        head.append('Content-Length: %d' % len(body))
    return lines(*head, *fields, '') + body


def chunks(body, size, extension=b'', trailer=b''):
    out = b''
    for i in range(0, len(body), size):
        part = body[i:i + size]
        out += b'%x%s\r\n%s\r\n' % (len(part), extension, part)
    return out + b'0\r\n' + trailer + b'\r\n'


def gzip(data, wbits=31):
    c = zlib.compressobj(9, zlib.DEFLATED, wbits)
    return c.compress(data) + c.flush()


def dialog(t, *steps):
    """'C: text' and 'S: text', one line each; bytes of the client as they
    are."""
    for step in steps:
        if isinstance(step, bytes):
            t.c(step)
        elif step.startswith('C: '):
            t.c(lines(step[3:]))
        else:
            t.s(lines(step[3:]))


TEXT = b'The quick brown fox jumps over the lazy dog.\n'
HTML = b'<!DOCTYPE html><html><title>x</title><p>Hello</html>'
PNG = b'\x89PNG\r\n\x1a\n' + bytes(range(64))
EXE = b'MZ' + bytes(62) + b'This program cannot be run in DOS mode.'
