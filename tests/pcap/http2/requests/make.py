"""Two streams at once, a padded body, one of many frames with trailers, a
promised response, a header block over three frames, a table of the sender's
that shrinks, an upgrade from HTTP/1.1, a reset."""
from h2kit import *

LOGS = ['http', 'files', 'conn', 'weird']
HTML = b'<!DOCTYPE html><html><body>hello</body></html>'


def make(cap):
    t = talk(cap, 40001)
    t.c(frame(HEADERS, END_STREAM | END_HEADERS, 1, request('/a%20b'))
        + frame(HEADERS, END_HEADERS, 3, request(
            '/post', 'POST', ('content-type', 'application/json'),
            ('user-agent', 'client/1'), ('content-length', '8'))))
    t.c(frame(DATA, PADDED | END_STREAM, 3, u8(5) + b'{"a": 1}' + bytes(5)))
    t.s(frame(HEADERS, END_HEADERS, 3, reply(100))
        + frame(HEADERS, END_HEADERS | END_STREAM, 3, reply(204)))
    t.s(frame(HEADERS, END_HEADERS, 1, reply(200)) + frame(DATA, 0, 1, HTML)
        + frame(PING, 0, 0, bytes(8)) + frame(DATA, 0, 1, bytes(9000))
        + frame(HEADERS, END_HEADERS | END_STREAM, 1,
                literal('grpc-status', '0')))
    t.close()

    t = talk(cap, 40002)
    block = request('/page', 'GET', ('user-agent', 'u' * 90))
    t.c(frame(HEADERS, END_STREAM, 1, block[:10]) + frame(CONT, 0, 1,
        block[10:60]) + frame(CONT, END_HEADERS, 1, block[60:]))
    t.s(frame(PUSH, END_HEADERS, 1, u32(2) + request('/style.css'))
        + frame(HEADERS, END_HEADERS, 1, reply(200))
        + frame(DATA, END_STREAM, 1, HTML)
        + frame(HEADERS, END_HEADERS, 2, reply(200))
        + frame(DATA, END_STREAM, 2, b'body { color: red }'))
    t.c(frame(HEADERS, END_HEADERS | END_STREAM, 3, request('/never')))
    t.c(frame(RST, 0, 3, u32(8)))
    t.s(frame(GOAWAY, 0, 0, u32(3, 0)))
    t.close()

    # What is put into the table is named by its number later, and still is
    # after the table was made smaller.
    t = talk(cap, 40003)
    t.c(frame(HEADERS, END_HEADERS | END_STREAM, 1, request('/1')
              + literal('user-agent', 'kept', 0x40)))
    t.s(frame(SETTINGS, 0, 0, u16(1) + u32(256)))
    t.c(frame(HEADERS, END_HEADERS | END_STREAM, 3, b'\x3f\xe1\x01'
              + request('/2') + u8(0x80 | 62)))
    t.s(frame(HEADERS, END_HEADERS | END_STREAM, 1, reply(200))
        + frame(HEADERS, END_HEADERS | END_STREAM, 3, reply(404)))
    t.close()

    t = cap.tcp('10.0.0.1', 40004, '192.0.2.80', 80)
    t.open()
    t.c(b'GET /up HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade, '
        b'HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n')
    t.s(b'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n'
        b'Upgrade: h2c\r\n\r\n' + frame(SETTINGS, 0, 0))
    t.c(PREFACE + frame(SETTINGS, 0, 0))
    t.s(frame(HEADERS, END_HEADERS, 1, reply(200))
        + frame(DATA, END_STREAM, 1, HTML))
    t.c(frame(HEADERS, END_HEADERS | END_STREAM, 3, request('/next')))
    t.s(frame(HEADERS, END_HEADERS | END_STREAM, 3, reply(200)))
    t.close()
