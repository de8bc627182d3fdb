"""gsskit.py - log-in tokens for the golden cases: NTLM, SPNEGO, Kerberos."""
import base64
import struct

UNICODE, OEM, ESS, VERSION, ANONYMOUS = 1, 2, 1 << 19, 1 << 25, 1 << 11
WINDOWS_10 = struct.pack('<BBH4B', 10, 0, 17763, 0, 0, 0, 15)


def utf16(text):
    return text.encode('utf-16-le')


def der(tag, *parts):
    body = b''.join(parts)
    n = len(body)
    if n < 128:
        return bytes([tag, n]) + body
    if n < 256:
        return bytes([tag, 0x81, n]) + body
    return bytes([tag, 0x82, n >> 8, n & 255]) + body


# ---- NTLM ----
def fields(base, *texts):
    """Heads of the fields, and their bytes, which lie from base on."""
    heads, data = b'', b''
    for t in texts:
        heads += struct.pack('<HHI', len(t), len(t), base + len(data))
        data += t
    return heads, data


def pairs(**kw):
    ids = dict(nb_computer=1, nb_domain=2, dns_computer=3, dns_domain=4,
               tree=5, target=9)
    out = b''
    for name, text in kw.items():
        t = utf16(text)
        out += struct.pack('<HH', ids[name], len(t)) + t
    return out + b'\0\0\0\0'


def negotiate(flags=UNICODE | VERSION):
    return (b'NTLMSSP\0' + struct.pack('<II', 1, flags) + b'\0' * 16 +
            WINDOWS_10)


def challenge(info, flags=UNICODE | VERSION):
    name = utf16('OFFICE')
    heads, data = fields(56, name, info)
    return (b'NTLMSSP\0' + struct.pack('<I', 2) + heads[:8] +
            struct.pack('<I', flags) + b'12345678' + b'\0' * 8 + heads[8:] +
            WINDOWS_10 + data)


def authenticate(domain, user, host, nt=b'n' * 24, lm=b'l' * 24,
                 flags=UNICODE | VERSION):
    enc = utf16 if flags & UNICODE else (lambda t: t.encode('latin-1'))
    heads, data = fields(72, lm, nt, enc(domain), enc(user), enc(host), b'')
    return (b'NTLMSSP\0' + struct.pack('<I', 3) + heads +
            struct.pack('<I', flags) + WINDOWS_10 + data)


def v2_answer(info):
    return b'p' * 16 + b'\1\1' + b'\0' * 6 + b'time' * 2 + b'nonce888' + \
        b'\0' * 4 + info


SERVER = pairs(nb_domain='OFFICE', nb_computer='FILES',
               dns_domain='office.example', dns_computer='files.office.example',
               tree='office.example')

# ---- SPNEGO ----
OID_SPNEGO = bytes.fromhex('06062b0601050502')
OID_NTLM = bytes.fromhex('060a2b06010401823702020a')
OID_KRB5 = bytes.fromhex('06092a864886f712010202')


def init(token, *mechs):
    mechs = mechs or (OID_NTLM,)
    inner = der(0x30, der(0xa0, der(0x30, *mechs)),
                der(0xa2, der(4, token)) if token is not None else b'')
    return der(0x60, OID_SPNEGO, der(0xa0, inner))


def resp(state=None, token=None):
    parts = []
    if state is not None:
        parts.append(der(0xa0, der(10, bytes([state]))))
    if token is not None:
        parts.append(der(0xa2, der(4, token)))
    return der(0xa1, der(0x30, *parts))


# ---- Kerberos ----
def ap_req(realm='OFFICE.EXAMPLE', service=('cifs', 'files.office.example'),
           etype=18):
    def text(t):
        return der(0x1b, t.encode())
    name = der(0x30, der(0xa0, der(2, b'\2')),
               der(0xa1, der(0x30, *[text(s) for s in service])))
    enc = der(0x30, der(0xa0, der(2, bytes([etype]))),
              der(0xa1, der(2, b'\2')), der(0xa2, der(4, b'cipher' * 20)))
    ticket = der(0x61, der(0x30, der(0xa0, der(2, b'\5')),
                           der(0xa1, text(realm)), der(0xa2, name),
                           der(0xa3, enc)))
    auth = der(0x30, der(0xa0, der(2, bytes([etype]))),
               der(0xa2, der(4, b'authenticator' * 8)))
    return der(0x6e, der(0x30, der(0xa0, der(2, b'\5')),
                         der(0xa1, der(2, b'\x0e')),
                         der(0xa2, der(3, b'\0\x20\0\0\0')),
                         der(0xa3, ticket), der(0xa4, auth)))


def gss_krb5(message, kind=b'\1\0'):
    return der(0x60, OID_KRB5, kind, message)


def b64(token):
    return base64.b64encode(token).decode()
