"""sshkit.py - SSH messages for the cases that need them."""
from pk import u8, u32

KEXINIT, NEWKEYS = 20, 21
COOKIE = bytes(range(16))


def string(b):
    return u32(len(b)) + b


def packet(kind, payload):
    n = 2 + len(payload)
    pad = 8 - (n + 4) % 8 + 4
    return u32(n + pad) + u8(pad, kind) + payload + bytes(pad)


def kexinit(kex='curve25519-sha256,ecdh-sha2-nistp256',
            key='ssh-ed25519,rsa-sha2-512', cipher='aes128-ctr,aes256-ctr',
            mac='hmac-sha2-256,hmac-sha1', comp='none', cipher_back=None):
    lists = [kex, key, cipher, cipher_back or cipher, mac, mac, comp, comp,
             '', '']
    return packet(KEXINIT, COOKIE + b''.join(
        string(x.encode()) for x in lists) + bytes(5))


def newkeys():
    return packet(NEWKEYS, b'')


def sealed(n):
    return bytes((11 * i + 5) & 255 for i in range(n))


HOST_KEY = string(b'ssh-ed25519') + string(bytes(range(32)))


def reply(kind=31, key=HOST_KEY):
    return packet(kind, string(key) + string(bytes(32)) + string(bytes(83)))


def upto_newkeys(t, client=b'SSH-2.0-Client_1\r\n',
                 server=b'SSH-2.0-Server_2\r\n', **kw):
    t.open()
    t.s(server)
    t.c(client)
    t.c(kexinit(**kw))
    t.s(kexinit(**kw))
    t.c(packet(30, string(bytes(32))))
    t.s(reply() + newkeys())
    t.c(newkeys())
