"""layers.py - who may include whom, and who owns which library.

The rules are docs/layers.txt. Tests and fuzzers stand above all
layers: they may include any header, also the private one of what they test,
and any library, with which they make input.
"""
import re

from tree import Finding

RULES = "docs/layers.txt"
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)
ABOVE = ("tests/",)


class Rules:
    def __init__(self, tree):
        self.allowed = {}
        self.line = {}
        self.owners = []
        self.findings = []
        for number, row in tree.rows(RULES):
            if row.startswith("lib "):
                _, prefix, *owners = row.split()
                self.owners.append((prefix, owners))
                continue
            layer, _, names = row.partition(":")
            for name in names.split():
                if name not in self.allowed:
                    self.findings.append(Finding(
                        RULES, number,
                        f"{layer} names {name}, which is not above it",
                        "a layer may only use what stands on lines above"))
            self.allowed[layer] = set(names.split())
            self.line[layer] = number

    def of(self, path):
        """The layer that a path lies in, or None."""
        path = path.removeprefix("engine/")
        best = None
        for layer in self.allowed:
            if path.startswith(layer + "/") and \
                    (best is None or len(layer) > len(best)):
                best = layer
        return best


def check(tree):
    rules = Rules(tree)
    yield from rules.findings
    for name in tree.names(".c", ".h", ".def"):
        above = name.startswith(ABOVE)
        layer = rules.of(name)
        if layer is None and not above:
            yield Finding(name, 1, "lies in no layer",
                          f"add its folder to {RULES}, by ADR")
            continue
        text = tree.text(name)
        for match in INCLUDE.finditer(text):
            line = text.count("\n", 0, match.start(2)) + 1
            finding = (_library if match.group(1) == "<" else _own)(
                tree, rules, name, match.group(2))
            if finding:
                yield Finding(name, line, *finding)


def _library(_tree, rules, name, header):
    layer = rules.of(name)
    for prefix, owners in rules.owners if layer else ():
        if header.startswith(prefix) and layer not in owners:
            return (f"includes <{header}>, a library of {owners[0]}",
                    f"ask {owners[0]} through its own header")
    return None


def _own(tree, rules, name, header):
    folder = header.rpartition("/")[0]
    if not folder:
        return (f'includes "{header}" without its folder',
                "write the path from the root of the project")
    above = name.startswith(ABOVE)
    if header.endswith("_priv.h") and not above and \
            folder != name.rpartition("/")[0]:
        return (f"includes {header}, which is private",
                f"use what {folder} offers to others")
    if header.startswith(ABOVE):
        return None if above else (
            f"includes {header} of the tests", "move it to a layer")
    layer, target = rules.of(name), rules.of(header)
    if target is None:
        return (f"includes {header}, which lies in no layer",
                f"see {RULES}")
    if above or target == layer or target in rules.allowed[layer]:
        return None
    return (f"{layer} includes {header}, but may not use {target}",
            f"see line {rules.line[layer]} of {RULES}; "
            "move the code or pass a pointer down")
