"""check.py - runs one check of the suite 'tidy' and prints its findings as
"file:line: what: what to do". Exit status 1 when there are any.

    python3 tests/tidy/check.py layers --root . [--build B] [--program P]
"""
import argparse
import sys

import banned
import compiled
import generated
import layers
import said
import sizes
import words
from tree import Tree

CHECKS = {
    "layers": layers.check,
    "sizes": sizes.check,
    "banned": banned.check,
    "words": words.check,
    "said": said.check,
    "headers": compiled.headers,
    "layout": compiled.layout,
    "lint": compiled.lint,
    "shell": compiled.shell,
    "generated": generated.check,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("check", choices=[*CHECKS, "all"])
    parser.add_argument("--root", default=".")
    parser.add_argument("--build")
    parser.add_argument("--program")
    args = parser.parse_args()
    tree = Tree(args.root, args.build, args.program)
    count = 0
    for name in CHECKS if args.check == "all" else [args.check]:
        for f in CHECKS[name](tree):
            print(f"{f.path}:{f.line}: {f.what}: {f.todo}")
            count += 1
    if count:
        print(f"{count} findings")
    sys.exit(1 if count else 0)


if __name__ == "__main__":
    main()
