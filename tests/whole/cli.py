"""cli.py - the program as a user meets it at a terminal: help, mistakes in
use, exit status, messages, files that cannot be read.

    python3 tests/whole/cli.py --nightjar build/engine/apps/nightjar/nightjar
"""
import json
import os
import pathlib
import re
import struct
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/pcap"))
import pk  # noqa: E402 (the golden cases' packets)
DONE, FAILED, USAGE, CONFIG = 0, 1, 2, 3
NIGHTJAR = None


def run(*args, **more):
    more.setdefault("stdout", subprocess.PIPE)
    return subprocess.run([NIGHTJAR, *args], stderr=subprocess.PIPE,
                          text=True, check=False, timeout=60, **more)


def commands():
    text = (ROOT / "engine/apps/nightjar/commands.def").read_text()
    return re.findall(r"^COMMAND\((\w+)\)", text, re.M)


def capture(packets=3, link=1):
    """A small capture: UDP packets, each of them a flow that has timed out
    when the next one comes."""
    out = struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, link)
    for i in range(packets):
        udp = struct.pack(">HHHH", 40000 + i, 9, 12, 0) + b"ping"
        ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), i, 0, 64,
                         17, 0, bytes([10, 0, 0, 1]), bytes([10, 0, 0, 2]))
        total = sum(struct.unpack(">10H", ip))
        total = (total & 0xffff) + (total >> 16)
        ip = ip[:10] + struct.pack(">H", 0xffff - total) + ip[12:]
        frame = bytes(12) + b"\x08\x00" + ip + udp
        out += struct.pack("<IIII", 1700000000 + 100 * i, 0, len(frame),
                           len(frame)) + frame
    return out


