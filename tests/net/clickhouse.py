"""clickhouse.py - records into a ClickHouse cluster whose servers die, and
searches in it.

    python3 tests/net/clickhouse.py --outbox net_outbox --nightjar PATH
        [Class[.test]...]
"""
import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "whole"))
sys.dont_write_bytecode = True
import appliancekit as kit  # noqa: E402
import chcluster  # noqa: E402

OUTBOX = None
ROWS = 240000
# Whole blocks of 300 up to the size of a batch.
FIRST_BATCH = 40200
SEARCHED = 20000
WAIT_S = 90
# What the appliance is to have passed on before it stops.
APPLIANCE_ROWS = 60000


class ClickHouse(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = chcluster.Cluster()
        cls.addClassCleanup(cls.cluster.remove)
        cls.cluster.start()

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="njoutbox-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def outbox(self, what, database, seed, rows):
        """A net_outbox that runs; the first server of all is its first."""
        return subprocess.Popen(
            [OUTBOX, what, str(self.folder), database, "night", str(seed),
             str(rows)] + [s.url for s in self.cluster.servers],
            env=dict(os.environ, CLICKHOUSE_PASSWORD=self.cluster.password),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def position(self):
        try:
            return int((self.folder / "position").read_text() or 0)
        except FileNotFoundError:
            return 0

    def until(self, true, what):
        end = time.monotonic() + WAIT_S
        while not true():
            self.assertLess(time.monotonic(), end, what)
            time.sleep(0.05)

    def until_moved(self, process):
        before = self.position()
        self.until(lambda: self.position() > before or
                   process.poll() is not None, "batches arrive")
        self.assertIsNone(process.poll(), "it ended too early")

    def sums(self, server, database, types):
        """What a server has, in the form of net_outbox's sums."""
        found = {}
        for name in types:
            line = server.query(
                "SELECT count(), sum(id_orig_p), sum(toUInt64(ts)) FROM "
                f"{database}.{name} FORMAT TabSeparated").split()
            found[name] = dict(zip(("count", "ports", "times"),
                                   map(int, line)))
        return found

    def settled(self, server, database, want):
        try:
            return self.sums(server, database, want) == want
        except (OSError, RuntimeError):
            return False

    def finish(self, process):
        out, err = process.communicate(timeout=WAIT_S)
        self.assertEqual(process.returncode, 0, err)
        return json.loads(out), err

    def test_nothing_lost_nothing_twice(self):
        """A server is killed while it is written to, and so is the writer;
        both come back. All replicas have each record once."""
        first = self.cluster.servers[0]
        process = self.outbox("send", "killed", 1, ROWS)
        self.addCleanup(process.kill)
        self.until_moved(process)
        first.kill()
        self.until_moved(process)
        process.kill()
        process.communicate()
        first.start()
        process = self.outbox("send", "killed", 1, ROWS)
        self.addCleanup(process.kill)
        want, _ = self.finish(process)
        self.assertEqual(sum(t["count"] for t in want.values()), ROWS)
        self.cluster.wait(WAIT_S)
        for server in self.cluster.servers:
            self.until(lambda s=server: self.settled(s, "killed", want),
                       f"server {server.number} has the records")
            self.assertEqual(self.sums(server, "killed", want), want)
        self.same_batch_again(want)

    def same_batch_again(self, want):
        """A writer that has lost its position, but knows which store it
        speaks for, offers the first batch again: nothing is taken twice."""
        (self.folder / "position").write_text("0\n")
        memo = self.folder / "clickhouse.outbox"
        source = memo.read_text().split()[3]
        memo.write_text(f"nightjar-outbox 1\nsource {source}\nfrom 0\n"
                        "to 0\nmark 0\n")
        process = self.outbox("send", "killed", 1, FIRST_BATCH)
        self.addCleanup(process.kill)
        self.finish(process)
        self.assertEqual(self.sums(self.cluster.servers[1], "killed", want),
                         want)

    def test_appliance(self):
        """`nightjar run` keeps on passing records on while the server that
        it writes to dies; afterwards each replica has what the log files
        have, log type by log type."""
        first = self.cluster.servers[0]
        secret = self.folder / "password"
        secret.write_text(self.cluster.password + "\n")
        self.folder.chmod(0o755)
        urls = ", ".join(s.url for s in self.cluster.servers)
        outputs = (f"outputs.clickhouse: {{ urls: [ {urls} ], database: ran,"
                   " cluster: night, user: nightjar, batch_age: 1s,"
                   f" password_file: {secret} }}\n")
        a = self.appliance(200000, outputs)

        def passed_on():
            a.alive()
            now = (a.status() or {}).get("outputs") or [{"rows": 0}]
            return now[0]["rows"]

        kit.until("records arrive", passed_on)
        first.kill()
        kit.until("more arrive",
                  lambda: passed_on() >= APPLIANCE_ROWS)
        first.start()
        self.cluster.wait(WAIT_S)
        self.assertEqual(a.stop(), 0, a.said())
        # What the last moments left goes out with the next start.
        a = self.appliance(1, outputs)
        self.assertEqual(a.stop(), 0, a.said())
        want = {}
        for path in (a.data / "logs").glob("*.log"):
            with open(path) as f:
                for line in f:
                    name = json.loads(line)["_path"]
                    want[name] = want.get(name, 0) + 1
        self.assertGreaterEqual(sum(want.values()), APPLIANCE_ROWS)
        for server in self.cluster.servers:
            self.until(lambda s=server: self.counts(s, want) == want,
                       f"server {server.number} has the records")

    def appliance(self, packets, outputs):
        a = kit.Appliance(
            self.folder,
            "capture: { ports: [ { feed: enterprise@%d, name: office } ],"
            " workers: 1, memory_mb: 64 }\n" % packets + outputs)
        self.addCleanup(a.end)
        return a.await_running()

    def counts(self, server, want):
        try:
            return {name: int(server.query(f"SELECT count() FROM ran.{name}"))
                    for name in want}
        except (OSError, RuntimeError):
            return None

    def test_searches_mean_the_same(self):
        """Random queries give the rows that the evaluator of the store's own
        search gives on the same records."""
        send = self.outbox("send", "searched", 2, SEARCHED)
        self.addCleanup(send.kill)
        self.finish(send)
        search = self.outbox("search", "searched", 2, SEARCHED)
        self.addCleanup(search.kill)
        answer, err = self.finish(search)
        self.assertEqual(answer["wrong"], 0, err)
        self.assertGreater(answer["rows"], SEARCHED)


def main():
    global OUTBOX
    parser = argparse.ArgumentParser()
    parser.add_argument("--outbox", required=True)
    parser.add_argument("--nightjar", required=True)
    args, rest = parser.parse_known_args()
    OUTBOX = os.path.abspath(args.outbox)
    kit.NIGHTJAR = os.path.abspath(args.nightjar)
    if chcluster.MISSING:
        print("skipped:", chcluster.MISSING)
        sys.exit(77)
    unittest.main(argv=[sys.argv[0]] + rest, verbosity=2)


if __name__ == "__main__":
    main()
