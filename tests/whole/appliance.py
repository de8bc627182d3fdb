"""appliance.py - `nightjar run` and `nightjar status`: the same records as
`nightjar read`, processes that die, rights, reload, overload, the ledger.

    python3 tests/whole/appliance.py --nightjar PATH [Class[.test]...]
"""
import filecmp
import os
import pty
import signal
import subprocess

import appliancekit as kit
from appliancekit import Case, until

DONE, FAILED, USAGE, CONFIG = 0, 1, 2, 3
ENDLESS = "net_pcap0,rx_pcap={},infinite_rx=1"


def port(kind, what, **more):
    """A configuration with one port."""
    text = f'capture.ports: [ {{ {kind}: "{what}", name: tap }} ]\n'
    more.setdefault("capture.memory_mb", 64)
    for name, value in more.items():
        text += f"{name}: {value}\n"
    return text


class Records(Case):
    def setUp(self):
        super().setUp()
        self.pcap = self.folder / "all.pcap"
        kit.write_pcap(self.pcap, kit.golden_frames())
        self.want = self.folder / "want"
        subprocess.run([kit.NIGHTJAR, "read", "-o", self.want, self.pcap],
                       check=True)

    def same(self, a):
        """The log files are those of read, byte for byte."""
        logs = a.data / "logs"
        names = sorted(p.name for p in self.want.iterdir())
        self.assertEqual(names, sorted(
            p.name for p in logs.iterdir() if p.name != "sensor.log"))
        self.assertGreater(len(names), 10)
        _, differ, broken = filecmp.cmpfiles(self.want, logs, names,
                                             shallow=False)
        self.assertEqual((differ, broken), ([], []))

    def check(self, kind, what, workers):
        a = self.start(port(kind, what, **{
            "capture.workers": workers, "capture.dedup.enabled": "false"}),
            "--once")
        self.assertEqual(a.wait(), DONE, a.said())
        self.same(a)
        self.check_final_ledger(a)
        self.assertEqual(len(a.notes("input_end")), 1)

    def test_file_1(self):
        """A file as port, one worker: the records of read."""
        self.check("file", self.pcap, 1)

    def test_file_2(self):
        """A file as port, two workers: the records of read."""
        self.check("file", self.pcap, 2)

    def test_net_pcap_1(self):
        """The file through DPDK, one worker: the records of read."""
        self.check("vdev", f"net_pcap0,rx_pcap={self.pcap}", 1)

    def test_net_pcap_2(self):
        """The file through DPDK, two workers: the records of read."""
        self.check("vdev", f"net_pcap0,rx_pcap={self.pcap}", 2)


    def logs_as(self, form):
        """What an appliance with two workers leaves in its folder, and what
        read writes of the same packets; by name of the file."""
        want = self.folder / form
        subprocess.run([kit.NIGHTJAR, "read", "--format", form, "-o", want,
                        self.pcap], check=True)
        a = self.start(port("file", self.pcap, **{
            "capture.workers": 2, "capture.dedup.enabled": "false",
            "logs.format": form}), "--once")
        self.assertEqual(a.wait(), DONE, a.said())
        return [{p.name: [line for line in p.read_text().splitlines()
                          if not line.startswith(("#open", "#close"))]
                 for p in folder.iterdir() if p.name != "sensor.log"}
                for folder in (a.data / "logs", want)]

    def test_eve(self):
        """logs.format eve: the events of read, in one file."""
        got, want = self.logs_as("eve")
        self.assertEqual(list(got), ["eve.json"])
        self.assertEqual(got, want)

    def test_zeek(self):
        """logs.format zeek: the files of read, header lines and all."""
        got, want = self.logs_as("zeek")
        self.assertGreater(len(want), 10)
        self.assertEqual(got, want)


