"""Over UDP: a question of a few bytes and an answer of many datagrams; one that
is not answered; what is none."""
from pk import u16


def make(cap):
    a, b = ('10.0.0.1', 40000), ('10.0.0.2', 11211)
    cap.udp(*a, *b, u16(1, 0, 1, 0) + b'stats\r\n')
    for i in range(3):
        cap.udp(*b, *a, u16(1, i, 3, 0) + b'STAT pid 1\r\n' + bytes(1300))
    cap.udp(*a, *b, u16(2, 0, 1, 0) + b'get big\r\n')
    cap.udp(*b, *a, u16(2, 0, 2, 0) + b'VALUE big 0 1000000\r\n' + bytes(1300))
    cap.udp('10.0.0.3', 40001, *b, u16(1, 0, 1, 0) + b'get x\r\n')
    cap.udp('10.0.0.3', 40002, *b, u16(1, 0, 1, 9) + b'get x\r\n')
    cap.udp('10.0.0.3', 40003, *b, b'hello')
