"""stunkit.py - STUN and TURN messages for golden cases."""
from pk import addr, u16, u32

COOKIE = 0x2112a442
ID = b'transaction1'


def attr(kind, value):
    return u16(kind, len(value)) + value + b'\0' * (-len(value) % 4)


def place(kind, host, port, ident=ID, xored=True):
    raw = addr(host)
    mask = u32(COOKIE) + ident
    if xored:
        raw = bytes(a ^ b for a, b in zip(raw, mask))
        port ^= COOKIE >> 16
    return attr(kind, bytes([0, 2 if len(raw) == 16 else 1]) + u16(port) + raw)


def stun(kind, *attrs, ident=ID, cookie=COOKIE, length=None):
    body = b''.join(attrs)
    return u16(kind, len(body) if length is None else length) + \
        u32(cookie) + ident + body


def channel(number, data, pad=False):
    data = u16(number, len(data)) + data
    return data + b'\0' * (-len(data) % 4) if pad else data
