"""Bodies: chunks with extensions and trailers, to the end of the connection,
compressed in three ways and beyond the limit, ranges, types by content, long
ones that are skipped and one that is cut short."""
from webkit import *

LOGS = ['http', 'files', 'weird']


def make(cap):
    t = talk(cap, 40001)
    t.c(get('/chunks'))
    t.s(ok(chunks(TEXT * 3, 50, b';a="b"', b'X-Trailer: 1\r\n'),
           'Transfer-Encoding: chunked', length=False), seg=[7, 13, 1])
    t.c(get('/next'))
    t.s(ok(PNG, 'Content-Disposition: attachment; filename="a.png"'))
    t.close()

    t = talk(cap, 40002)
    t.c(get('/close', version='HTTP/1.0'))
    t.s(ok(TEXT, 'Connection: close', version='HTTP/1.0', length=False))
    t.close()

    t = talk(cap, 40003)
    for coding, data in (('gzip', gzip(HTML)), ('deflate', gzip(TEXT, 15)),
                         ('deflate', gzip(TEXT, -15)), ('br', b'\x0b\x02\x80'),
                         ('gzip', gzip(bytes(3000000)))):
        t.c(get('/' + coding))
        t.s(ok(data, 'Content-Encoding: ' + coding))
    t.c(get('/false'))
    t.s(ok(TEXT, 'Content-Encoding: gzip'))
    t.close()

    # Two ranges of one file, and one in its middle.
    t = talk(cap, 40004)
    for first, last in ((0, 9), (10, 44)):
        t.c(get('/file', 'Range: bytes=%d-%d' % (first, last)))
        t.s(ok(TEXT[first:last + 1], 'Content-Range: bytes %d-%d/45' %
               (first, last), status='206 Partial Content'))
    t.c(get('/other', 'Range: bytes=10-19'))
    t.s(ok(TEXT[10:20], 'Content-Range: bytes 10-19/45',
           status='206 Partial Content'))
    t.close()

    # Long enough to be skipped over; the second ends with the connection.
    t = talk(cap, 40005)
    t.c(get('/long'))
    t.s(ok(EXE + bytes(400000)))
    t.c(get('/cut'))
    t.s(ok(EXE + bytes(400000))[:300000])
    t.close()

    t = talk(cap, 40006)
    t.c(get('/form', 'Content-Type: application/json', 'Content-Length: 9',
            method='POST', body=b'{"a": 12}'))
    t.s(ok(b'<?xml version="1.0"?><a/>'))
    t.close()