class Program(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="nightjar-cli-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def file(self, name, content):
        path = self.folder / name
        path.write_bytes(content)
        return str(path)

    def refused(self, result, status, *said):
        """It ended so, and said why in the form of the contract."""
        self.assertEqual(result.returncode, status, result.stderr)
        for line in result.stderr.splitlines():
            self.assertTrue(line.startswith("nightjar: "), line)
            self.assertGreaterEqual(line.count(": "), 2, line)
        for words in said:
            self.assertIn(words, result.stderr)

    def records(self, result):
        return [json.loads(line) for line in result.stdout.splitlines()]


class Help(Program):
    def test_overview(self):
        """--help lists every command of the table."""
        result = run("--help")
        self.assertEqual(result.returncode, DONE)
        for name in commands():
            self.assertRegex(result.stdout, rf"\n  {name}\b")

    def test_each(self):
        """Each command explains itself, with an example, in the same words
        whether asked as help NAME or NAME --help."""
        for name in commands():
            asked = run("help", name)
            self.assertEqual(asked.returncode, DONE)
            self.assertEqual(asked.stdout, run(name, "--help").stdout)
            self.assertIn(f"Usage: nightjar {name}", asked.stdout)
            self.assertIn(f"Examples:\n  ", asked.stdout)

    def test_width(self):
        """Help fits in 80 columns."""
        for text in [run("--help").stdout] + [
                run("help", name).stdout for name in commands()]:
            for line in text.splitlines():
                self.assertLessEqual(len(line), 80, line)


class Use(Program):
    def test_unknown_command(self):
        """A mistyped command is answered with the nearest one."""
        self.refused(run("raed"), USAGE, "did you mean nightjar read?")
        self.refused(run(), USAGE, "nightjar --help")

    def test_unknown_option(self):
        """A mistyped option is answered with the nearest one."""
        self.refused(run("read", "--stast", "x"), USAGE,
                     "did you mean --stats?")

    def test_missing_words(self):
        """A command without what it works on shows its usage."""
        self.refused(run("read"), USAGE, "use nightjar read [options] FILE")
        self.refused(run("config", "chek"), USAGE,
                     "did you mean nightjar config check?")

    def test_unknown_log_type(self):
        """A log type that does not exist is refused before anything runs."""
        path = self.file("a.pcap", capture())
        self.refused(run("read", "--log", "con", path), USAGE,
                     'no log type named "con"')

    def test_full_disk(self):
        """Output that cannot be written ends in status 1 and is said."""
        path = self.file("a.pcap", capture())
        for args in (["version"], ["read", path], ["config", "example"]):
            with open("/dev/full", "w") as full:
                self.refused(run(*args, stdout=full), FAILED)

    def test_version(self):
        """version names program, commit and libraries, also as JSON."""
        facts = json.loads(run("version", "--json").stdout)
        self.assertIn("yaml-0.1", facts["libraries"])
        self.assertTrue(facts["commit"])
        self.assertIn(facts["version"], run("--version").stdout)


def zeek_cut(text, *wanted):
    """What zeek-cut prints: the columns asked for, found by the last line
    that names them, with its separator; comments left out."""
    separator, places, rows = "\t", [], []
    for line in text.splitlines():
        if line.startswith("#separator "):
            code = line.split(" ", 1)[1]
            separator = code.encode().decode("unicode_escape")
        elif line.startswith("#fields" + separator):
            names = line.split(separator)[1:]
            places = [names.index(name) for name in wanted]
        elif not line.startswith("#"):
            values = line.split(separator)
            rows.append(tuple(values[place] for place in places))
    return rows


class Formats(Program):
    def test_zeek_files(self):
        """--format zeek -o DIR writes a file for each log type that zeek-cut
        reads, with the values that JSON has."""
        path = self.file("a.pcap", capture())
        self.assertEqual(run("read", "--format", "zeek", "-o",
                             str(self.folder / "logs"), path).returncode,
                         DONE)
        text = (self.folder / "logs" / "conn.log").read_text()
        json_records = self.records(run("read", "--log", "conn", path))
        self.assertEqual(
            zeek_cut(text, "ts", "uid", "id.orig_p", "proto", "service"),
            [(f"{r['ts']:.6f}", r["uid"], str(r["id.orig_p"]), r["proto"],
              "-") for r in json_records])
        lines = text.splitlines()
        head = [line.split("\t")[0] for line in lines
                if line.startswith("#")]
        self.assertEqual(head, ["#separator \\x09", "#set_separator",
                                "#empty_field", "#unset_field", "#path",
                                "#open", "#fields", "#types", "#close"])
        self.assertTrue(lines[-1].startswith("#close"))
        widths = {len(line.split("\t")) for line in lines
                  if not line.startswith("#")}
        fields, types = (len(line.split("\t")) - 1 for line in lines
                         if line.startswith(("#fields", "#types")))
        self.assertEqual(widths, {fields})
        self.assertEqual(fields, types)

    def test_zeek_stream(self):
        """Columns do not mix: a stream has one log type, or says what to
        do."""
        path = self.file("a.pcap", capture())
        one = run("read", "--format", "zeek", "--log", "conn", path)
        self.assertEqual(len(zeek_cut(one.stdout, "uid")), 3)
        for args in ([], ["--log", "conn,weird"],
                     ["--each", str(self.folder)]):
            self.refused(run("read", "--format", "zeek", *args, path), USAGE,
                         "-o DIR", "--log TYPE")

    def test_eve_stream(self):
        """--format eve gives one object a line with event_type, in one stream
        or in DIR/eve.json."""
        path = self.file("a.pcap", capture())
        events = self.records(run("read", "--format", "eve", path))
        self.assertEqual([e["event_type"] for e in events], ["flow"] * 3)
        self.assertEqual(len({e["flow_id"] for e in events}), 3)
        self.assertEqual(events[0]["src_ip"], "10.0.0.1")
        self.assertEqual(events[0]["flow"]["bytes_toserver"], 46)
        self.assertEqual(run("read", "--format", "eve", "-o",
                             str(self.folder / "logs"), path).returncode,
                         DONE)
        text = (self.folder / "logs" / "eve.json").read_text()
        self.assertEqual([json.loads(x) for x in text.splitlines()], events)

    def test_eve_types(self):
        """--log chooses event types there, and knows their names."""
        path = self.file("a.pcap", capture())
        result = run("read", "--format", "eve", "--log", "dns", path)
        self.assertEqual((result.returncode, result.stdout), (DONE, ""))
        self.refused(run("read", "--format", "eve", "--log", "flows", path),
                     USAGE, "did you mean flow?")

    def test_extract(self):
        """Files are written by their ids, whole, up to the bytes allowed."""
        body = bytes(range(256)) * 2000
        cap = pk.Capture(1)
        t = cap.tcp("10.0.0.1", 40000, "10.0.0.2", 80)
        t.open()
        t.c(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        t.s(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) +
            body)
        t.close()
        path = self.file("http.pcap", cap.bytes())
        to = self.folder / "files"
        rec, = self.records(run("read", "--log", "files", "--extract",
                                str(to), path))
        self.assertEqual(rec["extracted"], rec["fuid"])
        self.assertIs(rec["extracted_cutoff"], False)
        self.assertEqual((to / rec["fuid"]).read_bytes(), body)
        self.assertEqual((to / rec["fuid"]).stat().st_mode & 0o777, 0o600)
        to = self.folder / "less"
        result = run("read", "--log", "files", "--extract", str(to),
                     "--extract-max", "100k", path)
        rec, = self.records(result)
        self.assertIs(rec["extracted_cutoff"], True)
        self.assertIn("not extracted", result.stderr)
        kept = (to / rec["fuid"]).read_bytes()
        self.assertLessEqual(len(kept), 100 << 10)
        self.assertTrue(kept and body.startswith(kept))
        self.refused(run("read", "--extract", str(to), "--extract-max",
                         "much", path), USAGE, "size")

    def test_workers(self):
        """Events are the same for any number of workers."""
        path = self.file("a.pcap", capture())
        self.assertEqual(run("read", "--format", "eve", path).stdout,
                         run("read", "--format", "eve", "-j", "3",
                             path).stdout)

    def test_details_stay_out(self):
        """What is made for EVE shows in no other format."""
        path = self.file("a.pcap", capture())
        records = self.records(run("read", path))
        self.assertEqual({r["_path"] for r in records}, {"conn"})
        self.refused(run("read", "--log", "eve_flow", path), USAGE,
                     "no log type named")


class Configuration(Program):
    def test_mistakes(self):
        """Mistakes are all named, nothing is read, and the status is 3."""
        conf = self.file("c.yaml", b"capture:\n  worker: 1\n  workers: 99\n")
        path = self.file("a.pcap", capture())
        for args in (["config", "check"], ["config", "show"],
                     ["read", path]):
            result = run(*args, "-c", conf)
            self.refused(result, CONFIG, f"{conf}:2:3: capture.worker: ",
                         f"{conf}:3:12: capture.workers: ")
            self.assertEqual(result.stdout, "")

    def test_missing_file(self):
        """A configuration that was named but is not there is refused."""
        self.refused(run("config", "check", "-c", "/nonexistent.yaml"),
                     CONFIG, "No such file")

    def test_show(self):
        """show says where each value came from, and reads back."""
        conf = self.file("c.yaml", b"log: {level: warn}\n")
        result = run("config", "show", "-c", conf)
        self.assertRegex(result.stdout, rf"log\.level: warn +# {conf}:1\n")
        shown = json.loads(
            run("config", "show", "--all", "--json", "-c", conf).stdout)
        self.assertEqual(shown["log.level"],
                         {"value": "warn", "from": f"{conf}:1"})
        self.assertEqual(shown["flow.midstream"],
                         {"value": False, "from": "default"})
        again = self.file("d.yaml", run(
            "config", "show", "--all", "-c", conf).stdout.encode())
        self.assertEqual(run("config", "check", "-c", again).returncode, DONE)

    def test_example(self):
        """The shipped example is sound and changes nothing."""
        example = str(ROOT / "config/nightjar.yaml")
        result = run("config", "show", "-c", example)
        self.assertEqual(result.returncode, DONE, result.stderr)
        self.assertIn("every option is at its default", result.stdout)


class Files(Program):
    def test_order_and_form(self):
        """Records are JSON objects in order of time, type first."""
        result = run("read", self.file("a.pcap", capture()))
        self.assertEqual(result.returncode, DONE, result.stderr)
        conns = [r for r in self.records(result) if r["_path"] == "conn"]
        self.assertEqual([r["id.orig_p"] for r in conns],
                         [40000, 40001, 40002])
        for line in result.stdout.splitlines():
            self.assertTrue(line.startswith('{"_path":"'))

    def test_bad_files(self):
        """Each bad file is named with its reason; the good one between them
        is read; the status is 1."""
        bad = [self.file("empty.pcap", b""),
               self.file("garbage.pcap", b"not a capture at all" * 9),
               self.file("link.pcap", capture(link=9999)),
               str(self.folder / "missing.pcap"), str(self.folder)]
        good = self.file("good.pcap", capture())
        out = self.folder / "out"
        result = run("read", "--each", str(out), *bad[:2], good, *bad[2:])
        for path in bad:
            self.assertIn(f"nightjar: {path}: ", result.stderr)
        self.refused(result, FAILED)
        self.assertEqual(
            (out / "good.pcap.jsonl").read_text().count('"_path":"conn"'), 3)

    def test_truncated(self):
        """Of a file that ends inside a packet the records so far are kept."""
        path = self.file("cut.pcap", capture()[:-10])
        result = run("read", path)
        self.refused(result, FAILED, path)
        conns = [r for r in self.records(result) if r["_path"] == "conn"]
        self.assertEqual(len(conns), 2)

    def test_standard_input(self):
        """- reads a capture from standard input."""
        path = self.file("a.pcap", capture())
        with open(path, "rb") as source:
            piped = run("read", "-", stdin=source)
        self.assertEqual(piped.stdout, run("read", path).stdout)

    def test_ledger(self):
        """--stats accounts for every packet of the file."""
        path = self.file("a.pcap", capture(50))
        stats = json.loads(run("read", "--stats", path).stderr)
        self.assertEqual(stats["ledger"]["received"], 50)
        self.assertEqual(stats["ledger"]["unaccounted"], 0)

    def test_closed_pipe(self):
        """A reader that goes away ends the work without a crash."""
        path = self.file("a.pcap", capture(20000))
        reader, writer = os.pipe()
        os.close(reader)
        with os.fdopen(writer, "w") as gone:
            result = run("read", path, stdout=gone)
        self.assertIn(result.returncode, (FAILED, -13))


if __name__ == "__main__":
    NIGHTJAR = sys.argv[sys.argv.index("--nightjar") + 1]
    unittest.main(argv=sys.argv[:1])
