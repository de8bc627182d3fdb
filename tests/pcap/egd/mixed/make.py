"""Two exchanges, each told once; a packet that is too short."""
import struct

LOGS = ['egd', 'conn']
A, B = '10.0.0.1', '10.0.0.2'


def p(n, exchange):
    return struct.pack('<BBH4sIIIIII', 13, 1, n, bytes([10, 0, 0, 1]), exchange,
                       1, 2, 1, 0x12, 0) + bytes(10)


def make(cap):
    for n in range(3):
        cap.udp(A, 18246, B, 18246, p(n, 5))
        cap.udp(A, 18246, B, 18246, p(n, 6))
    cap.udp(A, 40000, B, 18246, p(1, 7)[:31])
    cap.udp(A, 40001, B, 18246, b'\x0d\2' + p(1, 7)[2:])
