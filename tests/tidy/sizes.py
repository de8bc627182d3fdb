"""sizes.py - files, functions, lines and nesting within limits.txt."""
import re

from tree import Finding, functions, parameters

LIMITS = "tests/tidy/limits.txt"
CONTROL = re.compile(r"^(\t+)(if|for|while|do|switch|nj_each)\b")


def check(tree):
    for _, row in tree.rows(LIMITS):
        kind, limit, *endings = row.split()
        for name in tree.names(*endings):
            yield from KINDS[kind](name, tree.text(name), int(limit))


def lines(name, text, limit):
    count = text.count("\n")
    if count > limit:
        yield Finding(name, limit + 1, f"has {count} lines of {limit}",
                      "split it by meaning")


def columns(name, text, limit):
    for number, line in enumerate(text.splitlines(), 1):
        width = len(line.expandtabs(8))
        if width > limit:
            yield Finding(name, number, f"line of {width} columns",
                          f"break it at {limit}")


def function(name, text, limit):
    for f in functions(text):
        size = f.last - f.first + 1
        if size > limit:
            yield Finding(name, f.first,
                          f"{f.name} has {size} lines of {limit}",
                          "give its parts names of their own")


def parameters_of(name, text, limit):
    for f in functions(text):
        count = parameters(f.signature)
        if count > limit:
            yield Finding(name, f.first,
                          f"{f.name} takes {count} parameters of {limit}",
                          "pass a struct")


def nesting(name, text, limit):
    # clang-format puts every statement at the tab of its depth, so a
    # control word's tabs are its nesting, with or without braces.
    for f in functions(text):
        for number, line in enumerate(f.body, f.last - len(f.body)):
            match = CONTROL.match(line)
            if match and len(match.group(1)) > limit:
                yield Finding(
                    name, number, f"{f.name} nests "
                    f"{len(match.group(1))} deep of {limit}",
                    "return early or give the inner part a name")


KINDS = {"lines": lines, "columns": columns, "function": function,
         "parameters": parameters_of, "nesting": nesting}
