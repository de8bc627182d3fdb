"""pcap.py - the packet buffer from outside: what `nightjar read --packets` put
into it comes back with `nightjar pcap`, byte for byte, also after kill -9 and
on a full disk.

    python3 tests/whole/pcap.py --nightjar build/engine/apps/nightjar/nightjar
"""
import collections
import json
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CORPUS = pathlib.Path(os.environ.get(
    "NIGHTJAR_CORPUS", ROOT.parent / "shared/corpus"))
DONE, FAILED, USAGE = 0, 1, 2
NIGHTJAR = None
MB = 1024 * 1024
ALL_TIME = ("--from", "1970-01-02", "--to", "now", "--max-span", "36500d")


# ---- Packets ----

def checksum(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return 0xffff - total


def addr(n):
    return bytes([10, n >> 16 & 255, n >> 8 & 255, n & 255])


def ip4(src, dst, proto, payload, ident=0, field=0):
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), ident,
                       field, 64, proto, 0, addr(src), addr(dst))
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + payload


def ip6(src, dst, proto, payload):
    head = struct.pack(">IHBB", 6 << 28, len(payload), proto, 64)
    ends = b"".join(b"\x20\x01\x0d\xb8" + bytes(8) + addr(n)
                    for n in (src, dst))
    return head + ends + payload


def udp(sport, dport, data):
    return struct.pack(">HHHH", sport, dport, 8 + len(data), 0) + data


def tcp(sport, dport, seq, ack, flags, data=b""):
    return struct.pack(">HHIIBBHHH", sport, dport, seq, ack, 0x50, flags,
                       8192, 0, 0) + data


def ethernet(packet, vlan=None):
    kind = b"\x86\xdd" if packet[0] >> 4 == 6 else b"\x08\x00"
    tag = b"" if vlan is None else b"\x81\x00" + struct.pack(">H", vlan)
    return b"\x02\0\0\0\0\x01\x02\0\0\0\0\x02" + tag + kind + packet


def pcap_head():
    return struct.pack("<IHHiIII", 0xa1b23c4d, 2, 4, 0, 0, 262144, 1)


def pcap_record(ts_ns, frame):
    return struct.pack("<IIII", ts_ns // 10**9, ts_ns % 10**9, len(frame),
                       len(frame)) + frame


def read_pcapng(data):
    """Packets of a pcapng of ours: (ts_ns, bytes, wire length)."""
    packets, at = [], 0
    while at < len(data):
        kind, total = struct.unpack_from("<II", data, at)
        assert total >= 12 and total % 4 == 0 and at + total <= len(data)
        assert struct.unpack_from("<I", data, at + total - 4)[0] == total
        if kind == 6:
            _, high, low, size, wire = struct.unpack_from(
                "<IIIII", data, at + 8)
            packets.append((high << 32 | low,
                            data[at + 28:at + 28 + size], wire))
        at += total
    return packets


def read_pcap(path):
    """Packets of a classic pcap; None if it is of another kind."""
    data = pathlib.Path(path).read_bytes()
    forms = {0xa1b2c3d4: 1000, 0xa1b23c4d: 1}
    for order in "<>":
        unit = forms.get(struct.unpack_from(order + "I", data)[0]
                         if len(data) >= 24 else 0)
        if unit:
            break
    else:
        return None
    packets, at = [], 24
    while at + 16 <= len(data):
        s, part, size, wire = struct.unpack_from(order + "IIII", data, at)
        packets.append((s * 10**9 + part * unit,
                        data[at + 16:at + 16 + size], wire))
        at += 16 + size
    return packets


class Mix:
    """A capture in the making, which remembers what belongs to whom."""

    def __init__(self):
        self.now = 1700000000 * 10**9
        self.packets = []
        self.flows = collections.defaultdict(list)

    def put(self, frame, *flows):
        self.now += 1000003
        self.packets.append((self.now, frame, len(frame)))
        for flow in flows:
            self.flows[flow].append(self.packets[-1])

    def write(self, path):
        path.write_bytes(pcap_head() + b"".join(
            pcap_record(ts, frame) for ts, frame, _ in self.packets))


