"""tlskit.py - TLS and DTLS messages, and certificates whose signatures are
rubbish (nobody here verifies them), for the cases that need them."""
from pk import pre8, pre16, pre24, u8, u16, u24, u32, u64

CCS, ALERT, HANDSHAKE, DATA, HEARTBEAT = 20, 21, 22, 23, 24
SSL3, TLS10, TLS11, TLS12, TLS13 = 0x300, 0x301, 0x302, 0x303, 0x304
DTLS10, DTLS12 = 0xfeff, 0xfefd
(HELLO_REQUEST, CLIENT_HELLO, SERVER_HELLO, HELLO_VERIFY, TICKET) = range(5)
(CERTIFICATE, SERVER_KEY, CERT_REQUEST, HELLO_DONE, CERT_VERIFY,
 CLIENT_KEY) = range(11, 17)
FINISHED, STATUS = 20, 22
SNI, GROUPS, FORMATS, SIGS, ALPN, SESSION_TICKET = 0, 10, 11, 13, 16, 35
PSK, VERSIONS, KEY_SHARE, ECH = 41, 43, 51, 0xfe0d
RANDOM = bytes(range(32))
RETRY = bytes.fromhex('cf21ad74e59a6111be1d8c021e65b891'
                      'c2a211167abb8c5e079e09e2c8a8339c')


# ---- records and messages ----
def record(kind, body, version=TLS12):
    return u8(kind) + u16(version) + pre16(body)


def message(kind, body):
    return u8(kind) + pre24(body)


def hs(kind, body, version=TLS12):
    return record(HANDSHAKE, message(kind, body), version)


def ccs(version=TLS12):
    return record(CCS, b'\1', version)


def alert(level, what, version=TLS12):
    return record(ALERT, u8(level, what), version)


def sealed(n, kind=HANDSHAKE, version=TLS12):
    """A record of n encrypted bytes."""
    return record(kind, bytes((7 * i + 3) & 255 for i in range(n)), version)


# ---- hellos ----
def ext(kind, body):
    return u16(kind) + pre16(body)


def sni(*names):
    return ext(SNI, pre16(b''.join(u8(0) + pre16(n.encode()) for n in names)))


def alpn(*names):
    return ext(ALPN, pre16(b''.join(pre8(n.encode()) for n in names)))


def groups(*g):
    return ext(GROUPS, pre16(u16(*g)))


def sigs(*s):
    return ext(SIGS, pre16(u16(*s)))


def versions(*v):
    return ext(VERSIONS, pre8(u16(*v)))


def chosen(v):
    return ext(VERSIONS, u16(v))


def share(group, key=bytes(32)):
    """A client's key share; server_share is a server's."""
    return ext(KEY_SHARE, pre16(u16(group) + pre16(key)))


def server_share(group, key=bytes(32)):
    return ext(KEY_SHARE, u16(group) + pre16(key))


def client_hello(*exts, version=TLS12, ciphers=(0xc02f, 0xc030, 0x9c, 0x2f),
                 session=b'', cookie=None, random=RANDOM):
    b = u16(version) + random + pre8(session)
    if cookie is not None:
        b += pre8(cookie)
    b += pre16(u16(*ciphers)) + pre8(b'\0')
    return b + pre16(b''.join(exts)) if exts else b


def server_hello(cipher, *exts, version=TLS12, session=b'', random=RANDOM):
    b = u16(version) + random + pre8(session) + u16(cipher) + b'\0'
    return b + pre16(b''.join(exts)) if exts else b


def chain(*certs):
    return pre24(b''.join(pre24(c) for c in certs))


def ecdhe(group):
    return u8(3) + u16(group) + pre8(bytes(33)) + u16(0x0401) + pre16(bytes(64))


# ---- DTLS ----
def dtls(kind, body, seq, epoch=0, version=DTLS12):
    return u8(kind) + u16(version, epoch) + u64(seq)[2:] + pre16(body)


