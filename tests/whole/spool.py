"""spool.py - records while the brain is away: none is lost that there is room
for, none is lost uncounted, whoever dies and comes back.

The rule for log files: a brain that was only slow leaves each record once. One
that was killed may have written records that it had not yet said were safe:
these come once more, and nothing else does.

    python3 tests/whole/spool.py --nightjar PATH [Class[.test]...]
"""
import collections
import os
import signal
import subprocess

import appliancekit as kit
from appliancekit import Case, until

DONE = 0
HOUR_US = 3600 * 10**6
# Remembered by the brain alone: told once a day, and again after a death.
ONCE = ("x509.log", "tunnel.log", "software.log")


def lines_of(folder):
    """Every record, how often it is there, by log type."""
    return {p.name: collections.Counter(p.read_text().splitlines())
            for p in folder.iterdir() if p.name != "sensor.log"}


class Spool(Case):
    def setUp(self):
        super().setUp()
        self.pcap = self.folder / "long.pcap"
        self.want_folder = self.folder / "want"

    def make(self, times):
        """All golden cases so many times, and what read makes of them."""
        frames = kit.golden_frames()
        span = frames[-1][0] - frames[0][0] + HOUR_US
        kit.write_pcap(self.pcap, ((t + n * span, data)
                                   for n in range(times)
                                   for t, data in frames))
        subprocess.run([kit.NIGHTJAR, "read", "-o", self.want_folder,
                        self.pcap], check=True)
        return lines_of(self.want_folder)

    def run_on(self, port, *args, workers=1, **more):
        conf = (f"capture: {{ ports: [ {{ {port}, name: tap }} ], "
                f"memory_mb: 64, workers: {workers}, shed: \"off\" }}\n"
                "capture.dedup.enabled: false\nsensor.ring_size: 1M\n"
                "logs.rotate_size: 1G\n")
        for name, value in more.items():
            conf += f"{name}: {value}\n"
        return self.start(conf, *args)

    def freeze(self, a):
        """The brain stands still. (It may for 20 s, then it is killed: the
        sensor's start is waited for, which can take long.)"""
        until("sensor runs", lambda: a.alive() and a.running("sensor"))
        brain = until("brain runs", lambda: a.running("brain"))
        os.kill(brain["pid"], signal.SIGSTOP)
        return lambda: os.kill(brain["pid"], signal.SIGCONT)

    def spooled(self, a):
        status = a.status()
        return status["spool"]["rows"] if status else 0

    def spool_files(self, a):
        return sorted(p.name for p in (a.data / "spool").iterdir())

    def check_sensor(self, a, status):
        """It did not see that the brain was away."""
        ledger = self.check_ledger(status)
        for lost in ("missed", "no_mbuf", "ring_full", "kernel_dropped",
                     "shed"):
            self.assertEqual(ledger[lost], 0, lost)

    def check_ended(self, a):
        self.assertEqual(a.wait(), DONE, a.said())
        self.check_final_ledger(a)
        self.assertEqual(self.spool_files(a), [])


