"""Names that point forward, to themselves, in chains or past the end; records
that are longer than the message or of a wrong length; counts that lie; and
what is not DNS at all on DNS's port."""
from dnskit import *
from pk import unhex

LOGS = ['dns', 'weird']
C, S = '10.0.0.1', '10.0.0.53'


def make(cap):
    q = question('bad.example', A)
    ok = rr('bad.example', A, bytes([10, 0, 0, 1]))
    flags = QR | RD | RA
    at = len(message(0, 0, [q]))
    loop = ptr(at)                                  # to itself
    chain = [rr(ptr(12), A, bytes(4))]
    chain += [rr(ptr(at + 16 * i), A, bytes(4)) for i in range(70)]
    replies = [
        message(0, flags, [q], [rr(loop, A, bytes(4))]),
        message(1, flags, [q], [rr(ptr(0x3fff), A, bytes(4))]),
        message(2, flags, [q], chain),
        message(3, flags, [q], [ok, rr('short.example', A, bytes(3)), ok]),
        message(4, flags, [q], [ok])[:-2],
        message(5, flags, [q], [ok])[:-9],
        message(6, flags, [q], [name('x') + u16(TXT, IN) + u32(1) + u16(4) +
                                b'\x20abc']),
        message(7, flags, [q], [rr(b'\x3f' + b'a' * 20, A, bytes(4))]),
        message(8, flags, [q], [rr('r.example', CNAME, name('a.b') + b'xx')]),
        message(9, flags, [q], [rr('s.example', HTTPS, u16(1) + b'\0' +
                                   unhex('0001 0003 056832'))]),
        message(10, flags, [q], extra=[b'\0' + u16(OPT, 512) + u32(0) +
                                       u16(6) + unhex('000a 0008 0102')]),
        message(11, flags, [q] * 26),
        u16(12, flags, 1, 0xffff, 0xffff, 0xffff) + q + ok,
    ]
    for i, reply in enumerate(replies):
        cap.udp(C, 5000 + i, S, 53, message(i, RD, [q]))
        cap.udp(S, 53, C, 5000 + i, reply)
    cap.udp(C, 6000, S, 53, b'hello there, this is no DNS message')
    cap.udp(C, 6001, S, 53, bytes(64))
    cap.udp(C, 6002, S, 5300, message(1, RD, [q]) + b'!')
    cap.udp(C, 6003, S, 5300, message(1, RD, [q]))  # sound, so it is
    cap.udp(C, 6004, S, 53, b'\0' * 11)
