"""rdpkit.py - Remote Desktop's messages for the golden cases."""
import struct

RDP, SSL, HYBRID, HYBRID_EX = 0, 1, 2, 8


def tpkt(body):
    return b'\3\0' + struct.pack('>H', 4 + len(body)) + body


def ask(cookie=None, protocols=None, token=None):
    out = b''
    if cookie is not None:
        out += b'Cookie: mstshash=' + cookie + b'\r\n'
    if token is not None:
        out += b'Cookie: msts=' + token + b'\r\n'
    if protocols is not None:
        out += struct.pack('<BBHI', 1, 0, 8, protocols)
    return tpkt(bytes([6 + len(out)]) + b'\xe0\0\0\0\0\0' + out)


def answer(kind=None, value=0, flags=0):
    out = b'' if kind is None else struct.pack('<BBHI', kind, flags, 8, value)
    return tpkt(bytes([6 + len(out)]) + b'\xd0\0\0\x12\x34\0' + out)


def ber(tag, body):
    n = len(body)
    if n < 128:
        return tag + bytes([n]) + body
    return tag + b'\x82' + struct.pack('>H', n) + body


def per(body):
    return struct.pack('>H', len(body) | 0x8000) + body


def block(kind, body):
    return struct.pack('<HH', kind, 4 + len(body)) + body


def wide(text, size):
    return text.encode('utf-16-le').ljust(size, b'\0')[:size]


def core(name, build=2600, keyboard=1033, product='', caps=1, colors=16,
         width=1280, height=1024, version=0x80004, short=False):
    body = struct.pack('<IHHHHII', version, width, height, 0xca01, 0xaa03,
                       keyboard, build) + wide(name, 32)
    body += struct.pack('<III', 4, 0, 12) + b'\0' * 64
    if not short:
        body += struct.pack('<HHIHHH', 0xca01, 1, 0, colors, 7, caps)
        body += wide(product, 64)
    return block(0xc001, body)


def net(*channels):
    return block(0xc003, struct.pack('<I', len(channels)) + b''.join(
        c.ljust(8, b'\0') + b'\0\0\0\x80' for c in channels))


PARAMETERS = ber(b'\x30', b'\2\1\1' * 8)


def client(*blocks):
    data = b'\0\5\0\x14\x7c\0\1' + per(
        b'\0\x08\0\x10\0\1\xc0\0Duca' + per(b''.join(blocks)))
    body = b'\4\1\1\4\1\1\1\1\xff' + PARAMETERS * 3 + ber(b'\4', data)
    return tpkt(b'\2\xf0\x80' + ber(b'\x7f\x65', body))


def server(*blocks, result=0):
    data = b'\0\5\0\x14\x7c\0\1\x2a\x14\x76\x0a\1\1' + bytes(
        [result << 4]) + b'\1\xc0\0McDn' + per(b''.join(blocks))
    body = b'\x0a\1\0\2\1\0' + PARAMETERS + ber(b'\4', data)
    return tpkt(b'\2\xf0\x80' + ber(b'\x7f\x66', body))


def security(method, level, cert=b''):
    return block(0x0c02, struct.pack('<IIII', method, level, 32, len(cert)) +
                 b'r' * 32 + cert)


def x509(*certs):
    return struct.pack('<II', 0x80000002, len(certs)) + b''.join(
        struct.pack('<I', len(c)) + c for c in certs)


RSA1 = struct.pack('<I', 1) + b'RSA1' + b'k' * 100
