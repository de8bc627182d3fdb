"""SOCKS 4, 4A and 5: what is asked for by address and by name, logins, a
refusal, BIND with its two replies, payload ahead of the reply, one side
alone; and what goes through."""
from webkit import *

LOGS = ['socks', 'http', 'conn', 'weird']
V4, V6 = u8(192, 0, 2, 7), bytes.fromhex('20010db8') + bytes(11) + u8(9)
DONE = u8(5, 0, 0, 1) + V4 + u16(4000)


def name(text):
    return u8(3) + pre8(text.encode())


def ask(place, port=80, command=1):
    return u8(5, command, 0) + place + u16(port)


def make(cap):
    t = talk(cap, 40001, 1080)
    t.c(u8(5, 2, 0, 2), seg=1)
    t.s(u8(5, 0), seg=1)
    t.c(ask(name('a.example')), seg=1)
    t.s(DONE, seg=1)
    t.c(get('/through'))
    t.s(ok(TEXT))
    t.close()

    # A login on another port; IPv6.
    t = talk(cap, 40002, 9999)
    t.c(u8(5, 3, 0, 1, 2))
    t.s(u8(5, 2))
    t.c(u8(1) + pre8(b'lea') + pre8(b'secret'))
    t.s(u8(1, 0))
    t.c(ask(u8(4) + V6, 443))
    t.s(u8(5, 5, 0) + name('proxy.example') + u16(0))
    t.close()

    t = talk(cap, 40003, 9999)
    t.c(u8(5, 1, 2))
    t.s(u8(5, 2))
    t.c(u8(1) + pre8(b'lea') + pre8(b'wrong'))
    t.s(u8(1, 1))
    t.close()

    t = talk(cap, 40004, 9999)
    t.c(u8(5, 1, 0))
    t.s(u8(5, 0xff))
    t.close()

    # All at once, the request that goes through included.
    t = talk(cap, 40005, 9999)
    t.c(u8(5, 1, 2) + u8(1) + pre8(b'lea') + pre8(b'secret') +
        ask(u8(1) + V4) + get('/ahead'))
    t.s(u8(5, 2) + u8(1, 0) + DONE + ok(TEXT))
    t.close()

    t = talk(cap, 40006, 9999)
    t.c(u8(5, 1, 0))
    t.s(u8(5, 0))
    t.c(ask(u8(1) + V4, 21, 2))
    t.s(DONE)
    t.s(DONE)
    t.s(ok(TEXT))
    t.close()

    t = talk(cap, 40007, 9999)
    t.c(u8(5, 1, 0))
    t.s(u8(5, 0))
    t.c(ask(u8(1) + bytes(4), 0, 3))
    t.s(DONE)
    t.close()

    # GSSAPI: what follows is not read.
    t = talk(cap, 40008, 9999)
    t.c(u8(5, 1, 1))
    t.s(u8(5, 1))
    t.c(u8(1, 1) + pre16(bytes(40)))
    t.s(u8(1, 1) + pre16(bytes(40)))
    t.close()

    t = talk(cap, 40009, 9999)
    t.c(u8(4, 1) + u16(80) + V4 + b'lea\0', seg=1)
    t.s(u8(0, 90) + u16(4000) + V4, seg=1)
    t.c(get('/four'))
    t.s(ok(TEXT))
    t.close()

    t = talk(cap, 40010, 1080)
    t.c(u8(4, 1) + u16(80) + u8(0, 0, 0, 1) + b'\0b.example\0')
    t.s(u8(0, 91) + bytes(6))
    t.close()

    t = talk(cap, 40011, 9999)
    t.c(u8(5, 1, 0))
    t.c(ask(name('c.example')))
    t.close()
    t = talk(cap, 40012, 9999)
    t.s(u8(5, 0) + DONE)
    t.s(ok(TEXT))
    t.close()

    # A proxy behind a proxy.
    t = talk(cap, 40013, 1080)
    t.c(u8(5, 1, 0))
    t.s(u8(5, 0))
    t.c(ask(name('next.example'), 1080))
    t.s(DONE)
    t.c(u8(5, 1, 0))
    t.s(u8(5, 0))
    t.c(ask(name('last.example')))
    t.s(DONE)
    t.c(get('/far'))
    t.s(ok(TEXT))
    t.close()
