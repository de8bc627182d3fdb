"""dnp3kit.py - DNP3 link frames with their checksums, for the golden cases."""
import struct


def crc(data):
    c = 0
    for b in data:
        c ^= b
        for _ in range(8):
            c = c >> 1 ^ 0xa6bc if c & 1 else c >> 1
    return struct.pack('<H', ~c & 0xffff)


def link(user, dst, src, control):
    """A frame around user data (transport octet and all); may be empty."""
    head = struct.pack('<BBBBHH', 5, 0x64, 5 + len(user), control, dst, src)
    out = head + crc(head)
    for i in range(0, len(user), 16):
        out += user[i:i + 16] + crc(user[i:i + 16])
    return out


def app(fc, objects=b'', iin=None, seq=0):
    return bytes([0xc0 | seq, fc]) + (
        b'' if iin is None else struct.pack('>H', iin)) + objects


def ask(fragment, seq=0):
    """From master 1 to outstation 10, in one segment."""
    return link(bytes([0xc0 | seq]) + fragment, 10, 1, 0xc4)


def tell(fragment, seq=0):
    return link(bytes([0xc0 | seq]) + fragment, 1, 10, 0x44)


def crob(code, count=1, on=100, off=100, status=0):
    return struct.pack('<BBIIB', code, count, on, off, status)
