#!/usr/bin/env python3
"""search.py - records that `nightjar run` has kept, found by `nightjar search`.

What has to come out is worked out here from the JSON of `nightjar read` over
the same packets, record by record, with no code of the store.
"""
import collections
import fnmatch
import json
import os
import pty
import re
import signal
import subprocess

import appliancekit as kit
from appliancekit import until

DONE, FAILED, USAGE = 0, 1, 2


def text(record, name):
    """A field as text, "" if it is not there; as the language compares it."""
    value = record.get(name, "")
    return str(value).lower()


def alike(record, name, pattern, exact=False):
    value = record.get(name)
    if value is None:
        return False
    if exact:
        return fnmatch.fnmatchcase(str(value), pattern)
    return fnmatch.fnmatchcase(str(value).lower(), pattern.lower())


def of_type(*names):
    return lambda r: r["_path"] in names


def handshake(r):
    """@fields.conn_state of the manual is the history."""
    return alike(r, "conn_state", "ShA*", True) or alike(
        r, "history", "ShA*", True)


# The manual's table of Advanced Search checks, as printed, and what each asks
# for.
MANUAL = [
    ("@type:conn AND @fields.resp_ip_bytes:0",
     lambda r: r["_path"] == "conn" and r["resp_ip_bytes"] == 0),
    ("@type:conn AND @fields.proto:tcp AND NOT @fields.conn_state:ShA*",
     lambda r: r["_path"] == "conn" and r["proto"] == "tcp"
     and not handshake(r)),
    ("@type:kerberos", of_type("kerberos")),
    ("@type:kerberos AND @fields.success:\u201dFalse\u201d",
     lambda r: r["_path"] == "kerberos" and r.get("success") is False),
    ("@type:http", of_type("http")),
    ("@type:http AND @fields.host:www.google.*",
     lambda r: r["_path"] == "http" and alike(r, "host", "www.google.*")),
    ("@type:ssl", of_type("ssl")),
    ("@fields.dest_port:445", lambda r: r.get("id.resp_p") == 445),
    ("@type:dhcp", of_type("dhcp")),
    ("@type:notice", of_type("notice", "weird", "sensor")),
]

# Others of the language, each with its meaning on a record.
OTHERS = [
    ("*", lambda r: True),
    ("", lambda r: True),
    ("NOT @type:conn", lambda r: r["_path"] != "conn"),
    ("id.orig_h:10.0.0.0/8",
     lambda r: str(r.get("id.orig_h", "")).startswith("10.")),
    ("port:53", lambda r: 53 in (r.get("id.orig_p"), r.get("id.resp_p"))),
    ("@type:conn orig_bytes:>1kB",
     lambda r: r["_path"] == "conn" and r.get("orig_bytes", 0) > 1000),
    ("@type:conn duration:[10ms TO 1s]",
     lambda r: r["_path"] == "conn" and 0.01 <= r.get("duration", -1) <= 1),
    ("@type:(dns OR http)", of_type("dns", "http")),
    ("_exists_:user_agent", lambda r: "user_agent" in r),
    ("host:/.*example.*/", lambda r: r.get("host") is not None and re.fullmatch(
        ".*example.*", str(r["host"]).lower()) is not None),
    ("@type:dns AND NOT qtype_name:A*",
     lambda r: r["_path"] == "dns" and not alike(r, "qtype_name", "A*")),
    ("-_exists_:uid", lambda r: "uid" not in r),
    ("@type:conn history:Sh* !service:http",
     lambda r: r["_path"] == "conn" and alike(r, "history", "Sh*", True)
     and "http" not in str(r.get("service", "")).lower().split(",")),
]


def search(data, *args, status=DONE):
    result = subprocess.run(
        [kit.NIGHTJAR, "search", "--data", data, *args],
        capture_output=True, check=False)
    if result.returncode != status:
        raise AssertionError((args, result.returncode, len(result.stdout),
                              result.stderr[-2000:]))
    return (result.stdout.decode("utf-8", "surrogateescape"),
            result.stderr.decode())


