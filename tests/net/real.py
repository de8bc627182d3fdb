#!/usr/bin/env python3
"""Real servers and their clients, as Debian has them: what the servers wrote
into their own logs must be what the records say.

All run in two namespaces of their own, tcpdump between them; its capture is
read by `nightjar read`. One line a comparison: what the server told of, how
much of it was found, how much is missing or too much. Needs root and the
packages of group real; says in one line what it skips.
"""
import argparse
import collections
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "real"))

import data  # noqa: E402
import files  # noqa: E402
import identity  # noqa: E402
import mail  # noqa: E402
import nfs_tftp  # noqa: E402
import web  # noqa: E402
from site_kit import Site, Trouble, run  # noqa: E402

SKIP = 77
ALL = [*data.PARTS, *identity.PARTS, *files.PARTS, *mail.PARTS,
       *nfs_tftp.PARTS, *web.PARTS]
Count = collections.Counter


def missing(part):
    return [p for p in part.needs if not shutil.which(p)]


def read(program, capture, folder):
    run(program, "read", "-o", folder, capture)
    logs = collections.defaultdict(list)
    for path in folder.glob("*.log"):
        logs[path.stem] = [json.loads(line) for line in
                           path.read_text().splitlines()]
    return logs


def compare(what, told, seen):
    """One line; gives the number of differences."""
    if not isinstance(told, Count):
        told, seen = Count({what: told}), Count({what: seen})
    lost, extra = told - seen, seen - told
    size, found = sum(told.values()), sum((told & seen).values())
    wrong = sum(lost.values()) + sum(extra.values())
    # A server that told of nothing has proved nothing.
    wrong += not size
    print(f"{'ok    ' if not wrong else 'FAILED'}  {what}: the server told of "
          f"{size}, found {found}, missing {sum(lost.values())}, not told of "
          f"{sum(extra.values())}")
    for name, some in ("missing", lost), ("not told of", extra):
        for key in list(some)[:5]:
            print(f"        {name}: {key!r}")
    return wrong


def special(folder, names):
    """Sockets and the like, which cannot be copied."""
    paths = {n: pathlib.Path(folder) / n for n in names}
    return [n for n, p in paths.items() if not (p.is_file() or p.is_dir())]


def play(parts, program, keep):
    failures = 0
    with Site() as site:
        played = []
        for part in parts:
            begin = time.monotonic()
            try:
                part.play(site)
                played.append(part)
            except (Trouble, subprocess.TimeoutExpired) as error:
                failures += 1
                print(f"FAILED  {type(part).__name__}: {error}")
            print(f"        {type(part).__name__}: "
                  f"{time.monotonic() - begin:.1f} s", flush=True)
        site.stop_capture()
        for part in played:
            if hasattr(part, "settle"):
                part.settle()
        logs = read(program, site.capture, site.folder / "records")
        for part in played:
            for row in part.check(logs):
                failures += compare(*row) != 0
        if keep:
            shutil.copytree(site.folder, keep, dirs_exist_ok=True,
                            ignore=special)
    return failures


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--nightjar", required=True)
    parser.add_argument("--keep", help="captures and logs go to this folder")
    parser.add_argument("part", nargs="*", help="only these (default: all)")
    args = parser.parse_args()
    if os.geteuid():
        print("skipped: network namespaces need root")
        return SKIP
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    wanted = [p for p in ALL if not args.part
              or p.__name__.lower() in args.part]
    parts = []
    for part in wanted:
        lost = missing(part)
        if lost:
            print(f"skipped: {part.__name__}: not installed: "
                  f"{' '.join(lost)}")
        else:
            parts.append(part())
    if not parts or subprocess.run(
            ["ip", "netns", "add", f"r{os.getpid()}try"],
            stderr=subprocess.DEVNULL).returncode:
        print("skipped: no servers, or no network namespaces here")
        return SKIP
    run("ip", "netns", "del", f"r{os.getpid()}try")
    failures = play(parts, args.nightjar, args.keep)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
