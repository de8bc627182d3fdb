"""A producer and a consumer in segments of a few bytes: versions, a log-in that
fails and one that succeeds, topics old and compact, records too long to keep,
one that wants no answer, answers out of order."""
from pk import pre16, u8, u16, u32, u64


def request(api, version, ident, body, client=b'shop-1', tags=False):
    head = u16(api, version) + u32(ident)
    head += u16(65535) if client is None else pre16(client)
    out = head + (b'\0' if tags else b'') + body
    return u32(len(out)) + out


def answer(ident, body=b''):
    return u32(len(body) + 4) + u32(ident) + body


def compact(b):
    return u8(len(b) + 1) + b


def make(cap):
    c = cap.tcp('10.0.0.1', 40000, '10.0.0.2', 9093)
    c.open()
    c.c(request(18, 3, 1, compact(b'librdkafka') + compact(b'2.3.0') + b'\0',
                tags=True), seg=5)
    c.s(answer(1, u16(0) + bytes(300)), seg=100)
    c.c(request(17, 1, 2, pre16(b'PLAIN')))
    c.s(answer(2, u16(0) + u32(1) + pre16(b'PLAIN')))
    c.c(request(36, 2, 3, compact(b'\0ann\0wrong') + b'\0', tags=True))
    c.s(answer(3, b'\0' + u16(58) + compact(b'Authentication failed') +
               bytes(10)))
    c.c(request(36, 0, 4, u32(11) + b'\0ann\0secret'))
    c.s(answer(4, u16(0)))
    c.c(request(3, 1, 5, u32(2) + pre16(b'orders') + pre16(b'log')), seg=7)
    c.c(request(3, 12, 6, u8(2) + bytes(16) + compact(b'orders') + b'\0' +
                bytes(3), tags=True))
    c.s(answer(6, bytes(40)) + answer(5, bytes(60)), seg=9)
    c.c(request(0, 3, 7, u16(65535, 1) + u32(5000) + u32(1) +
                pre16(b'orders') + u32(1) + u32(0) + u32(90000) +
                b'r' * 90000))
    c.s(answer(7, bytes(40)))
    c.c(request(0, 9, 8, b'\0' + u16(0) + u32(5000) + u8(2) +
                compact(b'log') + bytes(20), tags=True))
    c.c(request(11, 5, 9, pre16(b'group-a') + bytes(30)))
    c.s(answer(9, bytes(30)))
    c.c(request(1, 11, 10, u32(0xffffffff) + u32(500, 1, 99) + b'\0' +
                u32(0, 0) + u32(1) + pre16(b'orders') + u32(1) + bytes(40),
                None))
    c.s(answer(10, bytes(80000)))
    c.close()
