#!/usr/bin/env python3
"""Writes the seed inputs of the row harness to ../corpus/row.

It writes rows from the description in engine/event/row.h alone, so it also
shows that the description is enough to read and write them.
"""
import pathlib
import struct

LEN8, LEN16, LEN32, SIXTEEN = 10, 11, 12, 9
# The harness has one field of each type, its id the type's number plus 1.
TYPES = ("BOOL U8 U16 U32 U64 I64 F64 TIME IVAL STR ADDR "
         "VSTR VU64 VIVAL VADDR").split()


def leb(v):
    out = b""
    while v >= 0x80:
        out += bytes([v & 0x7F | 0x80])
        v >>= 7
    return out + bytes([v])


def fold(v):
    return v * 2 if v >= 0 else -v * 2 - 1


def field(ident, form, value):
    kind = ident - 1 if ident <= len(TYPES) else 15
    return bytes([ident, kind | form << 4]) + value


def number(ident, v):
    raw = v.to_bytes((v.bit_length() + 7) // 8, "little")
    return field(ident, len(raw), raw)


def sized(ident, value, form=LEN8):
    prefix = {LEN8: "<B", LEN16: "<H", LEN32: "<I"}[form]
    return field(ident, form, struct.pack(prefix, len(value)) + value)


def row(fields, orig=b"\x0a\0\0\1", resp=bytes(15) + b"\1"):
    families = {0: 0, 4: 4, 16: 6}
    head = struct.pack("<qqQQHH", 7, 1234567890123456789, 3, 4, 53, 65535)
    head += bytes([families[len(orig)] | families[len(resp)] << 4])
    head += bytes([46 + len(orig) + len(resp)]) + orig + resp
    body = head + b"".join(fields)
    name = 2166136261
    for c in b"fuzzrow":
        name = (name ^ c) * 16777619 & 0xFFFFFFFF
    return struct.pack("<II", len(body) + 8, name) + body


SEEDS = {
    "bare": row([], b"", b""),
    "numbers": row([number(1, 1), number(2, 200), number(3, 60000),
                    number(4, 1 << 31), number(5, (1 << 64) - 1),
                    number(6, fold(-5)),
                    field(7, 8, struct.pack("<d", 0.1)),
                    number(8, fold(-1500)), number(9, fold(10 ** 12))]),
    "texts": row([sized(10, b"text \xff\xc3\xa9\"\\"),
                  field(11, SIXTEEN, bytes(range(16)))]),
    "long": row([sized(10, b"x" * 300, LEN16)]),
    "vectors": row([
        sized(12, leb(1) + b"a" + leb(0) + leb(3) + b"abc"),
        sized(13, leb(0) + leb(1 << 40) + leb((1 << 64) - 1), LEN32),
        sized(14, leb(fold(-1)) + leb(fold(300 * 10 ** 9))),
        sized(15, b"\x04\1\2\3\4" + b"\x10" + bytes(16) + b"\0")]),
    "unknown": row([field(40, 3, b"abc"), bytes([200, 15]), number(1, 0)]),
    "cut": row([sized(10, b"text")])[:-2],
}

folder = pathlib.Path(__file__).parent.parent / "corpus" / "row"
folder.mkdir(parents=True, exist_ok=True)
for name, data in SEEDS.items():
    (folder / name).write_bytes(data)