def fragment(kind, body, number, at=0, n=None):
    """n bytes from at on of a handshake message."""
    n = len(body) - at if n is None else n
    return (u8(kind) + u24(len(body)) + u16(number) + u24(at) +
            pre24(body[at:at + n]))


# ---- certificates ----
def der(tag, body):
    n = len(body)
    size = u8(n) if n < 128 else u8(0x81, n) if n < 256 else u8(0x82) + u16(n)
    return u8(tag) + size + body


def seq(*parts):
    return der(0x30, b''.join(parts))


def oid(text):
    a = [int(x) for x in text.split('.')]
    out = b''
    for x in [a[0] * 40 + a[1]] + a[2:]:
        part = [x & 127]
        while x := x >> 7:
            part.append(x & 127 | 128)
        out += bytes(reversed(part))
    return der(6, out)


def number(n):
    return der(2, n.to_bytes(n.bit_length() // 8 + 1, 'big'))


NAMES = {'C': '2.5.4.6', 'O': '2.5.4.10', 'OU': '2.5.4.11', 'CN': '2.5.4.3'}


def name(**parts):
    return seq(*(der(0x31, seq(oid(NAMES[k]), der(12, v.encode())))
                 for k, v in parts.items()))


RSA = seq(seq(oid('1.2.840.113549.1.1.1'), der(5, b'')),
          der(3, b'\0' + seq(number(1 << 2047 | 1), number(65537))))
EC = seq(seq(oid('1.2.840.10045.2.1'), oid('1.2.840.10045.3.1.7')),
         der(3, b'\0' + b'\4' + bytes(64)))
SHA256_RSA = seq(oid('1.2.840.113549.1.1.11'), der(5, b''))


def certificate(subject, issuer, serial=1, key=RSA, dns=(), ca=None,
                path=None, valid=('240101000000Z', '340101000000Z')):
    exts = b''
    if ca is not None:
        exts += seq(oid('2.5.29.19'), der(1, b'\xff'), der(4, seq(
            der(1, b'\xff') if ca else b'',
            b'' if path is None else number(path))))
    if dns:
        exts += seq(oid('2.5.29.17'), der(4, seq(
            *(der(0x82, d.encode()) for d in dns))))
    tbs = seq(der(0xa0, number(2)), number(serial), SHA256_RSA, issuer,
              seq(*(der(0x17, t.encode()) for t in valid)), subject, key,
              der(0xa3, seq(exts)) if exts else b'')
    return seq(tbs, SHA256_RSA, der(3, b'\0' + bytes(32)))


ROOT_NAME = name(C='DE', O='Test, Ltd.', CN='Test Root')
CA_NAME = name(C='DE', O='Test, Ltd.', CN='Test CA')
CA = certificate(CA_NAME, ROOT_NAME, serial=0xca01, ca=True, path=0)
LEAF = certificate(name(C='DE', CN='www.example.org'), CA_NAME, serial=0x80,
                   dns=('www.example.org', '*.example.org'), key=EC, ca=False)
USER = certificate(name(O='Staff', CN='Ada'), CA_NAME, serial=77)


# ---- conversations ----
def tls12_server(cipher=0xc02f, certs=(LEAF, CA), *exts, session=b''):
    """What a server says up to ServerHelloDone."""
    return (hs(SERVER_HELLO, server_hello(cipher, *exts, session=session)) +
            hs(CERTIFICATE, chain(*certs)) +
            hs(SERVER_KEY, ecdhe(29)) + hs(HELLO_DONE, b''))


def tls12_client_end():
    return hs(CLIENT_KEY, pre8(bytes(32))) + ccs() + sealed(40)


def tls13_hello(host, *exts, **kw):
    return client_hello(sni(host), groups(29, 23), sigs(0x0403, 0x0804),
                        versions(TLS13, TLS12), share(29), *exts,
                        ciphers=(0x1301, 0x1302), session=bytes([9]) * 32,
                        **kw)


def tls13_server_hello(*exts, group=29, **kw):
    return server_hello(0x1301, chosen(TLS13), server_share(group), *exts,
                        session=bytes([9]) * 32, **kw)
