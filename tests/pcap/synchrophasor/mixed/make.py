"""Commands, a configuration, data told once; a wrong checksum, a gap, a head
that cannot be; over UDP."""
import struct

LOGS = ['synchrophasor', 'weird', 'conn']
C, S = '10.0.0.1', '10.0.0.2'


def f(kind, body, ident=7):
    b = struct.pack('>BBHHII', 0xaa, kind << 4 | 1, 16 + len(body), ident,
                    1700000000, 0) + body
    crc = 0xffff
    for x in b:
        crc ^= x << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xffff
    return b + struct.pack('>H', crc)


def make(cap):
    cfg = struct.pack('>IH', 1000000, 2) + b'Station A       ' + bytes(40)
    t = cap.tcp(C, 40000, S, 4712)
    t.open()
    t.c(f(4, b'\0\5'), seg=[1, 7, 2])
    t.s(f(3, cfg), seg=11)
    t.c(f(4, b'\0\2'))
    t.s(f(0, bytes(20)) + f(0, bytes(20)))
    bad = bytearray(f(4, b'\0\1'))
    bad[-1] ^= 1
    t.c(bytes(bad))
    t.skip('s', 36)
    t.s(f(1, b'text'))
    t.c(f(4, b'\0\x63') + b'\xab\0\0\0' + bytes(12))
    t.close()
    cap.udp(C, 4712, S, 4713, f(4, b'\0\2'))
    cap.udp(S, 4713, C, 4712, f(0, bytes(20)))
    cap.udp(C, 40001, S, 4713, b'\xaa\x41\0\x12' + bytes(14))
