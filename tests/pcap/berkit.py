"""berkit.py - ASN.1 values in BER and DER, and Kerberos messages (RFC 4120),
for the golden cases."""
from pk import *


def tlv(tag, *parts, wide=False):
    """One element; wide: its length in four bytes, as some servers do."""
    body = b''.join(parts)
    n = len(body)
    if wide or n > 65535:
        head = b'\x84' + u32(n)
    elif n < 128:
        head = u8(n)
    elif n < 256:
        head = b'\x81' + u8(n)
    else:
        head = b'\x82' + u16(n)
    return u8(tag) + head + body


def seq(*parts, **kw):
    return tlv(0x30, *parts, **kw)


def ctx(n, *parts):
    return tlv(0xa0 | n, *parts)


def integer(n, tag=2):
    size = max(1, (n.bit_length() + 8) // 8)
    return tlv(tag, n.to_bytes(size, 'big', signed=True))


def octets(b):
    return tlv(4, b.encode() if isinstance(b, str) else b)


def oid(dotted, tag=6):
    n = [int(x) for x in dotted.split('.')]
    out = b''
    for x in [n[0] * 40 + n[1]] + n[2:]:
        part = [x & 127]
        while x > 127:
            x >>= 7
            part.append(x & 127 | 128)
        out += bytes(reversed(part))
    return tlv(tag, out)


# ---- Kerberos ----
def gstring(text):
    return tlv(0x1b, text.encode())


def name(text, kind=1):
    return seq(ctx(0, integer(kind)),
               ctx(1, seq(*(gstring(p) for p in text.split('/')))))


def when(text):
    return tlv(0x18, text.encode())


def encrypted(etype, cipher, kvno=None):
    return seq(ctx(0, integer(etype)),
               b'' if kvno is None else ctx(1, integer(kvno)),
               ctx(2, octets(cipher)))


def ticket(service, realm='EXAMPLE.ORG', etype=18, cipher=b'sealed', kvno=2):
    return tlv(0x61, seq(ctx(0, integer(5)), ctx(1, gstring(realm)),
                         ctx(2, name(service)),
                         ctx(3, encrypted(etype, cipher, kvno))))


def padata(kind, value):
    return seq(ctx(1, integer(kind)), ctx(2, octets(value)))


def kdc_req(kind, client, service, options=0x40810010, realm='EXAMPLE.ORG',
            etypes=(18, 17, 23), pa=(), start=None, till='20371231235959Z',
            addresses=(), more=b''):
    body = seq(ctx(0, tlv(3, b'\0' + u32(options))),
               ctx(1, name(client)) if client else b'',
               ctx(2, gstring(realm)), ctx(3, name(service, 2)),
               ctx(4, when(start)) if start else b'', ctx(5, when(till)),
               ctx(7, integer(77)), ctx(8, seq(*map(integer, etypes))),
               ctx(9, seq(*(seq(ctx(0, integer(k)), ctx(1, octets(a)))
                            for k, a in addresses))) if addresses else b'',
               more)
    return tlv(0x60 | kind, seq(ctx(1, integer(5)), ctx(2, integer(kind)),
                                ctx(3, seq(*pa)) if pa else b'',
                                ctx(4, body)))


def kdc_rep(kind, client, tkt, realm='EXAMPLE.ORG', etype=18, pa=()):
    return tlv(0x60 | kind, seq(ctx(0, integer(5)), ctx(1, integer(kind)),
                                ctx(2, seq(*pa)) if pa else b'',
                                ctx(3, gstring(realm)), ctx(4, name(client)),
                                ctx(5, tkt), ctx(6, encrypted(etype, b'x'))))


def ap_req(tkt):
    return tlv(0x6e, seq(ctx(0, integer(5)), ctx(1, integer(14)),
                         ctx(2, tlv(3, b'\0' + u32(0x20000000))), ctx(3, tkt),
                         ctx(4, encrypted(18, b'authenticator'))))


def ap_rep():
    return tlv(0x6f, seq(ctx(0, integer(5)), ctx(1, integer(15)),
                         ctx(2, encrypted(18, b'x'))))


def krb_error(code, service, text=None, client=None, realm='EXAMPLE.ORG'):
    return tlv(0x7e, seq(ctx(0, integer(5)), ctx(1, integer(30)),
                         ctx(4, when('20231114221320Z')), ctx(5, integer(9)),
                         ctx(6, integer(code)),
                         ctx(7, gstring(realm)) if client else b'',
                         ctx(8, name(client)) if client else b'',
                         ctx(9, gstring(realm)), ctx(10, name(service)),
                         ctx(11, gstring(text)) if text else b''))


# ---- LDAP ----
def ldap(number, op, *parts, controls=(), wide=False):
    c = ctx(0, *(seq(octets(x)) for x in controls)) if controls else b''
    return seq(integer(number), tlv(op, *parts), c, wide=wide)


def bind(number, dn='', password=None, mechanism=None, token=None):
    if mechanism is None:
        auth = tlv(0x80, (password or '').encode())
    else:
        auth = ctx(3, octets(mechanism),
                   b'' if token is None else octets(token))
    return ldap(number, 0x60, integer(3), octets(dn), auth)


def result(number, op, code=0, matched='', words='', more=b'', **kw):
    return ldap(number, op, integer(code, 10), octets(matched), octets(words),
                more, **kw)


def search(number, base='', filt=None, scope=2, attributes=(), **kw):
    return ldap(number, 0x63, octets(base), integer(scope, 10),
                integer(0, 10), integer(100), integer(5), tlv(1, b'\0'),
                filt or tlv(0x87, b'objectClass'),
                seq(*map(octets, attributes)), **kw)


def entry(number, dn, wide=False):
    return ldap(number, 0x64, octets(dn),
                seq(seq(octets('cn'), tlv(0x31, octets('x')))), wide=wide)


def equal(name, value, tag=0xa3):
    return tlv(tag, octets(name), octets(value))


# ---- SNMP ----
def var(name, value=b'\5\0'):
    return seq(oid(name), value)


def pdu(kind, *bindings, error=0):
    return tlv(0xa0 | kind, integer(7), integer(error), integer(0),
               seq(*bindings))


def snmp(version, community, body):
    return seq(integer(version), octets(community), body)


def snmp3(user, body, flags=0, engine=b'\x80\0\x1f\x88\x04abc'):
    usm = seq(octets(engine), integer(1), integer(2), octets(user), octets(''),
              octets(''))
    data = octets(body) if flags & 2 else seq(octets(engine), octets('ctx'),
                                              body)
    return seq(integer(3), seq(integer(9), integer(65507), octets(u8(flags)),
                               integer(3)), octets(usm), data)