def conversations(mix, n, packets):
    """n flows of several kinds, their packets mixed."""
    for k in range(packets):
        for i in range(n):
            a, b, port = 1000 + i, 77, 20000 + i
            data = bytes([i & 255, k & 255]) * (10 + (i * 7 + k * 13) % 600)
            if i % 3 == 0:
                flags = 2 if k == 0 else 16
                seq = 1 if k else 0
                seq += sum(20 + 2 * ((i * 7 + j * 13) % 600)
                           for j in range(1, k))
                frame = ip4(a, b, 6, tcp(port, 8080, seq, 0, flags,
                                         data if k else b""))
                mix.put(ethernet(frame), (port, 8080))
            elif i % 3 == 1:
                mix.put(ethernet(ip4(a, b, 17, udp(port, 9999, data))),
                        (port, 9999))
            else:
                mix.put(ethernet(ip6(a, b, 17, udp(port, 9998, data)),
                                 vlan=5), (port, 9998))


def special(mix):
    """Fragments, a tunnel, and what is no flow's."""
    whole = udp(5000, 6000, bytes(range(256)) * 8)
    for ident in (1, 2):
        mix.put(ethernet(ip4(1, 2, 17, whole[:1024], ident, 0x2000)),
                (5000, 6000))
        mix.put(ethernet(ip4(1, 2, 17, udp(5001, 6000, b"other"))),
                (5001, 6000))
        mix.put(ethernet(ip4(1, 2, 17, whole[1024:], ident, 128)),
                (5000, 6000))
    six = udp(5002, 6002, bytes(1600))
    for part, field in ((six[:800], 1), (six[800:], 800)):
        head = struct.pack(">BBHI", 17, 0, field, 9)
        mix.put(ethernet(ip6(1, 2, 44, head + part)), (5002, 6002))
    # A fragment whose others never come belongs to nobody.
    mix.put(ethernet(ip4(1, 2, 17, whole[:1024], 3, 0x2000)))
    for i in range(3):
        inner = ethernet(ip4(3, 4, 17, udp(5003, 6003, b"inside" * i)))
        vxlan = struct.pack(">II", 0x08000000, 42 << 8) + inner
        mix.put(ethernet(ip4(5, 6, 17, udp(5004, 4789, vxlan))),
                (5004, 4789), (5003, 6003))
    mix.put(b"\xff" * 6 + b"\x02\0\0\0\0\x01\x08\x06" +
            struct.pack(">HHBBH", 1, 0x800, 6, 4, 1) +
            b"\x02\0\0\0\0\x01" + addr(1) + bytes(6) + addr(2))