def records(data, *args):
    out, _ = search(data, "--json", *args[1:], "--", args[0])
    return [json.loads(line) for line in out.splitlines()]


def key(record):
    return json.dumps(record, sort_keys=True)


def difference(got, want):
    """What is too much and what is missing, some of it; "" if nothing. (The
    messages of unittest take minutes for lists of this size.)"""
    got = collections.Counter(map(key, got))
    want = collections.Counter(map(key, want))
    out = ""
    for what, side in (("too much", got - want), ("missing", want - got)):
        if side:
            out += f"{sum(side.values())} {what}: {list(side)[:3]}\n"
    return out


class Kept(kit.Case):
    """One run over all golden captures, and questions about it."""

    def setUp(self):
        super().setUp()
        self.pcap = self.folder / "a.pcap"
        kit.write_pcap(self.pcap, kit.golden_frames())
        out = subprocess.run([kit.NIGHTJAR, "read", self.pcap],
                             capture_output=True, check=True).stdout
        self.want = [json.loads(line) for line in out.splitlines()]
        a = self.start(
            f"capture:\n  ports: [ {{ file: {self.pcap} }} ]\n"
            "  workers: 2\n  dedup:\n    enabled: false\n", "--once")
        self.assertEqual(a.wait(), DONE, a.said())
        self.data = a.data

    def check(self, query, meaning):
        got = [r for r in records(self.data, query) if r["_path"] != "sensor"]
        want = [r for r in self.want if meaning(r)]
        self.assertEqual(difference(got, want), "", query)
        times = [r["ts"] for r in got]
        self.assertTrue(times == sorted(times, reverse=True), query)
        return len(want)

    def test_questions(self):
        """Each query gives the records that it asks for, newest first."""
        for query, meaning in MANUAL:
            n = self.check(query, meaning)
            print(f"{n:6} of {len(self.want)} records: {query}")
        self.assertTrue(sum(self.check(*q) for q in OTHERS))
        self.counts()
        self.replayed()
        self.mistakes()
        self.terminal()

    def counts(self):
        """Counts, terms and graphs add up to the records."""
        conns = [r for r in self.want if r["_path"] == "conn"]
        out, said = search(self.data, "@type:conn", "--count", "--json")
        self.assertEqual(json.loads(out), {"count": len(conns)})
        stamp = json.loads(said)["stamp"]
        self.assertEqual((stamp["complete"], stamp["matched"]),
                         (True, len(conns)))
        out, _ = search(self.data, "@type:conn", "--terms", "service",
                        "--top", "1000", "--json")
        got = {t["value"]: t["count"] for t in json.loads(out)["terms"]}
        self.assertEqual(got, collections.Counter(
            r["service"] for r in conns if "service" in r))
        out, _ = search(self.data, "@type:conn", "--graph", "--json")
        self.assertEqual(sum(json.loads(out)["counts"]), len(conns))
        out, _ = search(self.data, "@type:conn", "--stats", "orig_pkts",
                        "--json")
        stats = json.loads(out)
        packets = [r["orig_pkts"] for r in conns]
        self.assertEqual((stats["count"], stats["sum"], stats["max"]),
                         (len(packets), sum(packets), max(packets)))
        first, last = conns[0]["ts"], conns[-1]["ts"]
        middle = (first + last) / 2
        got = records(self.data, "@type:conn", "--from", f"{middle:.6f}")
        self.assertEqual(len(got), sum(r["ts"] >= round(middle, 6)
                                       for r in conns))
        got = records(self.data, "@type:conn", "-n", "5")
        self.assertEqual([r["ts"] for r in got], sorted(
            (r["ts"] for r in conns), reverse=True)[:5])

    def replayed(self):
        """replay gives the records of run."""
        case = self.folder / "case"
        subprocess.run([kit.NIGHTJAR, "replay", "--data", case, self.pcap],
                       capture_output=True, check=True)
        self.assertEqual(difference(records(case, "*"), self.want), "")
        out, _ = search(case, "*", "--terms", "@type", "--top", "1000",
                        "--json")
        self.assertEqual(
            {t["value"]: t["count"] for t in json.loads(out)["terms"]},
            collections.Counter(r["_path"] for r in self.want))

    def mistakes(self):
        """A bad query is refused with its place and what comes near."""
        _, said = search(self.data, "@type:conn dest_prot:445", status=USAGE)
        self.assertIn("dest_port", said)
        self.assertIn("^", said)
        _, said = search(self.data, "(a OR", status=USAGE)
        self.assertIn("column", said)
        _, said = search(self.data, "x", "--last", "soon", status=USAGE)
        self.assertIn("--last", said)
        _, said = search(self.data, "x", "--terms", "nofield", status=USAGE)
        self.assertIn("nofield", said)
        _, said = search(self.folder / "none", "x", status=FAILED)
        self.assertIn("--data", said)

    def terminal(self):
        """A terminal gets lines of its width, and no bytes that it obeys but
        our own colours."""
        master, slave = pty.openpty()
        with subprocess.Popen(
                [kit.NIGHTJAR, "search", "--data", self.data, "*"],
                stdout=slave, stderr=subprocess.DEVNULL) as p:
            os.close(slave)
            out = b""
            while True:
                try:
                    piece = os.read(master, 65536)
                except OSError:
                    break
                if not piece:
                    break
                out += piece
            self.assertEqual(p.wait(), DONE)
        os.close(master)
        lines = out.replace(b"\r\n", b"\n").split(b"\n")
        self.assertEqual(len(lines), 101)
        plain = re.sub(rb"\x1b\[[0-9]*m", b"", out.replace(b"\r\n", b""))
        self.assertFalse(re.search(rb"[\x00-\x1f\x7f]", plain))


