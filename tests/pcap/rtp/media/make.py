"""Streams that nobody announced: voice with losses and late packets, video of
a dynamic format, both kinds on one flow, a source that begins anew."""
from sipkit import rtp, report

LOGS = ['rtp', 'conn']
A, B = '10.0.0.1', '10.0.0.2'


def make(cap):
    cap.step = 20000000
    for i in range(40):
        if i % 13 != 5:
            cap.udp(A, 4000, B, 6000, rtp(65520 + i, 160 * i, marker=i == 0))
        if i == 20:
            cap.wait(0.03)
    for i in (0, 1, 3, 2, 4, 5, 6):
        cap.udp(B, 7000, A, 7000, rtp(i, 3000 * i, 5, 96, b'v' * 900))
    for i in range(5):
        cap.udp(A, 8000, B, 8000, rtp(i, 160 * i, 9, 0))
    cap.udp(A, 8000, B, 8000, report(9, b'me@host'))
    for i in range(5):
        cap.udp(A, 8000, B, 8000, rtp(i + 30000, 160 * i, 10, 0))
    for i in range(3):
        cap.udp(A, 9001, B, 9001, report(77, b'you@host'))
    for i in range(8):
        cap.udp(A, 9100, B, 9100, rtp(i, 160 * i, 11, 0, first=0x90,
                payload=b'\xbe\xde\0\1\x10\xff\0\0' + b'm' * 40))
