"""Pairs of requests and responses: pipelined, cut into single bytes, without a
body, with interim responses, headers of all kinds, one side alone."""
from webkit import *

LOGS = ['http', 'files', 'weird']


def make(cap):
    t = talk(cap, 40001)
    t.c(get('/a%20b?x=%41', 'User-Agent: probe/1.0', 'Referer: http://b.example/',
            'Origin: http://b.example', 'Via: 1.1 proxy', 'X-Forwarded-For: 10.9.9.9',
            'Authorization: Basic bGVhOnNlY3JldA=='), seg=1)
    t.s(ok(HTML), seg=1)
    t.close()

    # Three requests ahead of their responses; HEAD has none of the length.
    t = talk(cap, 40002)
    t.c(get('/1') + get('/2', method='HEAD') + get('/3'))
    t.s(ok(TEXT) + ok(b'', 'X: y', status='200 OK', length=False)[:-2] +
        b'Content-Length: 999\r\n\r\n' + ok(status='304 Not Modified'))
    t.close()

    t = talk(cap, 40003)
    t.c(get('/up', 'Expect: 100-continue', 'Content-Length: 45', method='POST'))
    t.s(lines('HTTP/1.1 100 Continue', ''))
    t.c(TEXT)
    t.s(ok(status='204 No Content', length=False))
    t.close()

    # The response is there before the request has ended.
    t = talk(cap, 40004)
    t.c(get('/big', 'Content-Length: 45', method='PUT') + TEXT[:20])
    t.s(ok(status='413 Too Large'))
    t.c(TEXT[20:])
    t.close()

    # HTTP/1.0 on another port, line feeds only, a folded field, no reason.
    t = talk(cap, 40005, 8001)
    t.c(b'GET http://c.example/x HTTP/1.0\nHost: c.example\n'
        b'User-Agent: old\n  folded\n\n')
    t.s(b'HTTP/1.0 200\r\nContent-Type: text/plain\r\n\r\n' + TEXT)
    t.close()

    t = talk(cap, 40006)
    t.c(b'GET /zero-nine\r\n')
    t.s(HTML)
    t.close()

    # All that answers it is contents.
    t = talk(cap, 40010)
    t.c(b'HEAD /zero-nine\r\n')
    t.s(ok(TEXT, status='400 Bad Request', version='HTTP/1.0'), seg=5)
    t.close()

    # Only requests, only responses.
    t = talk(cap, 40007)
    t.c(get('/asked'))
    t.c(get('/again'))
    t.close()
    t = talk(cap, 40008)
    t.s(ok(TEXT))
    t.s(ok(HTML))
    t.close()

    # A hundred and two requests before any response.
    t = talk(cap, 40009)
    for i in range(102):
        t.c(get('/%d' % i), ack=False)
    t.s(ok(TEXT))
    t.close()

    # Port and cuts speak for FTP until the line ends.
    t = talk(cap, 40011, 21)
    t.c(get('/' + 'x' * 150, method='BREW'), seg=70)
    t.close()
