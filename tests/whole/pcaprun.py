"""pcaprun.py - the appliance records packets: what a record tells of is found
in the packet buffer, also while it runs, after kill -9, and after a restart.

    python3 tests/whole/pcaprun.py --nightjar PATH [Class[.test]...]
"""
import json
import subprocess

import appliancekit as kit
import pcap
from appliancekit import Case, until

DONE, FAILED = 0, 1
PACKETS = ("packets: {{ size: {}, file_size: 4M, snap: all }}\n"
           "capture: {{ memory_mb: 64, workers: {}, "
           "dedup.enabled: false }}\npacket.check_checksums: false\n")


def conf(port, size="32M", workers=2):
    return PACKETS.format(size, workers) + f"capture.ports: [ {port} ]\n"


class Recorded(Case):
    def pcap(self, a, *args):
        """Packets that `nightjar pcap` finds, and its summary."""
        result = subprocess.run(
            [kit.NIGHTJAR, "pcap", "--data", a.data, "-o", "-", "--json",
             *args], capture_output=True, check=False)
        said = result.stderr.decode().splitlines()
        summary = [json.loads(x) for x in said if x.startswith("{")]
        self.assertEqual([x for x in said if "damaged" in x
                          and not x.startswith("{")], [])
        return pcap.read_pcapng(result.stdout), summary[0] if summary else {}

    def check_mix(self, a, mix):
        seen = set()
        for c in a.log("conn"):
            key = (c["id.orig_p"], c["id.resp_p"])
            packets, _ = self.pcap(a, "--id", c["uid"])
            self.assertEqual(packets, mix.flows[key], key)
            seen.add(key)
        self.assertEqual(seen, set(mix.flows))

    def test_file(self):
        """A file as port: every flow's packets are there, byte for byte,
        when the appliance has ended."""
        mix = pcap.Mix()
        pcap.special(mix)
        pcap.conversations(mix, 40, 8)
        mix.write(self.folder / "a.pcap")
        a = self.start(conf(f"{{ file: {self.folder}/a.pcap, name: tap }}"),
                       "--once")
        self.assertEqual(a.wait(), DONE, a.said())
        self.check_mix(a, mix)
        packets, _ = self.pcap(a, *pcap.ALL_TIME)
        self.assertEqual(packets, mix.packets)

    def recorded(self, a):
        status = a.status()
        p = status["packets"] if status else {}
        return p if p.get("blocks_written", 0) >= 3 else None

    def test_live(self):
        """While it runs: status tells of the buffer, packets are found within
        seconds, the newest stay when the files come round, kill -9 of the
        sensor costs no more than what was in memory, and a stop writes all."""
        a = self.start(conf("{ feed: enterprise@20000, name: tap }",
                            size="16M")).await_running()
        p = until("blocks are written", lambda: self.recorded(a))
        self.assertEqual((p["size"], p["text"]), (16 << 20, ""))
        self.assertGreater(p["packets"], 0)
        until("packets are found",
              lambda: self.pcap(a, "--last", "1min")[0])
        a.kill("sensor")
        a.await_running()
        until("blocks are written", lambda: self.recorded(a))
        until("files come round", lambda: self.recorded(a)["files_begun"] > 1)
        self.assertTrue(self.recorded(a)["oldest"])
        self.assertEqual(a.stop(), DONE)
        packets, summary = self.pcap(a, "--last", "1min")
        self.assertGreater(len(packets), 1000)
        self.assertEqual(summary["damaged"], 0)
        times = [p[0] for p in packets]
        self.assertEqual(times, sorted(times))

    def test_no_folder(self):
        """A buffer that cannot be made is told, and records go on."""
        (self.folder / "data").mkdir()
        (self.folder / "data/packets").write_text("in the way\n")
        a = self.start(conf("{ feed: enterprise@1000, name: tap }"))
        a.await_running()
        until("it is told", lambda: "no packets are recorded" in a.said())
        status = until("status tells", a.status)
        self.assertIn("packets", status["packets"]["text"])
        self.assertEqual(a.stop(), DONE)


if __name__ == "__main__":
    kit.main("__main__")
