#!/usr/bin/env python3
"""Writes seed inputs of the dissect harness to ../corpus/dissect: the
conversations of golden cases, in the form that dissect.c describes.

    dissect.py ssl/tls12 quic/versions:0,2 ...     (case[:flow,flow...])
"""
import importlib.util
import pathlib
import struct
import sys

HERE = pathlib.Path(__file__).resolve().parent
PCAP = HERE.parent.parent / "pcap"
OUT = HERE.parent / "corpus" / "dissect"
TCP, UDP, ICMP = 6, 17, 1
MESSAGES_MAX = 256


def make(case):
    """The frames of a golden case."""
    sys.path.insert(0, str(PCAP))
    sys.dont_write_bytecode = True
    import pk
    spec = importlib.util.spec_from_file_location(
        "case", PCAP / case / "make.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    cap = pk.Capture()
    module.make(cap)
    return [data for _, data, _ in cap.records]


def flows(frames):
    """Conversations over IPv4, in order: (protocol, [(direction, bytes)])."""
    out = {}
    for data in frames:
        if data[12:14] != b"\x08\0" or data[23] not in (TCP, UDP, ICMP):
            continue
        ip = data[14:]
        l4 = ip[20:struct.unpack(">H", ip[2:4])[0]]
        head = {UDP: 8, ICMP: 0}.get(ip[9]) if ip[9] != TCP else (
            l4[12] >> 4) * 4
        src, dst = ip[12:16], ip[16:20]
        if ip[9] != ICMP:
            src, dst = src + l4[:2], dst + l4[2:4]
        flow = out.setdefault((ip[9], *sorted((src, dst))), (src, []))
        if l4[head:]:
            flow[1].append((int(src != flow[0]), l4[head:]))
    return [(k[0], f[1]) for k, f in out.items()]


def seed(proto, messages):
    body = b"".join(struct.pack(">BH", d, len(m)) + m
                    for d, m in messages[:MESSAGES_MAX])
    return bytes([{TCP: 0, UDP: 1, ICMP: 2}[proto], 6]) + body


def main():
    for arg in sys.argv[1:]:
        case, _, chosen = arg.partition(":")
        found = flows(make(case))
        numbers = ([int(n) for n in chosen.split(",")] if chosen
                   else range(len(found)))
        for n in numbers:
            name = "%s-%d" % (case.replace("/", "-"), n)
            (OUT / name).write_bytes(seed(*found[n]))
            print("wrote", name)


main()
