#!/usr/bin/env python3
"""Writes the seed inputs of the spool harness to ../corpus/spool.

It writes segments from the description in engine/event/spool.h alone, so it
also shows that the description is enough to read and write them.
"""
import pathlib
import struct

EPOCH = 1


def crc32c(data, before=0):
    crc = before ^ 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def segment(*batches):
    head = b"\nnjspol1" + struct.pack("<IIQQqI", 1, 48, EPOCH, 0, 5, 0)
    out = head + struct.pack("<I", crc32c(head))
    for b in batches:
        out += b + bytes(-len(b) % 8)
    return out


def batch(position, *rows):
    body = b"".join(rows)
    rest = struct.pack("<QIIII", position, len(body), len(rows),
                       crc32c(body), 0)
    seed = (EPOCH ^ EPOCH >> 32) & 0xFFFFFFFF
    return b"NjB1" + struct.pack("<I", crc32c(rest, seed)) + rest + body


def row(number):
    fields = bytes([1, 4 | 1 << 4, number])
    return struct.pack("<IIqqQQHHBB", 46 + len(fields), 77, number, number, 0,
                       0, 0, 0, 0, 46) + fields


ROWS = [row(n) for n in range(6)]
SIZE = len(ROWS[0])
FIRST = batch(0, *ROWS[:3])
SECOND = batch(3 * SIZE, *ROWS[3:])
SEEDS = {
    "empty": segment(),
    "two": segment(FIRST, SECOND),
    "torn": segment(FIRST, SECOND)[:-SIZE - 3],
    "damaged-rows": segment(FIRST[:-5] + b"x" + FIRST[-4:], SECOND),
    "damaged-head": segment(b"x" + FIRST[1:], SECOND),
    "gap": segment(FIRST, batch(1000, ROWS[4])),
    "back": segment(SECOND, FIRST),
    "no-rows": segment(batch(0, b"\xff" * 50), SECOND),
}

folder = pathlib.Path(__file__).parent.parent / "corpus" / "spool"
folder.mkdir(parents=True, exist_ok=True)
for name, data in SEEDS.items():
    (folder / name).write_bytes(data)
