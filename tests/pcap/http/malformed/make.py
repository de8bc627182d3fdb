"""What no client should send: odd targets and lengths, both lengths, broken
chunks, lines without end, no HTTP at all, smuggled requests, versions that
change, zero bytes."""
from webkit import *

LOGS = ['http', 'weird']


def one(cap, port, request, response=None):
    t = talk(cap, port)
    t.c(request)
    if response:
        t.s(response)
    t.close()


def make(cap):
    one(cap, 40001, get('/%'), ok())
    one(cap, 40002, get('/%%4'), ok())
    one(cap, 40003, b'GET HTTP/1.1\r\n\r\n', ok())
    one(cap, 40004, b'/ HTTP/1.1\r\n\r\n', ok(status='400 Bad Request'))
    one(cap, 40005, get('/', method='FROB'), ok(status='405 No'))
    one(cap, 40006, get('/', 'Content-Length: x', method='POST'), ok())
    one(cap, 40007, get('/', 'Content-Length: 004', method='POST',
                        body=b'abcd'), ok())
    one(cap, 40008, get('/te', 'Content-Length: 4',
                        'Transfer-Encoding: chunked', method='POST',
                        body=chunks(b'abcdefg', 7)) + get('/smuggled'),
        ok() + ok())
    one(cap, 40009, get('/', 'Transfer-Encoding: chunked, identity',
                        method='POST', body=b'zz\r\n\r\n'), ok())
    one(cap, 40010, get('/', 'Content-Length: 0', 'Expect: 100-continue',
                        method='POST'), ok())
    one(cap, 40011, get('/'), b'http/1.1 200 ok\r\n\r\n')
    one(cap, 40012, get('/'), ok(b'x', 'Content-Range: bytes 5-1/9',
                                 status='206 x'))
    one(cap, 40013, get('/'), b'garbage\r\nmore\r\n' + ok(TEXT))
    one(cap, 40014, get('/', version='HTTP/1.0') + get('/2') + b'\r\n' +
        get('/3', version='HTTP/1.0'), ok() + ok())
    one(cap, 40015, get('/' + 'a' * 20000) + get('/long', 'X: ' + 'y' * 20000),
        ok() + ok())
    one(cap, 40016, b'GET /\0nul HTTP/1.1\r\nA\0: b\r\nno colon\r\n\r\n',
        ok(TEXT))
    one(cap, 40017, get('/', 'X-Te: 1\r\n chunked', 'Expect: magic'), ok())
    one(cap, 40018, b'\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03' + bytes(99),
        ok(status='400 Bad Request'))
    one(cap, 40019, b'\r\r\n\r\n' + get('/ahead'), b'\r\r' + ok())
    one(cap, 40020, get('/'), b'HTTP/1.1 2x0 Odd\r\n\r\n')
