"""Version 4 in segments of a few bytes: options, start, a log-in that fails and
one that succeeds, a keyspace, rows, a statement prepared and executed, a batch,
an error behind a warning, answers out of order, an event, a body that is
compressed; version 2 with credentials; version 5, which goes on in frames."""
from pk import pre16, u8, u16, u32


def frame(version, stream, op, body=b'', flags=0):
    head = u8(version, flags)
    head += u16(stream & 65535) if version & 127 > 2 else u8(stream & 255)
    return head + u8(op) + u32(len(body)) + body


def text(b):
    return u32(len(b)) + b


def names(**kw):
    return u16(len(kw)) + b''.join(
        pre16(k.encode()) + pre16(v.encode()) for k, v in kw.items())


def query(q):
    return text(q) + u16(1) + b'\0'


def rows(n):
    columns = pre16(b'id') + u16(9) + pre16(b'name') + u16(13)
    return u32(2, 1, 2) + pre16(b'shop') + pre16(b't') + columns + u32(n) + \
        bytes(30)


def make(cap):
    c = cap.tcp('10.0.0.1', 40000, '10.0.0.2', 9043)
    c.open()

    def ask(stream, op, body=b'', **kw):
        c.c(frame(4, stream, op, body, **kw), seg=7)

    def answer(stream, op, body=b'', **kw):
        c.s(frame(0x84, stream, op, body, **kw), seg=7)
    ask(0, 5)
    answer(0, 6, u16(0))
    ask(1, 1, names(CQL_VERSION='3.0.0', DRIVER_NAME='DataStax Python'))
    answer(1, 3, pre16(b'PasswordAuthenticator'))
    ask(2, 15, text(b'\0ann\0wrong'))
    answer(2, 0, u32(0x100) + pre16(b'Bad credentials'))
    ask(3, 15, text(b'\0ann\0secret'))
    answer(3, 16, u32(0xffffffff))
    ask(4, 7, query(b'USE shop'))
    answer(4, 8, u32(3) + pre16(b'shop'))
    ask(5, 7, query(b'SELECT id, name FROM t'))
    ask(6, 9, text(b'INSERT INTO t (id) VALUES (?)'))
    answer(6, 8, u32(4) + pre16(b'0123456789abcdef') + bytes(20))
    answer(5, 8, rows(7))
    answer(-1, 12, pre16(b'STATUS_CHANGE'))
    ask(7, 10, pre16(b'0123456789abcdef') + u16(1) + b'\0')
    answer(7, 8, u32(1))
    ask(8, 13, b'\0' + u16(2) + b'\0' + text(b'DELETE FROM t') + u16(0))
    answer(8, 0, u16(1) + pre16(b'careful') + u32(0x2200) +
           pre16(b'invalid batch'), flags=8)
    ask(9, 7, b'\xf0' * 30, flags=1)
    answer(9, 8, b'\xf0' * 30, flags=1)
    ask(10, 7, query(b'SELECT ' + b'x' * 9000))
    c.close()
    c = cap.tcp('10.0.0.1', 40001, '10.0.0.2', 9042)
    c.open()
    c.c(frame(2, 0, 1, names(CQL_VERSION='3.0.0', COMPRESSION='lz4')))
    c.s(frame(0x82, 0, 3, pre16(b'org.apache.auth')))
    c.c(frame(2, 1, 4, names(username='bob', password='secret')))
    c.s(frame(0x82, 1, 2))
    c.close()
    c = cap.tcp('10.0.0.1', 40002, '10.0.0.2', 9042)
    c.open()
    c.c(frame(5, 0, 1, names(CQL_VERSION='3.0.0')))
    c.s(frame(0x85, 0, 2))
    c.c(b'\x40\x01\x02 framed anew')
    c.close()
