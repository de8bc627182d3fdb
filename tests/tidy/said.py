"""said.py - every file says what it is, every test what it proves, and the
lists that meson reads agree with the files that are there."""
import ast
import re

from tree import Finding, functions

SENTENCE = "say in a sentence what it is and why"


def check(tree):
    for name in tree.names(".c", ".h", ".def"):
        yield from _c_file(tree, name)
    for name in tree.names(".py"):
        yield from _python_file(tree, name)
    for name in tree.names(".sh", "/run"):
        lines = tree.text(name).splitlines()
        if len(lines) < 2 or not lines[1].startswith("# "):
            yield Finding(name, 1, "does not begin with a comment", SENTENCE)
    for name in tree.names(".c", under="tests/unit/"):
        yield from _unit_tests(tree, name)
    yield from _lists(tree)
    yield from _counters(tree)


def _c_file(tree, name):
    text, base = tree.text(name), name.rpartition("/")[2]
    if not text.startswith("/*"):
        yield Finding(name, 1, "does not begin with a comment", SENTENCE)
    elif name.endswith((".c", ".h")) and \
            not re.match(r"/\*\n \* " + re.escape(base) + r" - \S", text):
        yield Finding(name, 1, "its first comment does not name the file",
                      f'begin with "{base} - " and what it is')


def _python_file(tree, name):
    try:
        module = ast.parse(tree.text(name))
    except SyntaxError as error:
        yield Finding(name, error.lineno or 1, "is no Python", str(error))
        return
    if not ast.get_docstring(module):
        yield Finding(name, 1, "does not begin with a docstring", SENTENCE)
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef) and \
                node.name.startswith("test_") and \
                not ast.get_docstring(node):
            yield Finding(name, node.lineno, f"{node.name} has no docstring",
                          "write the sentence that it proves")


def _unit_tests(tree, name):
    text = tree.text(name)
    lines = text.splitlines()
    run = set(re.findall(r"cmocka_unit_test\w*\(\s*(\w+)", text))
    for f in functions(text):
        is_test = re.search(r"\(void \*\*\w+\)", f.signature) and \
            "void" in f.signature.split(f.name)[0].split()
        if not is_test:
            continue
        if not lines[f.first - 2].rstrip().endswith("*/"):
            yield Finding(name, f.first, f"test {f.name} has no comment",
                          "write the sentence that it proves above it")
        if f.name not in run:
            yield Finding(name, f.first, f"test {f.name} is never run",
                          "add it to the list in main")


def _quoted(tree, name, variable):
    """The words of a list in a meson.build, with their lines."""
    text = tree.text(name)
    match = re.search(variable + r"\s*=\s*\[(.*?)\]", text, re.DOTALL)
    for word in re.finditer(r"'([^']+)'", match.group(1)) if match else ():
        at = match.start(1) + word.start()
        yield word.group(1), text.count("\n", 0, at) + 1


def _marked(tree, name, macro):
    """The names in lines MACRO(name) of a .def, with their lines."""
    for number, line in enumerate(tree.text(name).splitlines(), 1):
        match = re.match(macro + r"\((\w+)\)", line)
        if match:
            yield match.group(1), number


# List, how it is read, folder of the files, files that need no line.
LISTS = [
    ("tests/unit/meson.build", _quoted, "unit_tests", "tests/unit/", ()),
    ("tests/fuzz/meson.build", _quoted, "fuzz_harnesses", "tests/fuzz/",
     ("replay",)),
    ("dissectors/list.def", _marked, "DISSECTOR", "dissectors/", ("list",)),
    ("engine/apps/nightjar/commands.def", _marked, "COMMAND",
     "engine/apps/nightjar/", None),
]


def _lists(tree):
    there = set(tree.names())
    for name, read, word, folder, extra in LISTS:
        if name not in there:
            continue
        listed = dict(read(tree, name, word))
        for item, line in listed.items():
            if f"{folder}{item}.c" not in there:
                yield Finding(name, line, f"{item}.c does not exist",
                              "write it or remove the line")
        if extra is None:
            continue
        for path in tree.names(".c", under=folder):
            item = path.removeprefix(folder).removesuffix(".c")
            if "/" not in item and item not in listed and \
                    item not in extra:
                yield Finding(path, 1, f"is not listed in {name}",
                              "add its line, else it is never built")
    yield from _goldens(tree, there)


def _goldens(tree, there):
    for item, line in _marked(tree, "dissectors/list.def", "DISSECTOR") \
            if "dissectors/list.def" in there else ():
        if not tree.names("/want.jsonl", under=f"tests/pcap/{item}/"):
            yield Finding("dissectors/list.def", line,
                          f"{item} has no golden capture",
                          f"add tests/pcap/{item}/NAME/make.py and "
                          "want.jsonl")


def _counters(tree):
    """Every set of counters is in the reference."""
    page = "engine/apps/nightjar/reference.c"
    if page not in tree.names():
        return
    for name in tree.names(".h", under="engine/") + \
            tree.names(".h", under="dissectors/"):
        for match in re.finditer(r"^NJ_COUNTERS_DECLARE\((\w+),",
                                 tree.text(name), re.M):
            if f"&{match.group(1)}_counters_desc" not in tree.text(page):
                yield Finding(
                    name, tree.text(name).count("\n", 0, match.start()) + 1,
                    f"counters of {match.group(1)} are in no reference",
                    f"add them to counter_sets in {page}")
