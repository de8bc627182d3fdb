"""mongokit.py - BSON and MongoDB's messages for the cases that need them."""
import struct

REPLY, INSERT, QUERY, GET_MORE, COMPRESSED, MSG = (
    1, 2002, 2004, 2005, 2012, 2013)


def le32(n):
    return struct.pack('<i', n)


def element(name, v):
    n = name.encode() + b'\0'
    if isinstance(v, bool):
        return b'\x08' + n + bytes([v])
    if isinstance(v, float):
        return b'\x01' + n + struct.pack('<d', v)
    if isinstance(v, int):
        return b'\x10' + n + le32(v)
    if isinstance(v, str):
        return b'\x02' + n + le32(len(v) + 1) + v.encode() + b'\0'
    if isinstance(v, bytes):
        return b'\x05' + n + le32(len(v)) + b'\0' + v
    if isinstance(v, list):
        return b'\x04' + n + bson({str(i): x for i, x in enumerate(v)})
    if v is None:
        return b'\x0a' + n
    return b'\x03' + n + bson(v)


def bson(d):
    body = b''.join(element(k, v) for k, v in d.items())
    return le32(len(body) + 5) + body + b'\0'


def message(op, ident, to, body):
    return struct.pack('<iiii', len(body) + 16, ident, to, op) + body


def msg(ident, d, to=0, flags=0, before=b''):
    return message(MSG, ident, to, le32(flags) + before + b'\0' + bson(d))


def query(ident, space, d, to=0):
    return message(QUERY, ident, to, le32(0) + space.encode() + b'\0' +
                   le32(0) + le32(-1) + bson(d))


def reply(ident, to, d):
    return message(REPLY, ident, to, le32(0) + bytes(8) + le32(0) + le32(1) +
                   bson(d))
