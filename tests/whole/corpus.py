"""corpus.py - every capture of the corpus beside the project, read by this
build: no crash and no sanitizer report, each packet in exactly one counter,
and the same records on one worker and on several.

Skips (status 77) where there is no corpus. What the records should be is
scored elsewhere (corpus/score.py); here it only matters that there are some.

    python3 tests/whole/corpus.py --nightjar PATH [--corpus DIR]
"""
import argparse
import filecmp
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BATCH = 60
SKIP = 77
REPORT = re.compile(r"ERROR: \w+Sanitizer|runtime error:|broken rule:")


def captures(corpus):
    """(path, packets that it holds) of every capture."""
    for listing in sorted(corpus.glob("[!z]*/pcaps.jsonl")) + \
            sorted(corpus.glob("zeek/pcaps.jsonl")):
        for line in listing.read_text().splitlines():
            fact = json.loads(line)
            path = listing.parent / "pcaps" / fact["pcap"]
            # Listings of runs name captures of the other folders.
            if "packets" in fact and path.is_file() and \
                    not path.is_symlink():
                yield path, fact["packets"]


class Reader:
    def __init__(self, nightjar):
        self.nightjar = nightjar
        self.faults = []

    def fault(self, text):
        print(text)
        self.faults.append(text)

    def read(self, paths, out, *more):
        """Reads all into out; gives (ledger, names of bad files)."""
        result = subprocess.run(
            [self.nightjar, "read", "--stats", "--each", str(out), *more,
             *map(str, paths)], capture_output=True, text=True,
            errors="replace", check=False, timeout=900)
        where = f"{paths[0].name}..{paths[-1].name} {' '.join(more)}"
        if result.returncode not in (0, 1) or REPORT.search(result.stderr):
            if len(paths) > 1:
                for path in paths:
                    self.read([path], out, *more)
            else:
                self.fault(f"{where}: ended with {result.returncode}\n"
                           f"{result.stderr[-3000:]}")
            return None, set()
        lines = result.stderr.splitlines()
        stats = [json.loads(x) for x in lines if x.startswith('{"ledger"')]
        bad = {p for p in paths for x in lines
               if x.startswith(f"nightjar: {p}: ")}
        return stats[0]["ledger"], bad

    def account(self, files, out):
        """The ledger of these files adds up, and to what they hold."""
        ledger, bad = self.read([p for p, _ in files], out)
        if ledger is None:
            return
        if ledger["unaccounted"]:
            self.fault(f"{files[0][0].name}..: {ledger['unaccounted']} "
                       "packets are in no counter")
        if bad:
            # What a damaged file held is for nobody to say.
            files = [f for f in files if f[0] not in bad]
            ledger, _ = self.read([p for p, _ in files], out) \
                if files else (None, None)
        want = sum(packets for _, packets in files)
        if ledger and ledger["received"] != want:
            self.narrow(files, out)

    def narrow(self, files, out):
        for path, packets in files:
            ledger, _ = self.read([path], out)
            if ledger and ledger["received"] != packets:
                self.fault(f"{path}: {ledger['received']} packets read of "
                           f"{packets}")

    def compare(self, files, one, several):
        """On several workers the same records come in the same order."""
        for workers in ("2", "3"):
            self.read([p for p, _ in files], several, "--workers", workers)
            for path, _ in files:
                a, b = (d / (path.name + ".jsonl") for d in (one, several))
                if a.exists() and not filecmp.cmp(a, b, shallow=False):
                    self.fault(f"{path}: other records on {workers} workers")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nightjar", required=True)
    parser.add_argument("--corpus", type=pathlib.Path, default=os.environ.get(
        "NIGHTJAR_CORPUS", ROOT.parent / "shared" / "corpus"))
    args = parser.parse_args()
    files = list(captures(pathlib.Path(args.corpus)))
    if not files:
        print(f"skipped: no captures in {args.corpus}")
        sys.exit(SKIP)
    reader = Reader(os.path.abspath(args.nightjar))
    with tempfile.TemporaryDirectory(prefix="nightjar-corpus-") as folder:
        one, several = pathlib.Path(folder, "1"), pathlib.Path(folder, "3")
        for start in range(0, len(files), BATCH):
            batch = files[start:start + BATCH]
            reader.account(batch, one)
            reader.read([p for p, _ in batch], pathlib.Path(folder, "m"),
                        "--ignore-checksums", "--midstream")
            reader.compare(batch, one, several)
        records = sum(p.stat().st_size > 0 for p in one.iterdir())
    print(f"{len(files)} captures, {records} with records, "
          f"{len(reader.faults)} faults")
    sys.exit(1 if reader.faults or not records else 0)


if __name__ == "__main__":
    main()