class Buffer(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="nightjar-pcap-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.buffer = self.folder / "buffer"
        self.conf = self.folder / "nightjar.yaml"
        self.set_conf(snap="all")

    def set_conf(self, **packets):
        cache = pathlib.Path(os.environ.get(
            "XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "nightjar"
        lines = [f"packets.{k}: {v}" for k, v in packets.items()]
        self.conf.write_text("\n".join(
            lines + [f"dissect.cache_path: {cache}",
                     "capture.dedup.enabled: false",
                     "flow.table_max: 65536"]) + "\n")

    def read(self, *files, workers=1):
        """Records the files; gives the connections."""
        result = subprocess.run(
            [NIGHTJAR, "read", "-c", self.conf, "--ignore-checksums",
             "--log", "conn", "--packets", self.buffer, "--workers",
             str(workers), *files],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            check=False, timeout=120)
        self.assertEqual(result.returncode, DONE, result.stderr)
        return [json.loads(line) for line in result.stdout.splitlines()]

    def pcap(self, *args, status=DONE):
        """Runs `nightjar pcap`; gives its packets and what it said."""
        result = subprocess.run(
            [NIGHTJAR, "pcap", "--folder", self.buffer, "-o", "-", *args],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
            timeout=120)
        said = result.stderr.decode()
        self.assertEqual(result.returncode, status, said)
        return read_pcapng(result.stdout), said

    def flow(self, uid):
        return self.pcap("--id", uid)[0]


class Found(Buffer):
    def check_mix(self, mix, conns):
        seen = set()
        for c in conns:
            key = (c["id.orig_p"], c["id.resp_p"])
            self.assertEqual(self.flow(c["uid"]), mix.flows[key], key)
            seen.add(key)
        self.assertEqual(seen, set(mix.flows))

    def test_every_flow(self):
        """Each flow's packets come back byte for byte and in order: TCP, UDP,
        IPv6 with a VLAN, fragments, the outer and the inner flow of a
        tunnel."""
        mix = Mix()
        special(mix)
        conversations(mix, 30, 12)
        mix.write(self.folder / "a.pcap")
        self.check_mix(mix, self.read(self.folder / "a.pcap"))
        packets, _ = self.pcap(*ALL_TIME)
        self.assertEqual(packets, mix.packets)

    def test_workers(self):
        """Several workers' packets are put in order again."""
        mix = Mix()
        conversations(mix, 90, 6)
        mix.write(self.folder / "a.pcap")
        self.check_mix(mix, self.read(self.folder / "a.pcap", workers=3))
        packets, _ = self.pcap(*ALL_TIME)
        self.assertEqual(packets, mix.packets)

    def test_filters(self):
        """Addresses, ports, protocols, times and BPF choose packets."""
        mix = Mix()
        special(mix)
        conversations(mix, 9, 4)
        mix.write(self.folder / "a.pcap")
        self.read(self.folder / "a.pcap")
        for args, wanted in (
                (("--filter", "host 10.0.3.232"), mix.flows[(20000, 8080)]),
                (("--filter", "tcp port 20003 or udp port 20004"),
                 sorted(mix.flows[(20003, 8080)] +
                        mix.flows[(20004, 9999)])),
                (("--filter", "port 6003"), mix.flows[(5003, 6003)]),
                (("--filter", "udp and host 10.0.3.233 and host 10.0.0.77 "
                  "and port 9999 and port 20001"),
                 mix.flows[(20001, 9999)]),
                (("--bpf", "arp"), [p for p in mix.packets
                                    if p[1][12:14] == b"\x08\x06"]),
                (("--filter", "vlan 5", "--bpf", "vlan and udp port 20002"),
                 mix.flows[(20002, 9998)])):
            packets, _ = self.pcap(*args, *ALL_TIME)
            self.assertEqual(packets, wanted, args)
        first, last = mix.packets[5][0], mix.packets[20][0]
        packets, _ = self.pcap(
            "--from", f"{first // 10**9}.{first % 10**9:09}",
            "--to", f"{last // 10**9}.{last % 10**9:09}")
        self.assertEqual(packets, mix.packets[5:21])

    def test_ids(self):
        """Records, or uids one a line, name the flows that are wanted."""
        mix = Mix()
        conversations(mix, 9, 4)
        mix.write(self.folder / "a.pcap")
        conns = self.read(self.folder / "a.pcap")[:3]
        wanted = sorted(p for c in conns for p in
                        mix.flows[(c["id.orig_p"], c["id.resp_p"])])
        ids = self.folder / "ids"
        for lines in ([json.dumps(c, separators=(",", ":")) for c in conns],
                      [c["uid"] for c in conns]):
            ids.write_text("\n".join(lines) + "\n")
            self.assertEqual(self.pcap("--ids", ids)[0], wanted)
        ids.write_text("nothing\n")
        self.pcap("--ids", ids, status=FAILED)

    def test_again(self):
        """A second reading adds to the buffer."""
        for name, start in (("a", 0), ("b", 10**13)):
            mix = Mix()
            mix.now += start
            conversations(mix, 6, 4)
            mix.write(self.folder / name)
            conns = self.read(self.folder / name)
            self.check_mix(mix, conns)

    def test_tshark(self):
        """tshark and capinfos open the file without a word of error."""
        if not shutil.which("tshark") or not shutil.which("capinfos"):
            self.skipTest("tshark is not there")
        mix = Mix()
        special(mix)
        mix.write(self.folder / "a.pcap")
        self.read(self.folder / "a.pcap")
        out = self.folder / "out.pcapng"
        subprocess.run([NIGHTJAR, "pcap", "--folder", self.buffer, "-o", out,
                        *ALL_TIME], check=True, capture_output=True)
        for tool in (["capinfos", out], ["tshark", "-r", out]):
            result = subprocess.run(tool, check=True, capture_output=True,
                                    text=True)
            said = [line for line in result.stderr.splitlines()
                    if "root" not in line]
            self.assertEqual(said, [])
        self.assertEqual(len(result.stdout.splitlines()), len(mix.packets))


class Snap(Buffer):
    def test_headers_after_cutoff(self):
        """Under packets.snap auto a flow that nobody can name is whole at
        first; then its headers are kept, and the wire length still told."""
        self.set_conf(snap="auto")
        mix = Mix()
        for k in range(40):
            data = bytes((k * 31 + i * 17) % 251 for i in range(500))
            mix.put(ethernet(ip4(1, 2, 17, udp(40000, 40001, data))), 1)
        mix.write(self.folder / "a.pcap")
        conns = self.read(self.folder / "a.pcap")
        packets = self.flow(conns[0]["uid"])
        self.assertEqual(len(packets), 40)
        self.assertEqual(packets[0], mix.packets[0])
        self.assertEqual([len(p[1]) for p in packets[20:]], [42] * 20)
        for got, sent in zip(packets, mix.packets):
            self.assertEqual(got[1], sent[1][:len(got[1])])
            self.assertEqual((got[0], got[2]), (sent[0], sent[2]))

    def test_off(self):
        """Nothing is kept where packets.snap is off."""
        self.set_conf(snap="off")
        mix = Mix()
        conversations(mix, 3, 3)
        mix.write(self.folder / "a.pcap")
        conns = self.read(self.folder / "a.pcap")
        self.pcap("--id", conns[0]["uid"], status=FAILED)


class Corpus(Buffer):
    def test_corpus(self):
        """Of captures of all kinds: what a flow is said to have, its packets
        are as many, and each is one of the capture's."""
        files = sorted((CORPUS / "zeek/pcaps").rglob("*.pcap"))[::12]
        if not files:
            self.skipTest("no corpus")
        checked = 0
        for path in files:
            source = read_pcap(path)
            if not source or len(source) > 3000:
                continue
            shutil.rmtree(self.buffer, ignore_errors=True)
            conns = self.read(path)
            left = collections.Counter(source)
            for c in conns[:10]:
                packets = self.flow(c["uid"])
                self.assertFalse(collections.Counter(packets) - left, path)
                if "tunnel_parents" not in c:
                    self.assertGreaterEqual(
                        len(packets), c["orig_pkts"] + c["resp_pkts"],
                        (path, c["uid"]))
                checked += 1
        self.assertGreater(checked, 20)


class Trouble(Buffer):
    def test_kill(self):
        """kill -9 while packets are recorded: what was written is there,
        undamaged and from the beginning on, and the next recorder goes on."""
        frame = ethernet(ip4(1, 2, 17, udp(50000, 50001, bytes(1300))))
        start = 1700000000 * 10**9
        reader = subprocess.Popen(
            [NIGHTJAR, "read", "-c", self.conf, "--packets", self.buffer,
             "--log", "conn", "-"], stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL)
        sent, found = 0, []
        with reader:
            reader.stdin.write(pcap_head())
            while len(found) < 3000:
                reader.stdin.write(b"".join(
                    pcap_record(start + (sent + i) * 1000, frame)
                    for i in range(2000)))
                reader.stdin.flush()
                sent += 2000
                if (self.buffer / "packets-0000.nj").exists():
                    found = self.live()
            reader.kill()
        packets, said = self.pcap(*ALL_TIME)
        self.assertNotIn("damaged", said)
        self.assertGreaterEqual(len(packets), len(found))
        self.assertEqual([p[0] for p in packets],
                         [start + i * 1000 for i in range(len(packets))])
        self.assertTrue(all(p[1] == frame for p in packets))
        mix = Mix()
        conversations(mix, 3, 3)
        mix.write(self.folder / "a.pcap")
        conns = self.read(self.folder / "a.pcap")
        self.assertEqual(len(self.flow(conns[0]["uid"])), 3)
        self.assertGreater(len(self.pcap(*ALL_TIME)[0]), len(packets))

    def live(self):
        """What there is while it is being written; none so far is no
        failure."""
        result = subprocess.run(
            [NIGHTJAR, "pcap", "--folder", self.buffer, "-o", "-", *ALL_TIME],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        self.assertNotIn(b"damaged", result.stderr)
        return read_pcapng(result.stdout)

    def test_full_disk(self):
        """On a disk that gets full the newest packets are kept, and it is
        said."""
        self.set_conf(snap="all", file_size="4M")
        frame = ethernet(ip4(1, 2, 17, udp(50000, 50001, bytes(1300))))
        path = self.folder / "big.pcap"
        with path.open("wb") as f:
            f.write(pcap_head())
            for i in range(30000):
                f.write(pcap_record(1700000000 * 10**9 + i * 1000, frame))
        self.buffer.mkdir()
        inside = ("mount -t tmpfs -o size=20m none \"$1\" || exit 77; "
                  "\"$2\" read -c \"$3\" --log conn --packets \"$1/b\" \"$4\" "
                  ">/dev/null; echo status $? >&2; "
                  "\"$2\" pcap --folder \"$1/b\" --from 1970-01-02 --to now "
                  "--max-span 36500d -o -")
        result = subprocess.run(
            ["unshare", "--mount", "sh", "-c", inside, "sh", self.buffer,
             NIGHTJAR, self.conf, path],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
            timeout=120)
        said = result.stderr.decode()
        if result.returncode == 77 or "unshare" in said:
            self.skipTest("no file system can be mounted here")
        packets = read_pcapng(result.stdout)
        self.assertIn("overwritten", said)
        self.assertIn("status 0", said)
        self.assertEqual(packets[-1][0],
                         1700000000 * 10**9 + 29999 * 1000)
        self.assertGreater(len(packets), 8000)

    def test_unreadable(self):
        """Who may not read the buffer, or one of its files, is told so."""
        if os.geteuid():
            self.skipTest("only root can become somebody else")
        mix = Mix()
        conversations(mix, 1, 2)
        mix.write(self.folder / "a.pcap")
        uid = self.read(self.folder / "a.pcap")[0]["uid"]
        self.folder.chmod(0o755)
        for mode in (0o700, 0o755):
            self.buffer.chmod(mode)
            result = subprocess.run(
                [NIGHTJAR, "pcap", "--folder", self.buffer, "--id", uid,
                 "-o", "-"], capture_output=True, check=False, user=65534,
                group=65534, extra_groups=[])
            self.assertEqual(result.returncode, FAILED)
            self.assertIn(b"Permission denied", result.stderr)

    def refused(self, status, words, *args):
        result = subprocess.run([NIGHTJAR, *args], capture_output=True,
                                text=True, check=False, timeout=60)
        self.assertEqual(result.returncode, status, result.stderr)
        self.assertIn(words, result.stderr)
        self.assertTrue(result.stderr.startswith("nightjar: "))

    def test_refused(self):
        """What cannot be done is said: no buffer, a folder that is none, no
        question, too long a time, a wrong uid."""
        mix = Mix()
        conversations(mix, 1, 2)
        mix.write(self.folder / "a.pcap")
        uid = "C00000000000000000"
        self.refused(FAILED, "No such file", "pcap", "--folder",
                     self.folder / "none", "--id", uid, "-o", "-")
        self.refused(FAILED, "no packet buffer", "pcap", "--folder",
                     self.folder, "--id", uid, "-o", "-")
        self.refused(FAILED, "Not a directory", "pcap", "--folder",
                     self.conf, "--id", uid, "-o", "-")
        self.refused(FAILED, "Not a directory", "read", "--packets", self.conf,
                     self.folder / "a.pcap")
        self.refused(USAGE, "nothing is asked for", "pcap", "-o", "-")
        self.refused(USAGE, "no uid", "pcap", "--id", "x", "-o", "-")
        self.refused(USAGE, "span 30min", "pcap", "--folder", self.folder,
                     "--last", "2h", "-o", "-")
        self.refused(USAGE, "no time", "pcap", "--filter", "tcp", "-o", "-")
        self.refused(USAGE, "at character 1", "pcap", "--filter", "tpc",
                     "--last", "1min", "-o", "-")


if __name__ == "__main__":
    if "--nightjar" in sys.argv:
        at = sys.argv.index("--nightjar")
        NIGHTJAR = os.path.abspath(sys.argv[at + 1])
        del sys.argv[at:at + 2]
    unittest.main(verbosity=2)
