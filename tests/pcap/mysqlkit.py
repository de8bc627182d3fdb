"""mysqlkit.py - MySQL packets for the cases that need them."""
import struct

from pk import u8

DB, COMPRESS, P41, SSL, SECURE, PLUGIN, ATTRS, LENENC, NO_EOF, QUERY_ATTRS = (
    8, 32, 512, 2048, 32768, 1 << 19, 1 << 20, 1 << 21, 1 << 24, 1 << 27)
PLAIN = DB | P41 | SECURE
NEWER = PLAIN | PLUGIN | ATTRS | LENENC | NO_EOF | QUERY_ATTRS


def packet(number, body):
    return struct.pack('<I', len(body))[:3] + u8(number) + body


def le16(n):
    return struct.pack('<H', n)


def le32(n):
    return struct.pack('<I', n)


def string(b):
    return u8(len(b)) + b


def greeting(can=PLAIN | SSL, version=b'8.0.36'):
    return packet(0, b'\x0a' + version + b'\0' + le32(7) + b'saltsalt\0' +
                  le16(can & 0xffff) + b'\xff' + le16(2) + le16(can >> 16) +
                  b'\x15' + b'\0' * 10 + b'moresaltmore\0' +
                  b'caching_sha2_password\0')


def login(user, can=PLAIN, database=b'', attrs=()):
    body = le32(can) + le32(1 << 24) + b'\x21' + b'\0' * 23
    if user is not None:
        body += user + b'\0' + string(b'x' * 20)
        if can & DB:
            body += database + b'\0'
        if can & PLUGIN:
            body += b'caching_sha2_password\0'
        if can & ATTRS:
            body += string(b''.join(string(x) for x in attrs))
    return packet(1, body)


def ok(number, rows=0, head=0):
    return packet(number, u8(head, rows, 0) + le16(2) + le16(0))


def eof(number, status=2):
    return packet(number, b'\xfe' + le16(0) + le16(status))


def error(number, code, text):
    return packet(number, b'\xff' + le16(code) + b'#42000' + text)


def command(kind, arg=b''):
    return packet(0, u8(kind) + arg)


def column(number):
    return packet(number, string(b'def') + b'\0\0\0' + string(b'c') + b'\0' +
                  b'\x0c' + le16(33) + le32(9) + u8(3) + le16(0) + b'\0\0\0')


def answer(rows, binary=False, can=PLAIN):
    """Two columns and some rows."""
    head = b'\0\0' if binary else b''
    parts = [b'\x02', None, None]
    out, n = packet(1, parts[0]) + column(2) + column(3), 4
    if not can & NO_EOF:
        out, n = out + eof(4), 5
    for row in rows:
        out += packet(n, head + string(row) + string(b'z'))
        n += 1
    return out + (ok(n, 0, 0xfe) if can & NO_EOF else eof(n))