class Endless(Case):
    """Tests on a port that gives the same packets for ever."""

    def setUp(self):
        super().setUp()
        self.pcap = self.folder / "some.pcap"
        kit.write_pcap(self.pcap, kit.golden_frames()[:2000])

    def endless(self, **more):
        more.setdefault("capture.workers", 1)
        more.setdefault("capture.shed", '"off"')
        more.setdefault("capture.dedup.enabled", "false")
        more.setdefault("logs.rotate_size", "4M")
        more.setdefault("logs.keep_files", 2)
        return self.start(port("vdev", ENDLESS.format(self.pcap),
                               **more)).await_running()

    def test_sensor_dies(self):
        """A killed sensor comes back, the gap is told, records go on."""
        a = self.endless()
        until("records", lambda: a.log("conn"))
        before = a.kill("sensor")
        gap = until("the gap is told", lambda: a.notes("sensor_restart"))[0]
        print(f"sensor back after {gap['until'] - gap['ts']:.2f} s")
        self.assertIn("signal 9", gap["reason"])
        self.assertEqual(gap["process"], "keeper")
        after = until("sensor runs", lambda: a.running("sensor"))
        self.assertNotEqual(after["pid"], before["pid"])
        self.assertEqual(after["restarts"], 1)
        rows = a.status()["brain"]["rows"]
        until("records go on", lambda: a.status()["brain"]["rows"] > rows)
        self.check_ledger(a.status())
        self.assertEqual(a.stop(), DONE)
        self.check_final_ledger(a)

    def test_many_deaths(self):
        """A sensor that dies again and again is started with pauses, which
        are told."""
        a = self.endless()
        for n in range(3):
            a.kill("sensor")
            until("restart", lambda n=n: (a.process_of("sensor") or
                                          {}).get("restarts") == n + 1)
        until("it runs", lambda: a.running("sensor"))
        self.assertRegex(a.said(), "started again in 0 ms")
        self.assertRegex(a.said(), "started again in 500 ms")
        self.assertRegex(a.said(), "started again in 1000 ms")
        self.assertEqual(a.stop(), DONE)

    def rights(self, pid, uid):
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/status") as f:
                has = dict(line.split(":\t", 1) for line in f)
            self.assertEqual(set(has["Uid"].split()), {str(uid)})
            self.assertNotIn("0", has["Gid"].split())
            self.assertEqual(has["Groups"].strip(), "")
            for caps in "CapInh CapPrm CapEff CapBnd CapAmb".split():
                self.assertEqual(int(has[caps], 16), 0, caps)
            self.assertEqual(has["NoNewPrivs"].strip(), "1")
            self.assertEqual(has["Seccomp"].strip(), "2")
        with open(f"/proc/{pid}/limits") as f:
            core = [x for x in f if x.startswith("Max core file size")][0]
        self.assertEqual(core.split()[4:6], ["0", "0"])

    def test_rights(self):
        """No thread of sensor or brain has a right that it does not need."""
        import pwd
        a = self.endless(**{"capture.workers": 2})
        for name, user in (("sensor", "nobody"), ("brain", "daemon")):
            self.rights(a.running(name)["pid"], pwd.getpwnam(user).pw_uid)
        self.assertEqual(a.stop(), DONE)

    def test_stop(self):
        """SIGTERM ends all flows: each has its record in the file."""
        a = self.endless(**{"logs.types": "[conn, sensor]",
                            "logs.rotate_size": "1G"})
        until("records", lambda: a.log("conn"))
        self.assertEqual(a.stop(), DONE, a.said())
        flows = a.notes("stop")[0]["reason"].split()[0]
        self.assertEqual(len(a.log("conn")), int(flows))

    def test_reload(self):
        """SIGHUP takes over what can be, says what needs a restart, and
        refuses a file with mistakes."""
        a = self.endless()
        self.assertEqual(a.status()["ledger"]["excluded"], 0)
        a.configure(port("vdev", ENDLESS.format(self.pcap), **{
            "capture.workers": 2, "capture.shed": '"off"',
            "capture.exclude.networks": "[0.0.0.0/0]"}))
        a.process.send_signal(signal.SIGHUP)
        until("packets are excluded", lambda:
              a.status()["ledger"]["excluded"])
        self.assertIn("capture.workers", a.said())
        note = until("note", lambda: a.notes("reload"))[0]
        self.assertIn("capture.workers", note["reason"])
        a.configure("capture.exclude.networks: [300.0.0.0/8]")
        a.process.send_signal(signal.SIGHUP)
        until("it is refused", lambda: "has mistakes" in a.said())
        self.assertIn("nightjar.yaml:", a.said())
        # The sensor that comes after a death has the last good one.
        a.kill("sensor")
        until("sensor runs", lambda: a.running("sensor") and
              a.process_of("sensor")["restarts"] == 1)
        until("packets are excluded", lambda:
              a.status()["ledger"]["excluded"])
        self.check_ledger(a.status())
        self.assertEqual(a.stop(), DONE)

    def test_second(self):
        """A second one on the same data says that there is one."""
        a = self.endless()
        second = subprocess.run(
            [kit.NIGHTJAR, "run", "-c", a.conf, "--data", a.data],
            capture_output=True, text=True, check=False)
        self.assertEqual(second.returncode, FAILED)
        self.assertIn(f"already running as process {a.process.pid}",
                      second.stderr)
        self.assertEqual(a.stop(), DONE)

    def test_overload(self):
        """More packets than a worker can take: work is left out in the
        stated order, and every packet is accounted for at all times."""
        a = self.endless(**{"capture.shed": '"on"'})
        seconds = set()

        def look():
            status = a.status()
            ledger = self.check_ledger(status)
            seconds.add(int(status["now"]))
            return len(seconds) >= 4 and ledger["shed"]
        until("flows are left out", look)
        status = a.status()
        self.assertEqual(status["shed"]["level"], "flows")
        self.assertTrue(any("overload" in h for h in status["hints"]))
        self.assertEqual(a.stop(), DONE)
        self.check_final_ledger(a)
        starts = [n["reason"].split(":")[0] for n in a.notes("shed_start")]
        self.assertEqual(starts, ["shallow", "headers", "flows"])
        self.assertEqual(len(a.notes("shed_stop")), 3)
        self.assertGreater(a.notes("shed_stop")[0]["packets"], 0)

    def test_status(self):
        """The status is for people in columns, with colours only on a
        terminal that wants them, and for programs in JSON."""
        a = self.endless()
        command = [kit.NIGHTJAR, "status", "--data", str(a.data)]
        text = subprocess.run(command, capture_output=True, text=True,
                              check=True).stdout
        for word in ("Processes", "Ports", "Rates", "Loss ledger", "Workers",
                     "Memory", "unaccounted", "tap", "net_pcap"):
            self.assertIn(word, text)
        self.assertNotIn("\033", text)
        for no_colour in ("", "1"):
            master, slave = pty.openpty()
            subprocess.run(command, stdout=slave, check=True,
                           env={**os.environ, "NO_COLOR": no_colour})
            os.close(slave)
            self.assertEqual(b"\033[" in os.read(master, 65536),
                             not no_colour)
            os.close(master)
        status = a.status()
        self.assertEqual(len(status["workers"]), 1)
        self.assertTrue(status["workers"][0]["pools"])
        self.assertEqual(a.stop(), DONE)


