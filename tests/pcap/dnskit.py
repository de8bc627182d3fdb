"""dnskit.py - DNS messages for the cases that need them."""
from pk import pre8, u8, u16, u32

A, NS, CNAME, SOA, PTR, MX, TXT, AAAA, SRV, NAPTR = 1, 2, 5, 6, 12, 15, 16, 28, 33, 35
NB, OPT, DS, SSHFP, RRSIG, NSEC, DNSKEY = 32, 41, 43, 44, 46, 47, 48
NSEC3, SVCB, HTTPS, SPF, TSIG, ANY, CAA = 50, 64, 65, 99, 250, 255, 257
IN, NONE, ALL = 1, 254, 255
QR, AA, TC, RD, RA, AD, CD = 1 << 15, 1 << 10, 1 << 9, 1 << 8, 1 << 7, 1 << 5, 1 << 4


def name(text):
    """A name without compression; bytes pass as they are."""
    if isinstance(text, bytes):
        return text
    labels = [x for x in text.split('.') if x]
    return b''.join(pre8(x.encode()) for x in labels) + b'\0'


def ptr(offset):
    """A compression pointer."""
    return u16(0xc000 | offset)


def question(qname, qtype, qclass=IN):
    return name(qname) + u16(qtype, qclass)


def rr(owner, kind, data, ttl=300, rclass=IN):
    return name(owner) + u16(kind, rclass) + u32(ttl) + u16(len(data)) + data


def message(ident, flags, questions=(), answers=(), authority=(), extra=(),
            opcode=0, rcode=0):
    return u16(ident, flags | opcode << 11 | rcode, len(questions),
               len(answers), len(authority), len(extra)) + b''.join(
        [*questions, *answers, *authority, *extra])


def query(ident, qname, qtype, flags=RD, **kw):
    return message(ident, flags, [question(qname, qtype)], **kw)


def opt(options=(), size=1232, dnssec=False):
    """An EDNS record; options are (code, bytes)."""
    data = b''.join(u16(c, len(v)) + v for c, v in options)
    return b'\0' + u16(OPT, size) + u32(0x8000 if dnssec else 0) + u16(
        len(data)) + data


def netbios(text, suffix=0, scope=''):
    raw = text.upper().encode().ljust(15)[:15] + u8(suffix)
    code = ''.join(chr(65 + (b >> 4)) + chr(65 + (b & 15)) for b in raw)
    return name(code + ('.' + scope if scope else ''))
