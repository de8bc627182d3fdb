#!/usr/bin/env python3
"""Captures in network namespaces, with exact counts.

Two namespaces are joined by a veth pair; one sends a known number of frames,
the other receives through DPDK. Whatever is received and whatever the
counters say was lost must add up to what was sent, also when the receiver is
far too slow. Needs root; says in one line why it skips.
"""
import argparse
import json
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile

SKIP = 77
FRAMES = 50000
A, B = f"nj-a-{os.getpid()}", f"nj-b-{os.getpid()}"
LOST = "missed no_mbuf ring_full kernel_dropped unreadable".split()


def ip(*args):
    subprocess.run(["ip", *args], check=True, stderr=subprocess.PIPE)


def make_pair():
    """IPv6 is off before the links are up: nothing but our frames moves."""
    off = ["net.ipv6.conf.all.disable_ipv6=1",
           "net.ipv6.conf.default.disable_ipv6=1"]
    for name in (A, B):
        subprocess.run(["ip", "netns", "exec", name, "sysctl", "-qw", *off],
                       check=True, stderr=subprocess.DEVNULL)
    ip("-n", A, "link", "add", "va", "type", "veth", "peer", "name", "vb",
       "netns", B)
    ip("-n", A, "link", "set", "va", "up")
    ip("-n", B, "link", "set", "vb", "up")


def drop_pair():
    for name in (A, B):
        subprocess.run(["ip", "netns", "del", name],
                       stderr=subprocess.DEVNULL)


class Capture:
    """net_capture on a device, in namespace B unless told otherwise."""

    def __init__(self, program, device, workers, late=False, netns=B):
        prefix = ["ip", "netns", "exec", netns] if netns else []
        self.process = subprocess.Popen(
            [*prefix, program, device, str(workers), *["late"] * late],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True)
        self.first = self.process.stdout.readline().strip()
        self.ready = self.first == "ready"

    def finish(self, sent=0):
        """What it says when all of sent packets are known of."""
        text = self.process.communicate(f"{sent}\n")[0].strip()
        return json.loads(text or self.first)


def check(what, truth, answer):
    print(("ok      " if truth else "FAILED  ") + what
          + ("" if truth else f": {json.dumps(answer)}"))
    return bool(truth)


def write_pcap(path, count):
    with open(path, "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
        for i in range(count):
            pair = struct.pack(">H", i // 2 % 50)
            ends = [b"\x0a\x00" + pair, b"\x0a\x01\xff\xff"]
            # Now and then a frame that fits no single buffer.
            more = bytes(20000 if i % 100 == 99 else 68)
            frame = (bytes(12) + b"\x08\x00\x45\x00\x00\x64" + bytes(4)
                     + b"\x40\x11\x00\x00" + ends[i & 1] + ends[1 - (i & 1)]
                     + struct.pack(">HHHHI", 7, 7, 80, 0, i) + more)
            f.write(struct.pack("<IIII", 1000 + i, i, len(frame), len(frame)))
            f.write(frame)


def test_file(tools, folder):
    """A file is read whole, once, with its own times, by any number of
    workers, and each address pair by one of them."""
    path = os.path.join(folder, "a.pcap")
    write_pcap(path, FRAMES)
    sums, good = set(), True
    for workers in (1, 2, 3):
        c = Capture(tools.capture, f"net_pcap0,rx_pcap={path}", workers,
                    netns=None)
        r = c.finish(FRAMES)
        sums.add(r.get("sum"))
        good &= check(f"net_pcap {workers} workers",
                      r.get("received") == FRAMES
                      and r["shared_pairs"] == 0 and r["snapped"] == 0
                      and r["first_ns"] // 10**9 in range(1000, 1100)
                      and not any(r[k] for k in LOST), r)
    return check("net_pcap same packets", len(sums) == 1, list(sums)) and good


def test_live(tools, device, room=False):
    """All that was sent was received or is counted as lost; nothing is lost
    where the device has room for all."""
    good = True
    cases = ((1, False), (2, False), (1, True), (2, True))
    for workers, late in cases[:2] if room else cases:
        c = Capture(tools.capture, device, workers, late)
        if not c.ready:
            print(f"skip    {device}: {c.finish().get('error')}")
            return good
        sent = int(subprocess.run(
            ["ip", "netns", "exec", A, tools.send, "va", str(FRAMES), "200",
             "64"], stdout=subprocess.PIPE, check=True).stdout)
        r = c.finish(sent)
        lost = sum(r.get(k, 0) for k in LOST)
        good &= check(f"{device} {workers} workers{', late' * late}: "
                      f"{r.get('received')} + {lost} lost",
                      sent == FRAMES == r.get("received", 0) + lost
                      and r["shared_pairs"] == 0
                      and r["received"] > 0
                      and (lost == 0 if room else lost > 0 or not late), r)
    return good


def test_loss_of_port(tools):
    """An interface that goes away, or is not there, is told."""
    c = Capture(tools.capture, "net_af_packet0,iface=vb", 2)
    ip("-n", A, "link", "del", "va")
    c.process.wait()
    r = c.finish()
    good = check("interface went away", "gone" in r, r)
    c = Capture(tools.capture, "net_af_packet0,iface=vb", 2)
    r = c.finish()
    return check("interface is missing",
                 r.get("error") == "there is no interface vb", r) and good


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--capture", required=True)
    parser.add_argument("--send", required=True)
    tools = parser.parse_args()
    tools.capture = str(pathlib.Path(tools.capture).resolve())
    tools.send = str(pathlib.Path(tools.send).resolve())
    with tempfile.TemporaryDirectory() as folder:
        good = test_file(tools, folder)
    if os.geteuid() or not shutil.which("ip"):
        print("skip: network namespaces need root and the ip program")
        return 0 if good else 1
    try:
        ip("netns", "add", A)
        ip("netns", "add", B)
        make_pair()
    except subprocess.CalledProcessError as e:
        drop_pair()
        print(f"skip: no network namespaces: {e.stderr}")
        return SKIP if good else 1
    try:
        good &= test_live(tools, "net_af_packet0,iface=vb")
        good &= test_live(tools, "net_af_packet0,iface=vb,blocksz=65536,"
                          "framesz=2048,framecnt=65536", room=True)
        good &= test_live(tools, "net_af_xdp0,iface=vb")
        good &= test_loss_of_port(tools)
    finally:
        drop_pair()
    return 0 if good else 1


sys.exit(main())
