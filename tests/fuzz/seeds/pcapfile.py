#!/usr/bin/env python3
"""Writes the seed inputs of the pcapfile harness to ../corpus/pcapfile: one
small capture of each form that is read, made from the formats' drafts."""
import gzip
import pathlib
import struct

OUT = pathlib.Path(__file__).resolve().parent.parent / "corpus" / "pcapfile"
FRAME = bytes(range(60))


def pcap(order="<", magic=0xA1B2C3D4, minor=4, extra=b""):
    out = struct.pack(order + "IHHiIII", magic, 2, minor, 0, 0, 65535, 1)
    for i in range(3):
        frame = FRAME[: 20 * i]
        out += struct.pack(order + "IIII", i, i, len(frame), 60)
        out += extra + frame
    return out


def block(order, kind, body):
    body += bytes(-len(body) % 4)
    size = struct.pack(order + "I", len(body) + 12)
    return struct.pack(order + "I", kind) + size + body + size


def option(order, code, value):
    return (struct.pack(order + "HH", code, len(value)) + value
            + bytes(-len(value) % 4))


def pcapng(order="<"):
    def pack(form, *values):
        return struct.pack(order + form, *values)

    out = block(order, 0x0A0D0D0A, pack("IHHq", 0x1A2B3C4D, 1, 0, -1))
    out += block(order, 1, pack("HHI", 1, 0, 0))
    out += block(order, 1, pack("HHI", 113, 0, 40)
                 + option(order, 9, b"\x09")
                 + option(order, 14, pack("q", -5)) + pack("HH", 0, 0))
    out += block(order, 6, pack("IIIII", 0, 1, 2, 60, 60) + FRAME)
    out += block(order, 6, pack("IIIII", 1, 1, 2, 7, 60) + FRAME[:7])
    out += block(order, 3, pack("I", 60) + FRAME)
    out += block(order, 2, pack("HHIIII", 1, 0, 0, 9, 4, 4) + FRAME[:4])
    out += block(order, 5, pack("III", 0, 0, 0))
    return out


def main():
    made = {
        "usec": pcap(),
        "usec-big": pcap(">"),
        "nsec": pcap(magic=0xA1B23C4D),
        "modified": pcap(magic=0xA1B2CD34, extra=bytes(8)),
        "old": pcap(minor=2),
        "pcapng": pcapng(),
        "pcapng-big": pcapng(">") + pcapng("<"),
        "cut": pcap()[:-5],
        "gzip": gzip.compress(pcap(), mtime=0) * 2,
        # One raw block that is the last: the smallest zstd frame.
        "zstd": b"\x28\xb5\x2f\xfd\x20" + bytes([len(pcap())])
                + (len(pcap()) << 3 | 1).to_bytes(3, "little") + pcap(),
    }
    OUT.mkdir(parents=True, exist_ok=True)
    for name, data in made.items():
        (OUT / name).write_bytes(data)


main()
