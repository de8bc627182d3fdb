"""0-9-1 in segments of a few bytes: a log-in, a queue without a name, one that
is not there, messages to and fro, longer than what is kept, an empty queue, the
broker closing the connection; a log-in that fails."""
from pk import u8, u16, u32, u64


def frame(kind, channel, body):
    return u8(kind) + u16(channel) + u32(len(body)) + body + b'\xce'


def method(channel, kind, number, body=b''):
    return frame(1, channel, u16(kind, number) + body)


def short(b):
    return u8(len(b)) + b


def long(b):
    return u32(len(b)) + b


def start_ok(password):
    table = short(b'ok') + b't\1' + short(b'product') + b'S' + long(b'pika')
    return method(0, 10, 11, long(table) + short(b'PLAIN') +
                  long(b'\0ann\0' + password) + short(b'en_US'))


def content(channel, data):
    return frame(2, channel, u16(60, 0) + u64(len(data)) + u16(0)) + \
        b''.join(frame(3, channel, data[i:i + 4096])
                 for i in range(0, len(data), 4096))


def begin(cap, port, password=b'secret'):
    c = cap.tcp('10.0.0.1', port, '10.0.0.2', 5673)
    c.open()
    c.c(b'AMQP\0\0\x09\1', seg=3)
    c.s(method(0, 10, 10, u8(0, 9) + u32(0) + long(b'PLAIN') + long(b'en_US')),
        seg=9)
    c.c(start_ok(password), seg=11)
    return c


def make(cap):
    c = begin(cap, 40000)
    c.s(method(0, 10, 30, u16(2047) + u32(131072) + u16(60)))
    c.c(method(0, 10, 31, u16(2047) + u32(131072) + u16(60)) +
        method(0, 10, 40, short(b'/shop') + b'\0\0'))
    c.s(method(0, 10, 41, b'\0'))
    c.c(method(1, 20, 10, b'\0') + method(1, 40, 10, u16(0) + short(b'orders') +
                                          short(b'topic') + b'\0' + u32(0)))
    c.s(method(1, 20, 11, u32(0)) + method(1, 40, 11), seg=5)
    c.c(method(1, 50, 10, u16(0) + short(b'') + b'\0' + u32(0)))
    c.s(method(1, 50, 11, short(b'amq.gen-1') + u32(4, 0)))
    c.c(method(1, 50, 20, u16(0) + short(b'amq.gen-1') + short(b'orders') +
               short(b'#') + b'\0' + u32(0)))
    c.s(method(1, 50, 21))
    c.c(method(1, 60, 40, u16(0) + short(b'orders') + short(b'new.eu') +
               b'\0') + content(1, b'm' * 9000), seg=1000)
    c.c(method(1, 60, 20, u16(0) + short(b'amq.gen-1') + short(b'') + b'\0' +
               u32(0)))
    c.s(method(1, 60, 21, short(b'tag')) +
        method(1, 60, 60, short(b'tag') + u64(1) + b'\0' + short(b'orders') +
               short(b'new.eu')) + content(1, b'hello'), seg=13)
    c.c(method(2, 60, 70, u16(0) + short(b'jobs') + b'\0'))
    c.s(method(2, 60, 72, short(b'')))
    c.c(method(2, 50, 40, u16(0) + short(b'none') + b'\0'))
    c.s(method(2, 20, 40, u16(404) + short(b'NOT_FOUND') + u16(50, 40)))
    c.c(frame(8, 0, b''))
    c.s(method(0, 10, 50, u16(320) + short(b'CONNECTION_FORCED') + u16(0, 0)))
    c.close()
    c = begin(cap, 40001, b'wrong')
    c.s(method(0, 10, 50, u16(403) + short(b'ACCESS_REFUSED') + u16(0, 0)))
    c.close()
    c = begin(cap, 40002)
    c.close()
