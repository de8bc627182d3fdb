"""What must neither be believed nor do harm: a block that names an entry that
is not there, one that never ends, padding longer than its frame, a frame that
cuts a block in two, a length beyond all, lost bytes within a body and outside
of one, more streams than are kept."""
from h2kit import *

LOGS = ['http', 'conn', 'weird']


def make(cap):
    t = talk(cap, 40001)
    t.c(frame(HEADERS, END_HEADERS | END_STREAM, 1, u8(0x80 | 100)))
    t.close()

    t = talk(cap, 40002)
    for i in range(40):
        t.c(frame(HEADERS if not i else CONT, 0, 1, b''.join(
            literal('n%d' % j, 'v' * 100) for j in range(100))))
    t.close()

    t = talk(cap, 40003)
    t.c(frame(HEADERS, END_HEADERS, 1, request('/p', 'POST')))
    t.c(frame(DATA, PADDED, 1, u8(50) + bytes(10)))
    t.close()

    t = talk(cap, 40004)
    t.c(frame(HEADERS, END_STREAM, 1, request('/cut')))
    t.c(frame(PING, 0, 0, bytes(8)))
    t.close()

    t = talk(cap, 40005)
    t.c(u24(0xffffff) + u8(HEADERS, 0) + u32(1) + bytes(100))
    t.close()

    t = talk(cap, 40006)
    t.c(frame(HEADERS, END_HEADERS | END_STREAM, 1, request('/lossy')))
    t.s(frame(HEADERS, END_HEADERS, 1, reply(200)))
    body = frame(DATA, END_STREAM, 1, b'text ' * 200)
    t.s(body[:300])
    t.skip('s', 400)
    t.s(body[700:])
    t.c(frame(HEADERS, END_HEADERS | END_STREAM, 3, request('/before')))
    t.s(frame(HEADERS, END_HEADERS | END_STREAM, 3, reply(200)))
    t.skip('c', 100)
    t.c(frame(HEADERS, END_HEADERS | END_STREAM, 5, request('/after')))
    t.close()

    t = talk(cap, 40007)
    for i in range(60):
        t.c(frame(HEADERS, END_HEADERS, 2 * i + 1, request('/%d' % i)))
    t.close()

    # Begins like a client, goes on as somebody else.
    t = cap.tcp('10.0.0.1', 40008, '192.0.2.80', 80)
    t.open()
    t.c(PREFACE + b'GET / HTTP/1.1\r\n\r\n')
    t.close()
