"""tree.py - the files that checks look at, C source in pieces, findings.

A check is a function that takes a Tree and gives findings; everything it
must know about the project is data in a .txt file beside it, so that a rule
is changed without changing a check.
"""
import bisect
import collections
import pathlib
import re
import subprocess

Finding = collections.namedtuple("Finding", "path line what todo")
Function = collections.namedtuple(
    "Function", "name first last body signature")

SKIP = {".git", "node_modules", "__pycache__"}


class Tree:
    """The project's files under root, and where it was built."""

    def __init__(self, root, build=None, program=None):
        self.root = pathlib.Path(root).resolve()
        self.build = pathlib.Path(build).resolve() if build else None
        self.program = program
        self._text = {}
        self._names = None

    def names(self, *endings, under=""):
        """Names from root of the files with one of the endings, sorted."""
        if self._names is None:
            self._names = sorted(self._list())
        return [n for n in self._names
                if n.startswith(under) and
                (not endings or n.endswith(endings))]

    def _list(self):
        git = subprocess.run(
            ["git", "-C", self.root, "ls-files", "-co", "-z",
             "--exclude-standard"], capture_output=True, check=False)
        top = subprocess.run(
            ["git", "-C", self.root, "rev-parse", "--show-toplevel"],
            capture_output=True, check=False, text=True).stdout.strip()
        if git.returncode == 0 and top == str(self.root):
            names = git.stdout.decode().split("\0")
            return {n for n in names if n and (self.root / n).is_file()}
        # A release archive has no git: take what no build wrote.
        return {str(p.relative_to(self.root))
                for p in self.root.rglob("*") if p.is_file() and
                not SKIP.intersection(p.relative_to(self.root).parts) and
                not p.relative_to(self.root).parts[0].startswith("build")}

    def text(self, name):
        if name not in self._text:
            self._text[name] = (self.root / name).read_text(
                encoding="utf-8", errors="replace")
        return self._text[name]

    def rows(self, name):
        """Lines of a rule file with their numbers, without comments."""
        for number, line in enumerate(self.text(name).splitlines(), 1):
            line = line.split("#")[0].strip()
            if line:
                yield number, line


_PARTS = re.compile(
    r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'",
    re.DOTALL)


def code_only(text):
    """C text with comments and strings blanked, every line in its place."""
    def blank(match):
        part = match.group()
        if part[0] == "/":
            return re.sub(r"[^\n]", " ", part)
        return part[0] + "_" * (len(part) - 2) + part[-1]
    return _PARTS.sub(blank, text)


def line_of(text, at):
    return text.count("\n", 0, at) + 1


class Lines:
    """Line numbers of offsets in one text, found without counting again."""

    def __init__(self, text):
        self._starts = [0] + [m.end() for m in re.finditer("\n", text)]

    def at(self, offset):
        return bisect.bisect_right(self._starts, offset)


def functions(text):
    """Functions of C text laid out as our clang-format does: the body's
    braces stand alone in column 0. Lines count from 1."""
    lines = code_only(text).split("\n")
    found = []
    first = None
    for i, line in enumerate(lines):
        if line == "{":
            first = i
        elif line.startswith("}") and first is not None:
            found.append(_function(lines, first, i))
            first = None
    return found


def _function(lines, brace, end):
    top = brace
    while top > 0 and lines[top - 1].strip() and \
            lines[top - 1][0] not in "}#" and \
            not lines[top - 1].rstrip().endswith((";", "\\")):
        top -= 1
    signature = " ".join(lines[top:brace])
    name = re.search(r"(\w+)\s*\(", re.sub(
        r"\b(NJ_[A-Z]+|__attribute__)\s*\([^)]*\)", "", signature))
    return Function(name.group(1) if name else "?", top + 1, end + 1,
                    lines[brace + 1:end], signature)


def parameters(signature):
    """How many parameters a signature has."""
    start = signature.find("(")
    depth, count, seen = 0, 1, ""
    for char in signature[start:]:
        depth += (char == "(") - (char == ")")
        if depth == 0:
            break
        if char == "," and depth == 1:
            count += 1
        seen += char
    return 0 if seen.strip("( ") in ("", "void") else count
