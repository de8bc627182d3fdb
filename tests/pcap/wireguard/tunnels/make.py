"""Handshakes, cookies and what goes through; a tunnel seen from its middle on
its port; sizes that are not those of the messages."""
import struct

LOGS = ['wireguard', 'conn']
A, B = '10.0.0.1', '10.0.0.2'


def message(kind, size, *numbers):
    data = struct.pack('<I', kind) + b''.join(struct.pack('<I', n)
                                              for n in numbers)
    return data + b'w' * (size - len(data))


def transport(receiver, counter, size=32):
    return struct.pack('<IIQ', 4, receiver, counter) + b't' * (size - 16)


def make(cap):
    cap.udp(A, 5000, B, 443, message(1, 148, 0x11))
    cap.udp(B, 443, A, 5000, message(3, 64, 0x11))
    cap.udp(A, 5000, B, 443, message(1, 148, 0x12))
    cap.udp(B, 443, A, 5000, message(2, 92, 0x22, 0x12))
    for i in range(4):
        cap.udp(A, 5000, B, 443, transport(0x22, i, 96))
        cap.udp(B, 443, A, 5000, transport(0x12, i, 1440))
    cap.udp(A, 5000, B, 443, b'junk')
    for i in range(5):
        cap.udp(A, 5001, B, 51820, transport(0x33, 100 + i, 128))
    for n, data in enumerate((message(1, 147, 1), message(2, 93, 1),
                              message(5, 148, 1), transport(1, 1, 40),
                              b'\1\0\0\1' + b'x' * 144, transport(1, 1))):
        for i in range(5):
            cap.udp(A, 6000 + n, B, 7000, data)
    for i in range(5):
        cap.udp(A, 5002, B, 51820, transport(0x33 + i, 1 << 50))
