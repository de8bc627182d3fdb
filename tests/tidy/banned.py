"""banned.py - calls that banned.txt forbids."""
import re

from tree import Finding, Lines, code_only, functions

RULES = "tests/tidy/banned.txt"


class Rule:
    def __init__(self, row):
        where, calls, excepted, self.instead = (
            part.strip() for part in row.split(" | " if row.count(" | ") == 3
                                               else "|", 3))
        self.where = [] if where == "*" else [
            folder + "/" for folder in where.split()]
        self.pattern = re.compile(
            r"(?<![\w.>])(" + "|".join(calls.split()) + r")\s*\(")
        self.files = [e for e in excepted.split() if not e.startswith("~")]
        makers = [e[1:] for e in excepted.split() if e.startswith("~")]
        self.makers = re.compile(makers[0]) if makers else None

    def covers(self, name):
        return name not in self.files and (
            not self.where or any(name.startswith(w) for w in self.where))


def _in_maker(rule, where, line):
    return rule.makers is not None and any(
        f.first <= line <= f.last and rule.makers.search(f.name)
        for f in where)


def check(tree):
    rules = [Rule(row) for _, row in _rows(tree)]
    for name in tree.names(".c", ".h"):
        text = code_only(tree.text(name))
        lines, made = Lines(text), None
        for rule in (r for r in rules if r.covers(name)):
            for match in rule.pattern.finditer(text):
                if made is None:
                    made = functions(tree.text(name))
                line = lines.at(match.start())
                if not _in_maker(rule, made, line):
                    yield Finding(name, line, f"calls {match.group(1)}",
                                  rule.instead)


def _rows(tree):
    # "#" begins a comment only at the start of a line here.
    for number, line in enumerate(tree.text(RULES).splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            yield number, line