class Brain(Case):
    def test_brain_dies(self):
        """No record is lost when the brain dies: they wait in the ring."""
        pcap, want = self.folder / "a.pcap", self.folder / "want"
        hour = 3600 * 10**6
        frames = kit.golden_frames()
        span = frames[-1][0] - frames[0][0] + hour
        kit.write_pcap(pcap, ((t + n * span, data) for n in range(20)
                              for t, data in frames))
        subprocess.run([kit.NIGHTJAR, "read", "-o", want, pcap], check=True)
        a = self.start(port("file", pcap, **{
            "capture.workers": 1, "capture.dedup.enabled": "false",
            "sensor.ring_size": "1M"}), "--once")
        until("records", lambda: a.log("conn"))
        try:
            a.kill("brain")
        except (AssertionError, ProcessLookupError):
            self.skipTest("it was over before the brain could be killed")
        self.assertEqual(a.wait(), DONE, a.said())
        self.assertTrue(a.notes("brain_restart"), a.said())
        for path in want.iterdir():
            if path.name == "x509.log":
                # Told once a day, and when the day began was forgotten.
                continue
            lines = set(path.read_text().splitlines())
            got = (a.data / "logs" / path.name).read_text().splitlines()
            self.assertEqual(lines - set(got), set(), path.name)
        self.check_final_ledger(a)


