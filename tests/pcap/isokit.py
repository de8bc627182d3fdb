"""isokit.py - ISO transport over TCP and what rides on it, for the golden
cases of controllers."""
import struct


def tpkt(b):
    return struct.pack('>BBH', 3, 0, len(b) + 4) + b


def dt(b, eot=True):
    return tpkt(bytes([2, 0xf0, 0x80 if eot else 0]) + b)


CR = tpkt(b'\x11\xe0\0\0\0\1\0\xc0\1\x0a\xc1\2\1\0\xc2\2\1\2')
CC = tpkt(b'\x11\xd0\0\1\0\2\0\xc0\1\x0a\xc1\2\1\0\xc2\2\1\2')


def s7(kind, params, data=b'', ref=1, error=None):
    return dt(struct.pack('>BBHHHH', 0x32, kind, 0, ref, len(params),
                          len(data)) +
              (b'' if error is None else struct.pack('>H', error)) +
              params + data)


def var(area, db, address, length=1, size=2):
    return struct.pack('>BBBBHHB', 0x12, 10, 0x10, size, length, db,
                       area) + struct.pack('>I', address)[1:]


def ber(tag, *parts):
    b = b''.join(parts)
    n = bytes([len(b)]) if len(b) < 128 else struct.pack('>BH', 0x82, len(b))
    return bytes([tag]) + n + b
