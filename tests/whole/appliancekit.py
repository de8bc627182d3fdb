"""appliancekit.py - starts `nightjar run` for a test, and asks how it does.

Nothing here sleeps: what a test waits for is asked for again and again until
a deadline that only a hang will meet.
"""
import json
import os
import pathlib
import re
import signal
import struct
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PCAP = ROOT / "tests/pcap"
SKIP = 77
DEADLINE_S = 120
REPORT = re.compile(r"ERROR: \w+Sanitizer|runtime error:|broken rule:")
NIGHTJAR = None


def until(what, ask, deadline_s=DEADLINE_S):
    """The first answer that is true."""
    end = time.monotonic() + deadline_s
    while time.monotonic() < end:
        answer = ask()
        if answer:
            return answer
    raise AssertionError(f"{what}: not within {deadline_s} s")


def gone(pid):
    """Is there no such process, or only its corpse?"""
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rsplit(")", 1)[1].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def golden_frames():
    """Ethernet frames of every golden case, one case an hour after the other,
    as (microseconds, bytes). Without those whose records depend on the number
    of workers, as ADR 0001 says."""
    sys.path.insert(0, str(PCAP))
    sys.dont_write_bytecode = True
    golden = __import__("run")
    pk = __import__("pk")
    frames, hour = [], 1700000000 * 10**6
    for case in golden.find_cases([]):
        cap = pk.Capture(case.link)
        case.make(cap)
        if (case.link != pk.ETHERNET or not cap.records
                or case.third_address):
            continue
        first = cap.records[0][0]
        frames += [(hour + (t - first) // 1000, data)
                   for t, data, _ in cap.records]
        hour += 3600 * 10**6
    return frames


def write_pcap(path, frames):
    with open(path, "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
        for us, data in frames:
            f.write(struct.pack("<IIII", us // 10**6, us % 10**6, len(data),
                                len(data)) + data)


class Appliance:
    """A `nightjar run` with a folder of its own."""

    def __init__(self, folder, conf, *args, prefix=()):
        self.folder = pathlib.Path(folder)
        self.data = self.folder / "data"
        self.conf = self.folder / "nightjar.yaml"
        self.configure(conf)
        self.messages = self.folder / "messages"
        self.prefix = list(prefix)
        # A demo brings its own configuration.
        which = [] if "--demo" in args else ["-c", str(self.conf)]
        with open(self.messages, "w") as err:
            self.process = subprocess.Popen(
                [*self.prefix, NIGHTJAR, "run", *which,
                 "--data", str(self.data), *args], stderr=err)

    def configure(self, conf):
        # Small tables: there is little memory where tests run.
        self.conf.write_text(
            "flow.table_max: 20000\ndissect.memory_mb: 32\n"
            f"dissect.cache_path: {self.folder}/cache\n" + conf)

    def said(self):
        return self.messages.read_text()

    def status(self):
        """What `nightjar status --json` says; None: not running (yet)."""
        result = subprocess.run(
            [NIGHTJAR, "status", "--json", "--data", str(self.data)],
            capture_output=True, text=True, check=False)
        return json.loads(result.stdout) if result.returncode == 0 else None

    def process_of(self, name):
        status = self.status()
        for p in status["processes"] if status else []:
            if p["name"] == name:
                return p
        return None

    def running(self, name):
        """The process, once it runs."""
        p = self.process_of(name)
        return p if p and p["state"] == "running" and p["pid"] else None

    def await_running(self):
        for name in ("sensor", "brain"):
            until(f"{name} runs", lambda n=name: self.alive() and
                  self.running(n))
        return self

    def alive(self):
        if self.process.poll() is not None:
            raise AssertionError(
                f"run ended with {self.process.returncode}: {self.said()}")
        return True

    def log(self, name):
        """The records of a log type so far; a line being written is none."""
        path = self.data / "logs" / f"{name}.log"
        if not path.exists():
            return []
        return [json.loads(line) for line in
                path.read_text().splitlines(keepends=True)
                if line.endswith("\n")]

    def notes(self, what):
        return [n for n in self.log("sensor") if n["what"] == what]

    def kill(self, name, sig=signal.SIGKILL):
        """Sends the signal, gives the process's state from before."""
        p = until(f"{name} runs", lambda: self.running(name))
        os.kill(p["pid"], sig)
        return p

    def stop(self):
        """Ends it in good order; gives the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def wait(self):
        status = self.process.wait(timeout=DEADLINE_S)
        if REPORT.search(self.said()):
            raise AssertionError(self.said())
        return status

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="nightjar-run-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        # The brain is another user, and has to reach its folder.
        self.folder.chmod(0o755)

    def start(self, conf, *args, **more):
        a = Appliance(self.folder, conf, *args, **more)
        self.addCleanup(a.end)
        return a

    def check_ledger(self, status):
        """Each packet that reached the ports is in exactly one counter."""
        ledger = status["ledger"]
        ends = ("analysed arp link fragment duplicate excluded malformed "
                "checksum unknown carrier shed").split()
        lost = "missed no_mbuf ring_full kernel_dropped unreadable".split()
        self.assertEqual(ledger["unaccounted"], 0, ledger)
        self.assertEqual(sum(ledger[k] for k in ends), ledger["received"],
                         ledger)
        self.assertEqual(sum(ledger[k] for k in lost) + ledger["received"],
                         ledger["reached"], ledger)
        self.assertEqual(sum(p["received"] for p in status["ports"]),
                         ledger["received"])
        return ledger

    def check_final_ledger(self, appliance):
        """After its end nothing is unaccounted or on its way."""
        said = appliance.said()
        last = re.findall(r"ledger reached=(\d+) received=(\d+) "
                          r"in_flight=(\d+) unaccounted=(-?\d+)", said)
        self.assertTrue(last, said)
        self.assertEqual(last[-1][2:], ("0", "0"), said)
        return int(last[-1][0])


def main(module):
    """Runs the tests of a file as a program."""
    global NIGHTJAR
    at = sys.argv.index("--nightjar") + 1
    NIGHTJAR = sys.argv[at]
    if os.geteuid() != 0:
        print("skip: nightjar run drops rights, which only root has to drop")
        sys.exit(SKIP)
    rest = sys.argv[1:at - 1] + sys.argv[at + 1:]
    unittest.main(module=module, argv=sys.argv[:1] + rest)