class Once(kit.Case):
    @staticmethod
    def await_brain(a, last):
        """Another brain than the last one, once it has stored something; None
        when all has ended."""
        def ask():
            status = a.status()
            if not status:
                return a.process.poll() is not None
            return next((p["pid"] for p in status["processes"]
                         if p["name"] == "brain" and p["state"] == "running"
                         and p["pid"] not in (0, last)
                         and (status.get("store") or {}).get("rows")), None)
        pid = until("records are stored", ask)
        return None if pid is True else pid

    def test_brain_dies(self):
        """Whenever the brain dies, the store has each record once."""
        pcap = self.folder / "a.pcap"
        frames = kit.golden_frames()
        span = frames[-1][0] - frames[0][0] + 25 * 3600 * 10**6
        kit.write_pcap(pcap, ((t + n * span, data) for n in range(15)
                              for t, data in frames))
        out = subprocess.run([kit.NIGHTJAR, "read", pcap],
                             capture_output=True, check=True).stdout
        a = self.start(
            f"capture:\n  ports: [ {{ file: {pcap} }} ]\n  workers: 1\n"
            "  dedup:\n    enabled: false\n"
            "sensor:\n  ring_size: 1M\n", "--once")
        kills = last = 0
        while kills < 3:
            last = self.await_brain(a, last)
            if not last:
                break
            os.kill(last, signal.SIGKILL)
            kills += 1
        self.assertEqual(a.wait(), DONE, a.said())
        self.assertGreater(kills, 0, a.said())
        # Told once a day: a new brain does not know what the last one told.
        told = ("x509", "software", "tunnel")
        got = [r for r in records(a.data, "NOT @type:sensor")
               if r["_path"] not in told]
        want = [r for r in map(json.loads, out.splitlines())
                if r["_path"] not in told]
        self.assertEqual(difference(got, want), "", a.said())
        print(f"brain killed {kills} times: {len(got)} records, "
              "none lost, none twice")


if __name__ == "__main__":
    kit.main("__main__")
