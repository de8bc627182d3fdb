"""What an authority says of certificates (RFC 6960): good, revoked with a
reason, unknown; one cut off within its second answer."""
from webkit import *

LOGS = ['ocsp']


def tlv(tag, *parts):
    body = b''.join(parts)
    n = len(body)
    size = bytes([n]) if n < 128 else b'\x82' + n.to_bytes(2, 'big')
    return bytes([tag]) + size + body


def answer(serial, status):
    sha1 = tlv(0x30, tlv(6, b'\x2b\x0e\x03\x02\x1a'), tlv(5))
    number = tlv(0x30, sha1, tlv(4, bytes(range(20))),
                 tlv(4, bytes(range(20, 40))), tlv(2, serial))
    return tlv(0x30, number, status, tlv(0x18, b'20240102030405Z'),
               tlv(0xa0, tlv(0x18, b'20240109030405Z')))


def response(*answers):
    data = tlv(0x30, tlv(0xa2, tlv(4, bytes(20))),
               tlv(0x18, b'20240102030405Z'), tlv(0x30, *answers))
    basic = tlv(0x30, data, tlv(0x30, tlv(6, b'\x2a\x86\x48')), tlv(3, b'\0'))
    kind = tlv(6, b'\x2b\x06\x01\x05\x05\x07\x30\x01\x01')
    return tlv(0x30, tlv(0x0a, b'\0'),
               tlv(0xa0, tlv(0x30, kind, tlv(4, basic))))


def make(cap):
    good = answer(b'\x01\x02\x03', tlv(0x80))
    revoked = answer(b'\x00\xff', tlv(0xa1, tlv(0x18, b'20231231235959Z'),
                                      tlv(0xa0, tlv(0x0a, b'\x01'))))
    unknown = answer(b'\x7f', tlv(0x82))
    t = talk(cap, 40001)
    for body in (response(good, revoked, unknown), response(good)[:-60],
                 response(good, revoked[:-30] + bytes(30))):
        t.c(get('/status'))
        t.s(ok(body, 'Content-Type: application/ocsp-response'))
    t.close()
