"""tdskit.py - TDS packets for the cases that need them."""
import struct

from pk import u8, u16

BATCH, RPC, ANSWER, ATTENTION, LOGIN, PRELOGIN = 1, 3, 4, 6, 16, 18
HEADERS = struct.pack('<IIHQI', 22, 18, 2, 0, 1)
NVARCHAR = b'\xe7\x40\x1f' + b'\x09\x04\xd0\0\x34'


def packet(kind, body, status=1):
    return u8(kind, status) + u16(len(body) + 8) + b'\0\0\1\0' + body


def utf16(s):
    return s.encode('utf-16-le')


def prelogin(encryption, kind=PRELOGIN):
    options = b'\0' + u16(11, 6) + b'\1' + u16(17, 1) + b'\xff'
    return packet(kind, options + bytes(6) + u8(encryption))


def login(host, user, app, database):
    fixed, texts = b'', b''
    at = 94
    for i, s in enumerate((host, user, 'secret', app, 'sql1', '', 'ODBC', '',
                           database)):
        fixed += struct.pack('<HH', at + len(texts), len(s))
        texts += utf16(s)
    fixed += bytes(6) + struct.pack('<HHHHHHI', at, 0, at, 0, at, 0, 0)
    head = struct.pack('<IIIII', 0x74000004, 4096, 7, 100, 0) + bytes(12)
    body = head + fixed + texts
    return packet(LOGIN, struct.pack('<I', len(body) + 4) + body)


def token(kind, body):
    return u8(kind) + struct.pack('<H', len(body)) + body


def error(code, text):
    return token(0xaa, struct.pack('<iBBH', code, 1, 14, len(text)) +
                 utf16(text) + b'\0\0\1\0\0\0')


def login_ack():
    name = 'Microsoft SQL Server'
    return token(0xad, b'\1\x74\0\0\4' + u8(len(name)) + utf16(name) +
                 b'\x10\0\x03\xe8')


def done(status=0x10, rows=0, kind=0xfd):
    return u8(kind) + struct.pack('<HHQ', status, 0xc1, rows)


def batch(text):
    return packet(BATCH, HEADERS + utf16(text))


def call(name):
    return packet(RPC, HEADERS + struct.pack('<H', len(name)) + utf16(name) +
                  b'\0\0')


def execute_sql(text):
    t = utf16(text)
    return packet(RPC, HEADERS + b'\xff\xff\x0a\0\0\0' + b'\0\0' + NVARCHAR +
                  struct.pack('<H', len(t)) + t)


def prepare_execute(text):
    t, p = utf16(text), utf16('@a int')
    return packet(RPC, HEADERS + b'\xff\xff\x0d\0\0\0' +
                  b'\0\1\x26\4\4\0\0\0\0' + b'\0\0' + NVARCHAR +
                  struct.pack('<H', len(p)) + p + b'\0\0' + NVARCHAR +
                  struct.pack('<H', len(t)) + t)