class Demo(Case):
    def test_office(self):
        """The built-in office makes records that come as time goes by."""
        a = self.start("", "--demo").await_running()
        status = until("packets", lambda: a.status()["ledger"]["received"]
                       and a.status())
        self.assertEqual(status["ports"][0]["driver"], "feed")
        until("records", lambda: a.log("ssl"))
        self.check_ledger(a.status())
        self.assertEqual(a.stop(), DONE)
        self.assertTrue(a.log("conn"))


class Refused(Case):
    def refused(self, conf, *said, status=CONFIG):
        a = self.start(conf)
        self.assertEqual(a.wait(), status, a.said())
        for words in said:
            self.assertIn(words, a.said())

    def test_nothing_to_capture(self):
        """Without a port nothing starts."""
        self.refused("", "capture.ports", "interface: eth0")

    def test_mistakes(self):
        """Mistakes that only the appliance can see have their place, too."""
        a_port = port("interface", "lo")
        self.refused(a_port + 'capture.exclude.bpf: "tcp prot 5"\n',
                     "nightjar.yaml:", "capture.exclude.bpf")
        self.refused(a_port + "sensor.user: nobody-of-that-name\n",
                     "sensor.user", "no such user")
        self.refused(a_port + "logs.types: [con]\n", "logs.types")
        self.refused(a_port + "dissect.enabled: [htttp]\n", "did you mean http")
        self.refused(port("feed", "enterprize@10"), "enterprise@1000")

    def test_log_folder(self):
        """A folder that the brain cannot write to is said, with who it is."""
        logs = self.folder / "mine"
        logs.mkdir(mode=0o700)
        self.refused(port("interface", "lo") + f"logs.folder: {logs}\n",
                     "Permission denied", "daemon")

    def test_wrong_port(self):
        """A port that is not there is said, with its cause; it is no crash,
        and no reason to end."""
        a = self.start(
            'capture: { memory_mb: 64, ports: [ { interface: nj-none },'
            ' { pci: "0000:ff:1f.7" } ] }\n').await_running()
        status = until("ports", lambda: a.status()["ports"] and a.status())
        self.assertEqual([p["state"] for p in status["ports"]],
                         ["closed", "closed"])
        self.assertIn("no interface nj-none", status["ports"][0]["text"])
        self.assertTrue(status["ports"][1]["text"])
        self.assertTrue(any("nj-none" in h for h in status["hints"]))
        self.assertEqual(a.stop(), DONE)

    def test_not_running(self):
        """status says so when nothing runs."""
        result = subprocess.run(
            [kit.NIGHTJAR, "status", "--data", str(self.folder)],
            capture_output=True, text=True, check=False)
        self.assertEqual(result.returncode, FAILED)
        self.assertIn("not running", result.stderr)

    def test_by_hand(self):
        """Sensor and brain are not to be started by hand, and say so."""
        for name in ("nightjar-sensor", "nightjar-brain",
                     "nightjar-spool"):
            result = subprocess.run(
                [os.path.join(os.path.dirname(kit.NIGHTJAR), name)],
                capture_output=True, text=True, check=False)
            self.assertEqual(result.returncode, USAGE)
            self.assertIn("nightjar run", result.stderr)


if __name__ == "__main__":
    kit.main("__main__")
