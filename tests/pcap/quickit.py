"""quickit.py - QUIC packets with their protection, for the cases that need
them. AES is written out here, so that a capture does not depend on the code
that will read it, nor on a library."""
import hmac
import struct

from pk import u8, u16, u32

V1, V2, DRAFT29 = 1, 0x6b3343cf, 0xff00001d
SALTS = {
    V1: bytes.fromhex('38762cf7f55934b34d179ae6a4c80cadccbb7f0a'),
    V2: bytes.fromhex('0dede3def700a6db819381be6e269dcbf9bd2ed9'),
    DRAFT29: bytes.fromhex('afbfec289993d24c9e9786f19c6111e04390a899'),
}
INITIAL, ZERO_RTT, HANDSHAKE, RETRY = range(4)


# ---- AES-128 (FIPS 197) and GCM (NIST SP 800-38D) ----
def _sbox():
    box, p, q = [0] * 256, 1, 1
    while True:
        p = p ^ (p << 1) & 255 ^ (0x1b if p & 128 else 0)
        q ^= q << 1
        q ^= q << 2
        q ^= q << 4
        q &= 255
        if q & 128:
            q ^= 9
        x = q
        for s in (1, 2, 3, 4):
            x ^= (q << s | q >> (8 - s)) & 255
        box[p] = x ^ 0x63
        if p == 1:
            box[0] = 0x63
            return box


SBOX = _sbox()


def _double(x):
    return (x << 1 ^ (0x1b if x & 128 else 0)) & 255


def _expand(key):
    words = [list(key[i:i + 4]) for i in range(0, 16, 4)]
    rcon = 1
    for i in range(4, 44):
        t = list(words[-1])
        if i % 4 == 0:
            t = [SBOX[b] for b in t[1:] + t[:1]]
            t[0] ^= rcon
            rcon = _double(rcon)
        words.append([a ^ b for a, b in zip(words[-4], t)])
    return [sum(words[i:i + 4], []) for i in range(0, 44, 4)]


def aes(key, block):
    rounds = _expand(key)
    s = [a ^ b for a, b in zip(block, rounds[0])]
    for r in range(1, 11):
        s = [SBOX[s[(i + 4 * (i % 4)) % 16]] for i in range(16)]
        if r < 10:
            out = []
            for c in range(0, 16, 4):
                a = s[c:c + 4]
                for i in range(4):
                    out.append(_double(a[i]) ^ _double(a[(i + 1) % 4]) ^
                               a[(i + 1) % 4] ^ a[(i + 2) % 4] ^
                               a[(i + 3) % 4])
            s = out
        s = [a ^ b for a, b in zip(s, rounds[r])]
    return bytes(s)


def _ghash(h, data):
    h, y = int.from_bytes(h, 'big'), 0
    for i in range(0, len(data), 16):
        y ^= int.from_bytes(data[i:i + 16], 'big')
        z, v = 0, h
        for bit in range(127, -1, -1):
            if y >> bit & 1:
                z ^= v
            v = v >> 1 ^ (0xe1 << 120 if v & 1 else 0)
        y = z
    return y.to_bytes(16, 'big')


def gcm(key, nonce, aad, plain):
    out = b''
    for i in range(0, len(plain), 16):
        stream = aes(key, nonce + u32(2 + i // 16))
        out += bytes(a ^ b for a, b in zip(plain[i:i + 16], stream))
    pad = lambda b: b + bytes(-len(b) % 16)
    mac = _ghash(aes(key, bytes(16)), pad(aad) + pad(out) + struct.pack(
        '>QQ', 8 * len(aad), 8 * len(out)))
    return out + bytes(a ^ b for a, b in zip(mac, aes(key, nonce + u32(1))))


# ---- keys (RFC 9001, 9369) ----
def _expand_label(secret, label, n):
    label = b'tls13 ' + label
    info = u16(n) + u8(len(label)) + label + b'\0\1'
    return hmac.digest(secret, info, 'sha256')[:n]


def keys(version, dcid, client):
    secret = hmac.digest(SALTS[version], dcid, 'sha256')
    secret = _expand_label(secret, b'client in' if client else b'server in',
                           32)
    head = b'quicv2 ' if version == V2 else b'quic '
    return (_expand_label(secret, head + b'key', 16),
            _expand_label(secret, head + b'iv', 12),
            _expand_label(secret, head + b'hp', 16))


# ---- packets ----
def varint(n):
    if n < 64:
        return u8(n)
    return u16(0x4000 | n) if n < 0x4000 else u32(0x80000000 | n)


def long_header(kind, version, dcid, scid, low=0):
    if version == V2:
        kind = (kind + 1) & 3
    return (u8(0xc0 | kind << 4 | low) + u32(version) + u8(len(dcid)) + dcid +
            u8(len(scid)) + scid)


def initial(version, key_id, client, dcid, scid, frames, pn=0, token=b'',
            size=0):
    """One protected Initial packet, padded to size bytes."""
    key, iv, hp = keys(version, key_id, client)
    head = long_header(INITIAL, version, dcid, scid, 3)
    head += varint(len(token)) + token
    frames += bytes(max(0, size - len(head) - 6 - len(frames) - 16))
    head += u16(0x4000 | 4 + len(frames) + 16) + u32(pn)
    nonce = iv[:8] + bytes(a ^ b for a, b in zip(iv[8:], u32(pn)))
    packet = bytearray(head + gcm(key, nonce, head, frames))
    at = len(head) - 4
    mask = aes(hp, bytes(packet[at + 4:at + 20]))
    packet[0] ^= mask[0] & 15
    for i in range(4):
        packet[at + i] ^= mask[1 + i]
    return bytes(packet)


def crypto(data, at=0):
    return b'\6' + varint(at) + varint(len(data)) + data


def ack(n=0):
    return u8(2) + varint(n) + b'\0\0\0'


def sealed(kind, version, dcid, scid, n):
    """A Handshake or 0-RTT packet of n bytes that nobody can read."""
    return long_header(kind, version, dcid, scid) + u16(0x4000 | n) + bytes(
        (5 * i + 1) & 255 for i in range(n))


def short(dcid, n):
    return b'\x41' + dcid + bytes((3 * i) & 255 for i in range(n))


