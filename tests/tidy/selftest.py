"""selftest.py - proves that each check finds a violation that was planted,
names its line, and is silent about a sound tree.
"""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import banned
import compiled
import generated
import layers
import said
import sizes
import words
from tree import Tree, functions, parameters

HERE = pathlib.Path(__file__).resolve().parent
SOUND_H = """/*
 * a.h - a header that needs nothing.
 */
#ifndef NJ_BASE_A_H
#define NJ_BASE_A_H

int nj_a_twice(int x);

#endif
"""
SOUND_C = """/*
 * a.c - doubles.
 */
#include "engine/base/a.h"

int
nj_a_twice(int x)
{
\tif (x < 0)
\t\treturn 0;
\treturn 2 * x;
}
"""
LAYERS = """# lowest first
base:
flow: base
apps: base flow
lib zlib base
"""


class Planted(unittest.TestCase):
    """A small tree, sound but for what a test plants in it."""

    def setUp(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="tidy-selftest-"))
        self.addCleanup(shutil.rmtree, self.root)
        for name in HERE.glob("*.txt"):
            self.plant(f"tests/tidy/{name.name}", name.read_text())
        self.plant("docs/layers.txt", LAYERS)
        self.plant("engine/base/a.h", SOUND_H)
        self.plant("engine/base/a.c", SOUND_C)
        for name in (".clang-format", ".clang-tidy"):
            self.plant(name, (HERE.parent.parent / name).read_text())
        self.plant("build/x", "")

    def plant(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def findings(self, check, program=None):
        tree = Tree(self.root, self.root / "build", program)
        return list(check(tree))

    def expect(self, check, *wanted, program=None):
        """Exactly these: "file:line: words that the finding has in it"."""
        found = [f"{f.path}:{f.line}: {f.what}: {f.todo}"
                 for f in self.findings(check, program)]
        self.assertEqual(len(found), len(wanted), "\n".join(found))
        for line, want in zip(sorted(found), sorted(wanted)):
            place, _, what = want.partition(" ")
            self.assertTrue(line.startswith(place), line)
            self.assertIn(what, line)

    def compile_commands(self, *names):
        self.plant("build/compile_commands.json", json.dumps([
            {"directory": str(self.root / "build"), "file": f"../{name}",
             "command": f"cc -I.. -std=gnu11 -c ../{name} -o x.o"}
            for name in names]))


class Layers(Planted):
    def test_sound(self):
        """A tree that keeps the layers has no findings."""
        self.plant("engine/flow/f.c", '#include "engine/base/a.h"\n'
                                      "#include <stdio.h>\n")
        self.plant("tests/unit/a.c", '#include "engine/flow/f_priv.h"\n'
                                     '#include "tests/unit/unit.h"\n'
                                     "#include <zlib.h>\n")
        self.expect(layers.check)

    def test_upwards(self):
        """An include of a layer above is found."""
        self.plant("engine/base/b.c", '\n#include "engine/flow/flow.h"\n')
        self.expect(layers.check, "engine/base/b.c:2: may not use flow")

    def test_private(self):
        """A private header of another folder is found."""
        self.plant("engine/flow/f.c", '#include "engine/base/a_priv.h"\n')
        self.expect(layers.check, "engine/flow/f.c:1: which is private")

    def test_library(self):
        """A library outside its owner's folder is found."""
        self.plant("engine/flow/f.c", "#include <zlib.h>\n")
        self.expect(layers.check, "engine/flow/f.c:1: a library of base")

    def test_homeless(self):
        """A folder without a line in the rules is found, so is a bare
        include and one of the tests."""
        self.plant("engine/new/n.c", "int x;\n")
        self.plant("engine/flow/f.c", '#include "flow.h"\n'
                                      '#include "tests/unit/unit.h"\n')
        self.expect(layers.check, "engine/new/n.c:1: lies in no layer",
                    "engine/flow/f.c:1: without its folder",
                    "engine/flow/f.c:2: of the tests")

    def test_order(self):
        """Rules that name a layer below themselves are found."""
        self.plant("docs/layers.txt", "base: flow\nflow: base\n")
        self.expect(layers.check, "docs/layers.txt:1: names flow")


class Sizes(Planted):
    def test_file(self):
        """A file that is a line too long is found, at the first such line."""
        self.plant("engine/base/b.c", "int x;\n" * 801)
        self.plant("engine/base/b.h", "int x;\n" * 301)
        self.plant("tests/b.py", "x = 1\n" * 801)
        self.plant("tests/ok.c", "int x;\n" * 800)
        self.expect(sizes.check, "engine/base/b.c:801: has 801 lines",
                    "engine/base/b.h:301: has 301 lines",
                    "tests/b.py:801: has 801 lines")

    def test_columns(self):
        """A line of 81 columns is found; a tab counts eight of them."""
        self.plant("engine/base/b.c", f"\n\t{'x' * 73}\n\t{'x' * 72}\n")
        self.expect(sizes.check, "engine/base/b.c:2: line of 81 columns")

    def test_function(self):
        """Functions too long, with too many parameters or nested too deep
        are found; function pointers are one parameter."""
        long = "static int\nf(void)\n{\n" + "\tx();\n" * 67 + "}\n"
        fits = "static int\nf(void)\n{\n" + "\tx();\n" * 66 + "}\n"
        many = "int\nm(int a, int b, int c, int d, int e, int f)\n{\n}\n"
        five = "int\nm(int a, int b, int c, int d,\n\tint (*e)(int, int))" \
               "\n{\n}\n"
        deep = "int\nd(void)\n{\n" + "".join(
            "\t" * i + "if (x)\n" for i in range(1, 6)) + "\t\t\t\t\t\ty();\n}\n"
        self.plant("engine/base/b.c", long + fits + many + five + deep)
        self.expect(sizes.check, "engine/base/b.c:1: f has 71 lines",
                    "engine/base/b.c:142: takes 6 parameters",
                    "engine/base/b.c:158: d nests 5 deep")


class Banned(Planted):
    def test_calls(self):
        """A banned call is found, but not its name in a comment, a string,
        another name or a member."""
        self.plant("engine/base/b.c",
                   '/* strcpy(a) */\nint\nf(void)\n{\n\tx("strcpy(");\n'
                   "\tmy_strcpy(a);\n\tc->system(a);\n\tstrcpy(a, b);\n}\n")
        self.expect(banned.check, "engine/base/b.c:8: calls strcpy")

    def test_folders(self):
        """Memory may be taken on the packet path only by what makes it."""
        body = "static int\n{}(void)\n{{\n\tp = malloc(1);\n}}\n"
        self.plant("engine/flow/b.c", body.format("flow_create") +
                   body.format("flow_packet"))
        self.plant("engine/base/b.c", body.format("anything"))
        self.expect(banned.check, "engine/flow/b.c:9: calls malloc")

    def test_sleep(self):
        """A test that sleeps is found."""
        self.plant("tests/unit/b.c", "int\nf(void)\n{\n\tusleep(1);\n}\n")
        self.expect(banned.check, "tests/unit/b.c:4: calls usleep")


class Words(Planted):
    def test_words(self):
        """Markers of unfinished work and paths of a machine are found."""
        self.plant("docs/a.md", "fine\nTODO: more\n")
        self.plant("tests/run", "cd /work/x\n")
        self.expect(words.check, "docs/a.md:2: TODO", "tests/run:1: /work/")


UNIT = """/*
 * u.c - tests.
 */
#include "tests/unit/unit.h"

%sstatic void
proves(void **unused)
{
}

int
main(void)
{
\treturn cmocka_unit_test(%s);
}
"""


class Said(Planted):
    def test_files(self):
        """Files that do not say what they are are found."""
        self.plant("engine/base/b.c", "int x;\n")
        self.plant("engine/base/c.c", "/*\n * a.c - copied.\n */\n")
        self.plant("tests/p.py", "x = 1\n")
        self.plant("tests/run", "#!/bin/bash\nset -e\n")
        self.expect(said.check, "engine/base/b.c:1: does not begin",
                    "engine/base/c.c:1: does not name the file",
                    "tests/p.py:1: docstring", "tests/run:1: comment")

    def test_unit(self):
        """A test without its sentence, or that is never run, is found."""
        self.plant("tests/unit/meson.build", "unit_tests = [\n 'u',\n 'v']\n")
        self.plant("tests/unit/u.c", UNIT % ("/* It works. */\n", "proves"))
        self.plant("tests/unit/v.c",
                   (UNIT % ("", "other")).replace("u.c", "v.c"))
        self.expect(said.check, "tests/unit/v.c:6: has no comment",
                    "tests/unit/v.c:6: is never run")

    def test_lists(self):
        """A listed test that is missing, and a file that is not listed."""
        self.plant("tests/unit/meson.build", "unit_tests = [\n  'gone',\n]\n")
        self.plant("tests/unit/u.c", UNIT % ("/* It works. */\n", "proves"))
        self.plant("dissectors/list.def", "/* List. */\nDISSECTOR(dns)\n")
        self.plant("dissectors/dns.c", "/*\n * dns.c - DNS.\n */\n")
        self.expect(said.check, "tests/unit/meson.build:2: does not exist",
                    "tests/unit/u.c:1: is not listed",
                    "dissectors/list.def:2: no golden capture")


    def test_counters(self):
        """A set of counters that the reference does not print is found."""
        self.plant("engine/apps/nightjar/reference.c",
                   "/*\n * reference.c - x.\n */\n&a_counters_desc\n")
        self.plant("engine/base/b.h",
                   "/*\n * b.h - x.\n */\nNJ_COUNTERS_DECLARE(a, A);\n"
                   "NJ_COUNTERS_DECLARE(b, B);\n")
        self.expect(said.check, "engine/base/b.h:5: counters of b")


class Compiled(Planted):
    def test_headers(self):
        """A header that needs another one first is found; sound ones are
        remembered until they change."""
        self.plant("engine/base/b.h", "/* */\nuint8_t x;\n")
        self.expect(compiled.headers, "engine/base/b.h:2: uint8_t")
        self.plant("engine/base/b.h", "#include <stdint.h>\nuint8_t x;\n")
        self.expect(compiled.headers)
        self.plant("engine/base/b.h", "uint8_t x;\n")
        self.expect(compiled.headers, "engine/base/b.h:1: uint8_t")

    @unittest.skipUnless(shutil.which("clang-format"), "no clang-format")
    def test_layout(self):
        """A line that clang-format would change is found."""
        self.plant("engine/base/b.c", "int x;\nint  y;\n")
        self.expect(compiled.layout, "engine/base/b.c:2: clang-format")

    @unittest.skipUnless(shutil.which("clang-tidy"), "no clang-tidy")
    def test_lint(self):
        """A mistake that clang-tidy knows is found, in a header too; a
        change of the header makes the file be looked at again."""
        self.plant("engine/base/b.h", "int f(int x);\n")
        self.plant("engine/base/b.c",
                   '#include "engine/base/b.h"\nint\nf(int x)\n{\n'
                   "\treturn x;\n}\n")
        self.compile_commands("engine/base/b.c")
        self.expect(compiled.lint)
        self.plant("engine/base/b.h", "int f(int y);\n")
        self.expect(compiled.lint,
                    "engine/base/b.h:1: different parameter names")

    @unittest.skipUnless(shutil.which("shellcheck"), "no shellcheck")
    def test_shell(self):
        """A bash script with an unquoted variable is found."""
        self.plant("tests/run", "#!/bin/bash\n# Runs.\necho $1\n")
        self.expect(compiled.shell, "tests/run:3: Double quote")


class Generated(Planted):
    def test_stale(self):
        """A page that differs from what the program prints is found."""
        self.plant("tests/tidy/generated.txt",
                   "docs/reference/a.md: one\ndocs/reference/b.md: two\n")
        self.plant("docs/reference/a.md", "page one\n")
        self.plant("docs/reference/b.md", "page ones\n")
        self.plant("docs/reference/c.md", "by hand\n")
        program = self.root / "program"
        program.write_text("#!/bin/sh\necho page $1\n")
        program.chmod(0o755)
        self.expect(generated.check, "docs/reference/b.md:1: is not what",
                    "docs/reference/c.md:1: printed by nobody",
                    program=program)


class Beginning(Planted):
    def test_skeleton(self):
        """What new-dissector writes obeys the rules; its line stands in
        order of name; a second call changes nothing."""
        self.plant("dissectors/list.def",
                   "/* List. */\nDISSECTOR(a)\nDISSECTOR(z)\n")
        for name in "az":
            self.plant(f"dissectors/{name}.c", f"/*\n * {name}.c - x.\n */\n")
            self.plant(f"tests/pcap/{name}/b/want.jsonl", "")
        command = [sys.executable, HERE.parent.parent / "dissectors/new.py",
                   "radius", "--root", self.root]
        self.plant("docs/layers.txt", "base:\ndissect:\ndissectors: dissect\n")
        subprocess.run(command, check=True, capture_output=True)
        for check in (layers.check, sizes.check, banned.check, said.check,
                      compiled.layout):
            self.expect(check)
        listing = (self.root / "dissectors/list.def").read_text()
        self.assertEqual(listing, "/* List. */\nDISSECTOR(a)\n"
                         "DISSECTOR(radius)\nDISSECTOR(z)\n")
        again = subprocess.run(command, capture_output=True, check=False)
        self.assertEqual(again.returncode, 1)


class Pieces(unittest.TestCase):
    def test_functions(self):
        """Functions are found with their first line, name and parameters,
        whatever stands before them."""
        text = ("struct s {\n\tint x;\n};\nNJ_MUST_USE enum nj_err\n"
                "nj_a_b(int (*cb)(void *, int), void *ctx)\n{\n\tx();\n}\n"
                "NJ_PRINTF(1, 2) static void\nlog_it(const char *f, ...)\n"
                "{\n}\n")
        found = functions(text)
        self.assertEqual([(f.name, f.first, f.last) for f in found],
                         [("nj_a_b", 4, 8), ("log_it", 9, 12)])
        self.assertEqual(parameters(found[0].signature), 2)
        self.assertEqual(parameters("f(void)"), 0)

    def test_sound_tree(self):
        """Every rule file of this folder can be read."""
        self.assertGreater(len(list(HERE.glob("*.txt"))), 3)


if __name__ == "__main__":
    unittest.main()
