"""live.py - `nightjar run` on a Linux interface in a network namespace: exact
counts, an interface that goes and comes back, a sensor that dies, a brain
that stands still.

    python3 tests/net/live.py --send net_send --nightjar PATH [Class[.test]...]
"""
import os
import pathlib
import signal
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "whole"))
sys.dont_write_bytecode = True
import appliancekit as kit  # noqa: E402
from appliancekit import Case, until  # noqa: E402

A, B = f"nj-c-{os.getpid()}", f"nj-d-{os.getpid()}"
SEND = None


def ip(*args):
    subprocess.run(["ip", *args], check=True, stderr=subprocess.PIPE)


def quiet(name):
    """A namespace in which nothing moves but what we send."""
    ip("netns", "add", name)
    subprocess.run(["ip", "netns", "exec", name, "sysctl", "-qw",
                    "net.ipv6.conf.all.disable_ipv6=1",
                    "net.ipv6.conf.default.disable_ipv6=1"], check=True)


def make_pair(at_a, at_b):
    ip("-n", A, "link", "add", at_a, "type", "veth", "peer", "name", at_b,
       "netns", B)
    ip("-n", A, "link", "set", at_a, "up")
    ip("-n", B, "link", "set", at_b, "up")


def send(count, pairs, interface="va", first=0):
    out = subprocess.run(["ip", "netns", "exec", A, SEND, interface,
                          str(count), "100", str(pairs), str(first)],
                         check=True, stdout=subprocess.PIPE)
    return int(out.stdout)


