"""Datagrams: a call with its answer, one in fragments, one repeated, one
refused, one unanswered, big-endian; and datagrams that are none of it."""
from pk import *
from rpckit import *

C, S = '10.0.0.1', '10.0.0.2'
PNIO = 'dea00001-6c97-11d1-8271-00a02442df7d'


def make(cap):
    def c(data, port=40000):
        cap.udp(C, port, S, 49152, data)

    def s(data, port=40000):
        cap.udp(S, 49152, C, port, data)
    c(datagram(0, SAMR, 7, 1, b'open'))
    s(datagram(2, SAMR, 7, 1, b'handle'))
    c(datagram(0, SAMR, 13, 2, b'a' * 90, flags=4))
    c(datagram(0, SAMR, 13, 2, b'b' * 9, flags=6, fragment=1))
    s(datagram(2, SAMR, 13, 2, b'c' * 90, flags=4))
    s(datagram(2, SAMR, 13, 2, b'd' * 8, flags=6, fragment=1))
    c(datagram(0, PNIO, 0, 3))
    c(datagram(0, PNIO, 0, 3))
    s(datagram(6, PNIO, 0, 3, struct.pack('<I', 0x1c010003)))
    c(datagram(0, SVCCTL, 15, 4))
    c(datagram(0, SVCCTL, 15, 1, order='>'), 40001)
    s(datagram(3, SVCCTL, 15, 1, struct.pack('>I', 0x1c010002), order='>'),
      40001)
    for n in (0, 10, 79):
        c(datagram(0, SAMR, 7, 1)[:n] or b'\4', 41000 + n)
    c(datagram(0, SAMR, 7, 1, b'xy', length=3), 42000)
