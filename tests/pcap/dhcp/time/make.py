"""When a talk is told: silence, repeats that keep it alive, age, and too many
messages; and what only stands in the fields for names (option 52)."""
from dhcpkit import *

ANY, ALL = '0.0.0.0', '255.255.255.255'


def make(cap):
    def ask(xid, n, pairs=(), **kw):
        cap.udp(ANY, 68, ALL, 67, message(
            1, xid, '02:00:00:00:01:%02x' % n, DISCOVER, pairs, **kw))

    start = cap.now
    for t in (0, 4, 12, 16, 21, 24, 28, 33):
        cap.now = start + t * 10 ** 9
        ask(1, 1)
    cap.wait(60)
    for _ in range(60):
        ask(2, 2)
    cap.wait(60)
    ask(3, 3, [(52, b'\x03'), (12, b'first')],
        file=options([(12, b'second'), (60, b'in-file')])[:-1],
        sname=options([(77, b'in-sname')]))
