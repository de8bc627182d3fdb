"""An association from its INIT to its end, one that is refused, data without a
beginning, two associations of the same hosts, chunks that lie."""
from pk import addr, u16, u32, u8

LOGS = ['sctp', 'conn']
A, B = '10.0.0.1', '10.0.0.2'


def chunk(kind, body=b'', length=None):
    return u8(kind, 0) + u16(4 + len(body) if length is None else length) + \
        body + b'\0' * (-len(body) % 4)


def data(ppid, text):
    return chunk(0, u32(1) + u16(0, 0) + u32(ppid) + text)


def init(kind=1):
    return chunk(kind, u32(0x11223344, 65536) + u16(10, 20) + u32(1) +
                 u16(5, 8) + addr('192.0.2.1') + u16(6, 20) +
                 addr('2001:db8::1') + u16(12, 6) + u16(5) + b'\0\0')


def make(cap):
    def send(src, dst, sport, dport, *chunks):
        cap.ip(src, dst, 132, u16(sport, dport) + u32(7, 0) + b''.join(chunks))

    def pair(sport, *talk):
        for n, chunks in enumerate(talk):
            a = (A, B, sport, 2905) if n % 2 == 0 else (B, A, 2905, sport)
            send(*a, *chunks)
    pair(5000, [init()], [init(2)], [chunk(10, b'cookie')], [chunk(11)],
         [data(3, b'hello'), data(3, b'x')], [data(46, b'y'), data(999, b'z')],
         [chunk(7, u32(1))], [chunk(8)], [chunk(14)])
    pair(5001, [init()], [chunk(6)])
    send('10.0.0.3', B, 1, 2, data(60, b'late'))
    for n, bad in enumerate((b'', b'\1', chunk(1), chunk(1, length=3),
                             chunk(0, length=999), chunk(0, b'x' * 5),
                             chunk(1, u32(1, 2) + u16(1, 1) + u32(1) +
                                   u16(5, 99)), chunk(77) * 99)):
        send('10.0.1.%d' % n, B, 1, 2, bad)