class Away(Spool):
    def test_frozen(self):
        """The brain stands still while two workers read a file: records wait
        on disk, and then are those of read, each once and in its place."""
        want = self.make(20)
        a = self.run_on(f'file: "{self.pcap}"', "--once", workers=2)
        thaw = self.freeze(a)
        until("records are on disk", lambda: self.spooled(a) > 1000)
        self.check_sensor(a, a.status())
        thaw()
        self.check_ended(a)
        self.assertEqual(a.notes("loss_start"), [])
        self.assertEqual(lines_of(a.data / "logs"), want)
        for path in self.want_folder.iterdir():
            self.assertEqual((a.data / "logs" / path.name).read_bytes(),
                             path.read_bytes(), path.name)

    def test_killed(self):
        """The brain is killed three times, and away for a second and more:
        no record is missing, and twice are only such as it had not said were
        safe."""
        want = self.make(40)
        a = self.run_on(f'file: "{self.pcap}"', "--once")
        until("records", lambda: a.log("conn"))
        for n in range(3):
            a.kill("brain")
            until("it is seen", lambda n=n: (a.process_of("brain") or
                                             {}).get("restarts") == n + 1)
        self.check_sensor(a, until("it is back", lambda:
                                   a.running("brain") and a.status()))
        self.check_ended(a)
        self.assertEqual(len(a.notes("brain_restart")), 3, a.said())
        got = lines_of(a.data / "logs")
        twice = 0
        for name, lines in want.items():
            if name in ONCE:
                continue
            self.assertEqual(lines - got[name], collections.Counter(), name)
            extra = got[name] - lines
            self.assertEqual(set(extra) - set(lines), set(), name)
            # Once more for each death; some records are alike.
            self.assertEqual([x for x, n in extra.items()
                              if n > 3 * lines[x]], [], name)
            twice += extra.total()
        print(f"{sum(c.total() for c in want.values())} records, {twice} "
              "of them twice after three deaths")

    def test_all_die(self):
        """Brain, spool and sensor are killed, by turns and together: the
        appliance goes on, and no record is lost on its way or broken."""
        a = self.run_on("feed: enterprise@10000")
        for turn in (["brain", "spool"], ["spool"],
                     ["sensor", "brain"], ["sensor", "brain", "spool"]):
            for name in ("sensor", "brain", "spool"):
                until(f"{name} runs", lambda n=name: a.running(n))
            rows = a.status()["brain"]["rows_read"]
            until("records come", lambda r=rows:
                  a.status()["brain"]["rows_read"] != r)
            for name in turn:
                a.kill(name)
            for name in turn:
                until(f"{name} is back", lambda n=name: a.running(n))
        status = a.status()
        self.assertEqual(status["brain"]["rows_broken"], 0)
        self.assertEqual(status["lost"]["records"], 0, status["lost"])
        self.check_sensor(a, status)
        self.assertEqual(a.stop(), DONE, a.said())
        self.check_final_ledger(a)
        self.assertEqual(self.spool_files(a), [])
        self.assertEqual(len(a.notes("spool_restart")), 3)

    def test_keeper_dies(self):
        """Without a keeper all others end by themselves, in good order: what
        the sensor gave is in the logs, and nothing is left on disk."""
        a = self.run_on("feed: enterprise@10000")
        until("records", lambda: a.log("conn"))
        pids = [p["pid"] for p in a.status()["processes"]]
        os.kill(pids[0], signal.SIGKILL)
        a.process.wait()
        for pid in pids[1:]:
            # Nobody's children now: who takes them may be slow to bury them.
            until("it ends", lambda p=pid: kit.gone(p))
        self.check_final_ledger(a)
        self.assertEqual(self.spool_files(a), [])
        records = int(a.notes("stop")[0]["reason"].split()[2])
        logs = lines_of(a.data / "logs")
        self.assertLessEqual(sum(c.total() for c in logs.values()), records)
        self.assertGreater(len(a.log("conn")), 100)

    def test_past(self):
        """Everything is killed while records wait on disk: the next run has
        them in its logs before its own, and then they are gone."""
        want = self.make(20)
        a = self.run_on(f'file: "{self.pcap}"')
        self.freeze(a)
        until("records are on disk", lambda: self.spooled(a) > 1000)
        pids = [p["pid"] for p in a.status()["processes"]]
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        a.process.wait()
        had = sum(c.total() for c in lines_of(a.data / "logs").values())
        self.assertNotEqual(self.spool_files(a), [])
        empty = self.folder / "empty.pcap"
        kit.write_pcap(empty, [])
        a = self.run_on(f'file: "{empty}"', "--once")
        self.check_ended(a)
        self.assertIn("read what an earlier run left", a.said())
        got = lines_of(a.data / "logs")
        self.assertGreater(sum(c.total() for c in got.values()), had + 1000)
        for name, lines in got.items():
            if name in ONCE:
                continue
            # The frozen brain had not said of its last ones that they
            # were safe: once more.
            self.assertEqual(lines - want[name] - want[name],
                             collections.Counter(), name)


