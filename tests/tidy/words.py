"""words.py - markers of unfinished work and paths of one machine."""
import re

from tree import Finding

RULES = "tests/tidy/words.txt"
TEXT = (".c", ".h", ".def", ".py", ".sh", ".md", ".txt", ".build", ".yaml",
        ".ts", ".tsx", ".js", ".json", ".css", ".html", "/run", ".service")


def check(tree):
    rules, left_out = [], set()
    for line in tree.text(RULES).splitlines():
        if line.startswith("!"):
            left_out.add(line[1:].strip())
        elif line.strip() and not line.startswith("#"):
            pattern, _, todo = line.rpartition(" | ")
            rules.append((re.compile(pattern), todo))
    for name in tree.names(*TEXT):
        if name in left_out:
            continue
        for number, line in enumerate(tree.text(name).splitlines(), 1):
            for pattern, todo in rules:
                match = pattern.search(line)
                if match:
                    yield Finding(name, number,
                                  f'holds "{match.group()}"', todo)