class Live(Case):
    def setUp(self):
        super().setUp()
        for name in (A, B):
            quiet(name)
            self.addCleanup(subprocess.run, ["ip", "netns", "del", name])
        make_pair("va", "vb")

    def live(self, ports="{ interface: vb, name: tap }", workers=2,
             prefix=(), **more):
        conf = (f"capture: {{ ports: [ {ports} ], memory_mb: 64, "
                f"workers: {workers} }}\n")
        for name, value in more.items():
            conf += f"{name}: {value}\n"
        return self.start(conf, prefix=["ip", "netns", "exec", B, *prefix]) \
            .await_running()

    def reached(self, a):
        return a.status()["ledger"]["reached"]

    def test_counts(self):
        """Every frame that was sent was received, or is counted as lost."""
        a = self.live()
        sent = send(50000, 200)
        until("all frames are known of", lambda: self.reached(a) >= sent)
        ledger = self.check_ledger(a.status())
        self.assertEqual(ledger["reached"], sent)
        self.assertEqual(a.stop(), 0)
        self.assertEqual(self.check_final_ledger(a), sent)

    def test_kernel_drops(self):
        """What the kernel drops while nobody reads is counted, to the
        packet."""
        a = self.live()
        p = a.kill("sensor", signal.SIGSTOP)
        sent = send(100000, 200)
        os.kill(p["pid"], signal.SIGCONT)
        until("all frames are known of", lambda: self.reached(a) >= sent)
        ledger = self.check_ledger(a.status())
        self.assertEqual(ledger["reached"], sent)
        self.assertGreater(ledger["kernel_dropped"], 0)
        self.assertTrue(any("lost" in h for h in a.status()["hints"]))
        self.assertEqual(a.stop(), 0)
        self.assertEqual(self.check_final_ledger(a), sent)

    def test_overload(self):
        """A port that does not wait brings many times what the worker can
        take, most of it new flows: work is left out in the stated order and
        taken up again, the status answers, and at every look each frame is
        received or counted as lost."""
        # The worker gets the little that the sender leaves it of a core.
        a = self.live(workers=1, prefix=["taskset", "-c", "0", "nice", "-n",
                                         "15"])
        flood = subprocess.Popen(
            ["ip", "netns", "exec", A, "taskset", "-c", "0", SEND, "va",
             "100000000", "100", "65000"], stdout=subprocess.PIPE)
        self.addCleanup(flood.kill)
        looks = []

        def shed():
            status = a.status()
            looks.append(self.check_ledger(status))
            return status["shed"]["level"] == "flows" and looks[-1]["shed"]
        until("flows are left out", shed)
        self.assertTrue(any("overload" in h for h in a.status()["hints"]))
        flood.terminate()
        sent = int(flood.communicate()[0])
        until("all frames are known of", lambda: self.reached(a) >= sent)
        ledger = self.check_ledger(a.status())
        self.assertEqual(ledger["reached"], sent)
        self.assertGreater(ledger["kernel_dropped"], 0)
        print(f"overload: {sent} frames, {len(looks)} looks, before the first "
              f"flow was left out {looks[-1]['reached']} came and "
              f"{looks[-1]['received']} were taken, "
              f"{looks[-1]['reached'] / looks[-1]['received']:.1f} x")
        until("all is as before", lambda:
              a.status()["shed"]["level"] == "none")
        self.assertEqual(a.stop(), 0)
        self.assertEqual(self.check_final_ledger(a), sent)
        starts = [n["reason"].split(":")[0] for n in a.notes("shed_start")]
        self.assertEqual(starts[:3], ["shallow", "headers", "flows"])
        self.assertGreaterEqual(len(a.notes("shed_stop")), 3)

    def test_records_come_soon(self):
        """Flows that are silent end by the clock on the wall, without any
        further packet, and their records are seen."""
        a = self.live(**{"flow.udp_inactivity": "1s"})
        send(400, 200)
        until("records", lambda: len(a.log("conn")) == 200)
        self.assertEqual(a.status()["flows"], 0)
        self.assertEqual(a.stop(), 0)

    def test_port_goes_and_comes(self):
        """A port that goes away is told while the other one goes on; when it
        is back it is used again."""
        make_pair("wa", "wb")
        a = self.live("{ interface: vb, name: one },"
                      " { interface: wb, name: two }")

        def stages():
            return [p["state"] for p in a.status()["ports"]]
        until("both are open", lambda: stages() == ["open", "open"])
        ip("-n", A, "link", "del", "wa")
        until("it is told", lambda: stages() == ["open", "closed"])
        until("it is noted", lambda: a.notes("port_lost"))
        self.assertEqual(len(a.notes("port_open")), 2)
        before = self.reached(a)
        sent = send(1000, 10)
        until("the other goes on", lambda: self.reached(a) == before + sent)
        make_pair("wa", "wb")
        until("it is used again", lambda: stages() == ["open", "open"] and
              a.running("sensor"))
        until("the gap is told", lambda: a.notes("sensor_restart"))
        before = self.reached(a)
        sent = send(1000, 10, "wa")
        until("it receives", lambda: self.reached(a) == before + sent)
        self.assertEqual(a.stop(), 0)
        self.check_final_ledger(a)

    def test_sensor_dies(self):
        """What came while there was no sensor is known from the interface."""
        a = self.live()
        p = a.kill("sensor", signal.SIGSTOP)
        send(100, 10)
        # Stopped, it misses nothing: killed, its packets are gone.
        os.kill(p["pid"], signal.SIGKILL)
        sent = 0
        while not a.notes("sensor_restart"):
            sent += send(100, 10)
        gap = a.notes("sensor_restart")[0]
        self.assertGreater(gap["packets"], 0)
        self.assertLessEqual(gap["packets"], sent)
        self.assertEqual(a.stop(), 0)

    def one_worker(self, **more):
        return self.live(workers=1, **{"flow.udp_inactivity": "1s",
                                       "capture.shed": '"off"',
                                       "sensor.ring_size": "1M", **more})

    def send_flows(self, a, first, count):
        """So many new flows of two packets each, in pieces that a busy
        machine's kernel need not drop."""
        piece = 500
        for pair in range(first, first + count, piece):
            before = self.reached(a)
            send(2 * piece, 65000, first=2 * pair)
            until("they have come", lambda b=before:
                  self.reached(a) >= b + 2 * piece)

    def lost(self, a):
        return a.status()["lost"]["types"]

    def check_nothing_lost(self, a, sent):
        ledger = self.check_ledger(a.status())
        self.assertEqual(ledger["reached"], sent)
        self.assertEqual(ledger["received"], sent)
        self.assertEqual(ledger["shed"], 0)

    def test_brain_away(self):
        """The brain stands still and is then killed during a flood of new
        flows: no packet is lost, and each flow has its record, once."""
        a = self.one_worker()
        self.send_flows(a, 0, 1000)
        brain = a.kill("brain", signal.SIGSTOP)
        self.send_flows(a, 1000, 9000)
        until("records are on disk", lambda: a.status()["spool"]["rows"])
        self.check_nothing_lost(a, 20000)
        os.kill(brain["pid"], signal.SIGKILL)
        self.send_flows(a, 10000, 2000)
        until("all flows have ended", lambda: not a.status()["flows"])
        self.check_nothing_lost(a, 24000)
        self.assertEqual(self.lost(a), {})
        self.assertEqual(a.stop(), 0)
        self.check_final_ledger(a)
        conns = a.log("conn")
        flows = {(c["id.orig_h"], c["id.resp_h"]) for c in conns}
        self.assertEqual(len(flows), 12000)
        self.assertTrue(all(c["orig_pkts"] + c["resp_pkts"] == 2
                            for c in conns))
        # Twice only what the dead one had written and not yet let go of.
        self.assertEqual(len({c["uid"] for c in conns}), 12000)
        print(f"12000 flows, {len(conns) - 12000} records twice")
        self.assertEqual(list((a.data / "spool").iterdir()), [])

    def test_spool_full(self):
        """Ring and spool are full while the brain stands still: packets go
        on, and each record is in the log or counted as lost."""
        a = self.one_worker(**{"events.spool_size": "1M"})
        brain = a.kill("brain", signal.SIGSTOP)
        at = 0
        while not self.lost(a):
            self.send_flows(a, at, 2000)
            at += 2000
        self.send_flows(a, at, 2000)
        at += 2000
        until("all flows have ended", lambda: not a.status()["flows"])
        os.kill(brain["pid"], signal.SIGCONT)
        until("it is told", lambda: a.notes("loss_stop"))
        self.check_nothing_lost(a, 2 * at)
        lost = self.lost(a)
        self.assertEqual(list(lost), ["conn"])
        self.send_flows(a, 60000, 500)
        self.assertEqual(a.stop(), 0)
        self.assertEqual(len(a.log("conn")) + lost["conn"], at + 500)
        self.assertEqual(a.notes("loss_stop")[0]["records"], lost["conn"])
        self.assertEqual(a.notes("loss_stop")[0]["reason"],
                         f"conn {lost['conn']}")
        print(f"{lost['conn']} of {at + 500} records lost, and counted")

    def test_idle(self):
        """Without traffic the status says so and names likely causes; and
        hardly any time of a processor is used."""
        a = self.live()

        def used():
            ticks = 0
            for name in ("sensor", "brain", "spool", "keeper"):
                with open(f"/proc/{a.process_of(name)['pid']}/stat") as f:
                    stat = f.read().rsplit(")", 1)[1].split()
                ticks += int(stat[11]) + int(stat[12])
            return ticks, a.status()["now"]
        before = used()
        hints = until("hints", lambda: [
            h for h in a.status()["hints"] if "mirror" in h])
        self.assertIn("not mirror", hints[0])
        after = used()
        share = (after[0] - before[0]) / (after[1] - before[1]) \
            / os.sysconf("SC_CLK_TCK")
        print(f"idle: {share:.3f} of a core, four processes, two workers")
        self.assertEqual(a.stop(), 0)


if __name__ == "__main__":
    SEND = sys.argv[sys.argv.index("--send") + 1]
    del sys.argv[sys.argv.index("--send"):sys.argv.index("--send") + 2]
    if subprocess.run(["ip", "netns"], capture_output=True,
                      check=False).returncode:
        print("skip: no network namespaces here")
        sys.exit(kit.SKIP)
    kit.main("__main__")
