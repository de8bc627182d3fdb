"""compiled.py - checks that ask other programs: headers compile alone,
clang-format, clang-tidy and shellcheck agree.

What was found good is remembered in the build folder by the hash of all that
the answer depends on, so that only what changed is looked at again.
"""
import concurrent.futures
import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess

from tree import Finding

WHERE = re.compile(r"^(?:\./)?([^\s:]+):(\d+):\d+: "
                   r"(?:fatal )?(?:error|warning): (.*)$")


class Memory:
    """Hashes of what was good, one name a check."""

    def __init__(self, tree, name):
        self.path = tree.build / f"tidy-{name}.json" if tree.build else None
        self.old, self.new = {}, {}
        if self.path and self.path.exists():
            self.old = json.loads(self.path.read_text())

    def good(self, name, key):
        if self.old.get(name) != key:
            return False
        self.new[name] = key
        return True

    def keep(self, name, key):
        self.new[name] = key

    def save(self):
        if self.path:
            part = self.path.with_suffix(f".{os.getpid()}")
            part.write_text(json.dumps(self.new))
            part.replace(self.path)


def hash_of(*parts):
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode() + b"\0")
    return digest.hexdigest()


def closure(tree, name, seen=None):
    """The file and all project files that it includes, directly or not."""
    seen = set() if seen is None else seen
    if name in seen or not (tree.root / name).is_file():
        return seen
    seen.add(name)
    for header in re.findall(r'^\s*#\s*include\s*"([^"]+)"',
                             tree.text(name), re.M):
        closure(tree, header, seen)
    return seen


def _key(tree, name, *more):
    return hash_of(*more, *(n + "\0" + tree.text(n)
                            for n in sorted(closure(tree, name))))


def _commands(tree):
    """File name to compiler arguments, from meson's list."""
    path = tree.build / "compile_commands.json" if tree.build else None
    found = {}
    if not path or not path.exists():
        return found
    for entry in json.loads(path.read_text()):
        name = os.path.relpath(
            os.path.join(entry["directory"], entry["file"]), tree.root)
        found.setdefault(name, shlex.split(entry["command"]))
    return found


def _flags(tree):
    """What all files are compiled with: macros, folders, the language."""
    flags = ["-std=gnu11", "-D_GNU_SOURCE", f"-I{tree.root}"]
    commands = _commands(tree)
    for words in commands.values():
        for word in words:
            if word.startswith(("-I/", "-isystem/", "-march=", "-pthread")) \
                    and word not in flags:
                flags.append(word)
        if tree.build and commands:
            flags.append(f"-I{tree.build}")
        break
    return flags


def _run_all(jobs, work):
    """work(job) for all jobs, two at a time; gives the pairs in order."""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        return list(zip(jobs, pool.map(work, jobs)))


def _parse(output, tree, todo):
    for line in output.splitlines():
        match = WHERE.match(line)
        if match:
            # Tools name files from where they or the compiler ran.
            path = os.path.normpath(os.path.join(
                tree.build if match.group(1).startswith("..") else tree.root,
                match.group(1)))
            yield Finding(os.path.relpath(path, tree.root),
                          int(match.group(2)), match.group(3), todo)


def headers(tree):
    """Every header compiles when it is the only one included."""
    memory, flags = Memory(tree, "headers"), _flags(tree)
    compiler = shutil.which("gcc") or shutil.which("cc")

    def compile_alone(name):
        return subprocess.run(
            [compiler, *flags, "-fsyntax-only", "-Wall", "-Werror", "-x",
             "c", "-include", name, "/dev/null"], cwd=tree.root,
            capture_output=True, text=True, check=False)

    keys = {n: _key(tree, n, *flags) for n in tree.names(".h")}
    todo = [n for n, key in keys.items() if not memory.good(n, key)]
    for name, result in _run_all(todo, compile_alone):
        if result.returncode == 0:
            memory.keep(name, keys[name])
            continue
        found = list(_parse(result.stderr, tree,
                            f"let {name} include what it needs"))
        yield from found or [Finding(name, 1, "does not compile alone",
                                     result.stderr.strip()[:200])]
    memory.save()


def layout(tree):
    """clang-format would not change a byte."""
    tool = shutil.which("clang-format")
    if not tool:
        print("skipped: clang-format is not installed")
        return
    memory = Memory(tree, "layout")
    style = tree.text(".clang-format")
    keys = {n: hash_of(style, tree.text(n)) for n in tree.names(".c", ".h")}
    todo = [n for n, key in keys.items() if not memory.good(n, key)]
    bad = set()
    for start in range(0, len(todo), 50):
        result = subprocess.run(
            [tool, "--dry-run", "-Werror", "--ferror-limit=1",
             *todo[start:start + 50]], cwd=tree.root, capture_output=True,
            text=True, check=False)
        for f in _parse(result.stderr, tree, ""):
            if f.path not in bad:
                bad.add(f.path)
                yield Finding(f.path, f.line, "is not as clang-format lays "
                              "it out", f"run clang-format -i {f.path}")
    for name in todo:
        if name not in bad:
            memory.keep(name, keys[name])
    memory.save()


def lint(tree):
    """clang-tidy has nothing to say (checks: .clang-tidy)."""
    tool = shutil.which("clang-tidy")
    commands = _commands(tree)
    if not tool or not commands:
        print("skipped: clang-tidy or compile_commands.json is missing")
        return
    memory = Memory(tree, "lint")
    rules = tree.text(".clang-tidy")
    names = [n for n in tree.names(".c") if n in commands]
    keys = {n: _key(tree, n, rules, " ".join(
        w for w in commands[n] if w.startswith(("-D", "-m")))) for n in names}
    todo = [n for n in names if not memory.good(n, keys[n])]

    def tidy(name):
        return subprocess.run(
            [tool, "-p", tree.build, "--quiet",
             "--extra-arg=-Wno-unknown-warning-option", tree.root / name],
            cwd=tree.root, capture_output=True, text=True, check=False)

    seen = set()
    for name, result in _run_all(todo, tidy):
        found = [f for f in _parse(result.stdout, tree,
                                   "mend it; see the check's page")
                 if f not in seen]
        seen.update(found)
        yield from found
        if result.returncode == 0:
            memory.keep(name, keys[name])
        elif not found:
            yield Finding(name, 1, "clang-tidy failed",
                          result.stderr.strip()[-300:])
    memory.save()


def shell(tree):
    """shellcheck has nothing to say about our bash."""
    tool = shutil.which("shellcheck")
    if not tool:
        print("skipped: shellcheck is not installed")
        return
    names = [n for n in tree.names(".sh", "run")
             if n.endswith(".sh") or tree.text(n).startswith("#!/bin/bash")]
    if not names:
        return
    result = subprocess.run(
        [tool, "-x", "-f", "gcc", *names], cwd=tree.root,
        capture_output=True, text=True, check=False)
    for line in result.stdout.splitlines():
        match = re.match(r"([^:]+):(\d+):\d+: \w+: (.*)", line)
        if match:
            yield Finding(match.group(1), int(match.group(2)),
                          match.group(3), "see its page on shellcheck.net")
