"""generated.py - pages that the program prints are as it prints them now.

Run as a script with --update it writes them (`ninja docs`).
"""
import argparse
import pathlib
import subprocess

from tree import Finding, Tree

RULES = "tests/tidy/generated.txt"


def _pages(tree):
    for number, row in tree.rows(RULES):
        name, _, arguments = row.partition(":")
        result = subprocess.run([tree.program, *arguments.split()],
                                capture_output=True, check=False)
        yield name, number, arguments.strip(), result


def check(tree):
    if not tree.program:
        return
    for name, number, arguments, result in _pages(tree):
        if result.returncode:
            yield Finding(RULES, number, f"nightjar {arguments} fails",
                          result.stderr.decode(errors="replace").strip())
            continue
        path = tree.root / name
        have = path.read_text().splitlines() if path.exists() else []
        want = result.stdout.decode().splitlines()
        if have != want:
            same = next((i for i, (a, b) in enumerate(zip(have, want))
                         if a != b), min(len(have), len(want)))
            yield Finding(name, same + 1,
                          f"is not what nightjar {arguments} prints",
                          "run ninja -C build docs and read the diff")
    listed = {row.partition(":")[0] for _, row in tree.rows(RULES)}
    for name in tree.names(".md", under="docs/reference/"):
        if name not in listed:
            yield Finding(name, 1, "is printed by nobody",
                          f"add the command that prints it to {RULES}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", required=True)
    parser.add_argument("--program", required=True)
    args = parser.parse_args()
    tree = Tree(args.root, program=args.program)
    for name, _, arguments, result in _pages(tree):
        if result.returncode:
            raise SystemExit(f"nightjar {arguments} failed: "
                             f"{result.stderr.decode()}")
        path = pathlib.Path(args.root, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_bytes() != result.stdout:
            path.write_bytes(result.stdout)
            print(f"wrote {name}")


if __name__ == "__main__":
    main()
