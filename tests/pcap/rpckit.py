"""rpckit.py - DCE/RPC messages for the golden cases."""
import struct
import uuid

REQUEST, RESPONSE, FAULT, BIND, BIND_ACK, BIND_NAK, ALTER, ALTER_RESP, \
    AUTH3 = 0, 2, 3, 11, 12, 13, 14, 15, 16
FIRST, LAST, OBJECT = 1, 2, 0x80

NDR = '8a885d04-1ceb-11c9-9fe8-08002b104860'
EPM = 'e1af8308-5d1f-11c9-91a4-08002b14a0fa'
SAMR = '12345778-1234-abcd-ef00-0123456789ac'
SVCCTL = '367abb81-9844-35f1-ad32-98f038001003'
DRSUAPI = 'e3514235-4b06-11d1-ab04-00c04fc2dcd2'
EFS = 'c681d488-d850-11d0-8c52-00c04fd90f7e'
NOBODY = '00112233-4455-6677-8899-aabbccddeeff'


def guid(text, order='<'):
    u = uuid.UUID(text)
    return u.bytes_le if order == '<' else u.bytes


def auth(kind, level, token):
    return struct.pack('<BBBBI', kind, level, 0, 0, 79231), token


def pdu(kind, call, body, flags=FIRST | LAST, verifier=None, order='<',
        minor=0):
    tail, token = verifier or (b'', b'')
    head = struct.pack('BBBB', 5, minor, kind, flags)
    head += (b'\x10' if order == '<' else b'\0') + b'\0\0\0'
    return head + struct.pack(order + 'HHI', 16 + len(body) + len(tail) +
                              len(token), len(token), call) + \
        body + tail + token


def bind(call, *contexts, kind=BIND, order='<', verifier=None):
    """contexts: (id, uuid, major)."""
    body = struct.pack(order + 'HHIB3x', 5840, 5840, 0, len(contexts))
    for n, u, major in contexts:
        body += struct.pack(order + 'HBx', n, 1) + guid(u, order)
        body += struct.pack(order + 'HH', major, 0) + guid(NDR, order)
        body += struct.pack(order + 'I', 2)
    return pdu(kind, call, body, order=order, verifier=verifier)


def bound(call, *results, name=b'', kind=BIND_ACK, order='<', verifier=None):
    body = struct.pack(order + 'HHIH', 5840, 5840, 1, len(name)) + name
    body += b'\0' * (-(16 + len(body)) % 4)
    body += struct.pack('B3x', len(results))
    for r in results:
        body += struct.pack(order + 'HH', r, 0) + guid(NDR, order)
        body += struct.pack(order + 'I', 2)
    return pdu(kind, call, body, order=order, verifier=verifier)


def request(call, context, opnum, stub=b'', flags=FIRST | LAST, order='<',
            verifier=None, obj=None):
    body = struct.pack(order + 'IHH', len(stub), context, opnum)
    if obj:
        flags |= OBJECT
        body += guid(obj, order)
    return pdu(REQUEST, call, body + stub, flags, verifier, order)


def response(call, context, stub=b'', flags=FIRST | LAST, order='<',
             verifier=None):
    body = struct.pack(order + 'IHBx', len(stub), context, 0)
    return pdu(RESPONSE, call, body + stub, flags, verifier, order)


def fault(call, context, status, order='<'):
    body = struct.pack(order + 'IHBxI4x', 0, context, 0, status)
    return pdu(FAULT, call, body, order=order)


# ---- The endpoint mapper ----
def floor(left, right):
    return struct.pack('<H', len(left)) + left + \
        struct.pack('<H', len(right)) + right


def tower(u, major, port, ip=b'\0\0\0\0', proto=7):
    floors = [floor(b'\x0d' + guid(u) + struct.pack('<H', major), b'\0\0'),
              floor(b'\x0d' + guid(NDR) + b'\2\0', b'\0\0'),
              floor(b'\x0b', b'\0\0'),
              floor(bytes([proto]), struct.pack('>H', port)),
              floor(b'\x09', ip)]
    return struct.pack('<H', len(floors)) + b''.join(floors)


def mapping(*towers, order='<', count=None):
    n = len(towers) if count is None else count
    out = b'h' * 20 + struct.pack(order + 'IIII', n, 4, 0, n)
    out += b''.join(struct.pack(order + 'I', 3 + i) for i in range(n))
    for t in towers:
        out += struct.pack(order + 'II', len(t), len(t)) + t
        out += b'\0' * (-len(t) % 4)
    return out + struct.pack(order + 'I', 0)


# ---- Datagrams ----
def datagram(kind, u, opnum, sequence, stub=b'', order='<', flags=0x28,
             fragment=0, length=None):
    head = struct.pack('BBBB', 4, kind, flags, 0)
    head += (b'\x10' if order == '<' else b'\0') + b'\0\0\0'
    head += guid(NOBODY, order) + guid(u, order) + guid(EFS, order)
    head += struct.pack(order + 'IIIHHHHH', 0, 1, sequence, opnum, 0xffff,
                        0xffff, len(stub) if length is None else length,
                        fragment)
    return head + b'\0\0' + stub
