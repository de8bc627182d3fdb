#!/usr/bin/env python3
"""Writes seed inputs of the frame harness to ../corpus/frame: the frames of
golden cases, in the form that frame.c describes.

    frame.py lldp/mixed stp/mixed ...
"""
import importlib.util
import pathlib
import struct
import sys

HERE = pathlib.Path(__file__).resolve().parent
PCAP = HERE.parent.parent / "pcap"
OUT = HERE.parent / "corpus" / "frame"
FRAMES_MAX = 64


def main():
    sys.path.insert(0, str(PCAP))
    sys.dont_write_bytecode = True
    import pk
    for case in sys.argv[1:]:
        spec = importlib.util.spec_from_file_location(
            "case", PCAP / case / "make.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        cap = pk.Capture()
        module.make(cap)
        name = case.replace("/", "-")
        (OUT / name).write_bytes(b"".join(
            struct.pack(">H", len(data)) + data
            for _, data, _ in cap.records[:FRAMES_MAX]))
        print("wrote", name)


main()