class Full(Spool):
    def lost(self, a):
        status = a.status()
        return status["lost"] if status else {"records": 0, "since": None}

    def test_counted(self):
        """Memory and spool are full: what is lost is counted by log type, in
        the status and in the sensor log, and is what the ring refused."""
        a = self.run_on("feed: enterprise@50000",
                        **{"events.spool_size": "1M"})
        until("records", lambda: a.log("conn"))
        thaw = self.freeze(a)
        until("records are lost", lambda: self.lost(a)["records"] > 1000)
        status = a.status()
        self.assertTrue(any("events.spool_size" in h
                            for h in status["hints"]), status["hints"])
        self.assertLessEqual(status["spool"]["held"], 1 << 20)
        self.check_sensor(a, status)
        thaw()
        until("it is over", lambda: a.notes("loss_stop"))
        status = a.status()
        lost = status["lost"]
        self.assertGreater(len(lost["types"]), 2)
        self.assertEqual(sum(lost["types"].values()), lost["records"])
        self.assertEqual(lost["records"], sum(
            w["ring"]["rows_full"] for w in status["workers"]))
        self.assertEqual(a.stop(), DONE, a.said())
        self.assertEqual(self.spool_files(a), [])
        self.assertEqual(len(a.notes("loss_start")), 1)
        told = {}
        for note in a.notes("loss_stop"):
            self.assertEqual(note["process"], "spool")
            counts = dict(p.split(" ") for p in note["reason"].split(", "))
            self.assertEqual(sum(int(n) for n in counts.values()),
                             note["records"])
            told.update({t: int(n) for t, n in counts.items()})
        self.assertEqual(told, lost["types"])
        print(f"lost on purpose, and counted: {told}")

    def test_disk_full(self):
        """A disk that is full is as good as a full spool: it is said, what
        is lost is counted, and when there is room again it goes on by
        itself."""
        disk = self.folder / "disk"
        disk.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m,mode=777",
                        "none", disk], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", disk])
        (disk / "others").write_bytes(bytes(1 << 20))
        a = self.run_on("feed: enterprise@50000",
                        **{"events.spool_folder": disk})
        until("records", lambda: a.log("conn"))
        thaw = self.freeze(a)
        until("records are lost", lambda: self.lost(a)["records"])
        self.check_sensor(a, a.status())
        rows = self.spooled(a)
        (disk / "others").unlink()
        until("more is on disk", lambda: self.spooled(a) > rows)
        thaw()
        until("it is over", lambda: a.notes("loss_stop"))
        self.assertEqual(a.stop(), DONE, a.said())
        self.assertEqual(list(disk.iterdir()), [])

    def test_no_spool(self):
        """events.spool_size 0: there is no spool, files wait for the brain,
        and nothing is lost."""
        want = self.make(20)
        a = self.run_on(f'file: "{self.pcap}"', "--once",
                        **{"events.spool_size": 0})
        thaw = self.freeze(a)
        until("the sensor waits", lambda: (a.status() or {}).get("workers") and
              a.status()["workers"][0]["worker"]["ring_waits"])
        thaw()
        self.assertEqual(a.wait(), DONE, a.said())
        self.assertFalse((a.data / "spool").exists())
        self.assertEqual(lines_of(a.data / "logs"), want)

    def test_no_right(self):
        """A spool folder that cannot be written is said, and records still
        come."""
        folder = self.folder / "roots"
        folder.mkdir(mode=0o700)
        a = self.run_on("feed: enterprise@10000",
                        **{"events.spool_folder": folder})
        a.await_running()
        until("records", lambda: a.log("conn"))
        until("it is said", lambda: any("no spool" in h and str(folder) in h
                                        for h in a.status()["hints"]))
        self.assertEqual(a.stop(), DONE)


if __name__ == "__main__":
    kit.main("__main__")
