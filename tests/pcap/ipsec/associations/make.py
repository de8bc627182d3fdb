"""ESP and AH both ways with losses, a new association, numbers that leap, what
is too short."""
from pk import u16, u32, u8

LOGS = ['ipsec', 'conn']
A, B = '10.0.0.1', '10.0.0.2'


def make(cap):
    for i in range(1, 11):
        if i not in (4, 5):
            cap.ip(A, B, 50, u32(0x1000, i) + b'e' * 64)
        cap.ip(B, A, 50, u32(0x2000, i) + b'e' * 32)
    for i in (1, 2, 3):
        cap.ip(A, B, 50, u32(0x3000, i) + b'e' * 64)
    cap.ip(A, B, 50, u32(0x3000, 2000000) + b'e' * 64)
    cap.ip(A, '10.0.0.3', 51, u8(4, 4) + u16(0) + u32(0x4000, 7) + b'i' * 12)
    cap.ip(A, '10.0.0.4', 50, u32(5, 7) + b'e' * 12)
    cap.ip(A, '10.0.0.5', 50, u32(0x5000))
