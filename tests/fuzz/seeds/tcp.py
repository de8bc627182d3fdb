#!/usr/bin/env python3
"""Writes the seed inputs of the tcp harness to ../corpus/tcp: connections in
good order, with holes, overlaps, resets, reuse, and a flood."""
import pathlib
import struct

OUT = pathlib.Path(__file__).resolve().parent.parent / "corpus" / "tcp"
FIN, SYN, RST, ACK = 1, 2, 4, 16


def packet(up, flags, seq=0, ack=0, size=0, kind=0, wait=0, cut=0):
    """up: from endpoint 1 to 2. Numbers are shifted by 100 in the harness."""
    who = 0x21 if up else 0x12
    kind ^= 0 if up else 8
    return struct.pack(">BBBBHHHH", who, kind, wait, flags, seq + 100,
                       ack + 100, size, cut)


def open_(kind=0):
    return (packet(1, SYN, 1000, kind=kind) +
            packet(0, SYN | ACK, 5000, 1001, kind=kind) +
            packet(1, ACK, 1001, 5001, kind=kind))


def data(pieces, kind=0):
    return b"".join(packet(1, ACK, 1001 + at, 5001, size, kind=kind)
                    for at, size in pieces)


CASES = {
    "normal": open_() + data([(0, 100), (100, 50)]) +
    packet(0, ACK, 5001, 1151, 700) + packet(1, FIN | ACK, 1151, 5701) +
    packet(0, FIN | ACK, 5701, 1152) + packet(1, ACK, 1152, 5702),
    "hole": open_() + data([(0, 10), (50, 10), (90, 3000)]) +
    packet(0, ACK, 5001, 4091) + data([(3090, 10)]),
    "filled": open_() + data([(0, 10), (20, 10), (5, 40), (100, 9), (45, 60)]),
    "cut": open_() + packet(1, ACK, 1001, 5001, 500, cut=0x8010) +
    packet(0, ACK, 5001, 1501),
    "reset": open_() + packet(0, RST | ACK, 5001, 1001) + open_(),
    "answer_first": packet(0, SYN | ACK, 5000, 1001) +
    packet(1, SYN, 1000) + packet(1, ACK, 1001, 5001),
    "no_acks": packet(1, SYN, 1000) +
    data([(i * 4000, 4000) for i in range(9) if i != 1]),
    "many_holes": open_() + data([(i * 20, 10) for i in range(90)]),
    "vlans": open_(0x10) + data([(0, 5)], 0x20) + data([(5, 5)], 0x30),
    "six": open_(1) + data([(0, 100), (200, 100)], 1),
    "late": open_(0x40) + data([(0, 10)], 0x40),
    "udp": packet(1, 0, size=40, kind=6) + packet(0, 0, size=90, kind=6) +
    packet(1, 0, size=40, kind=6, wait=40),
    "icmp": packet(1, 0, size=40, kind=2) + packet(0, 0, size=40, kind=2),
    "checksum": packet(1, SYN, 1000, cut=0x1234) +
    packet(0, SYN | ACK, 5000, 1001),
    "flood": b"".join(
        struct.pack(">BBBBHHHH", (i % 5 + 1) * 16 + i % 6, i & 0x39, i % 3,
                    SYN, i, 0, 0, 0) for i in range(60)),
}

OUT.mkdir(parents=True, exist_ok=True)
for name, body in CASES.items():
    (OUT / name).write_bytes(bytes([len(name) % 8]) + body)
