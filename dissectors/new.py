#!/usr/bin/env python3
"""new.py - begins a dissector: writes its file, its line in list.def and its
first golden case, all of which build and pass as they are.

    NAME=radius ninja -C build new-dissector
    python3 dissectors/new.py radius
"""
import argparse
import os
import pathlib
import re
import sys

DISSECTOR = '''\
/*
 * {name}.c - {title}: say here what it is and which specification it is in.
 *
 * Why we parse it: say what an analyst or a model learns from it.
 * Not done: say what is left out, and why that is right.
 */
#include "engine/dissect/dissector.h"

#define {upper}(F, tag) \\
	F(tag, 1, U8, version, NJ_INDEX | NJ_LEARN, "Protocol version")

NJ_EVENT({name}, {upper}, "One {title} message");

static enum nj_verdict
{name}_datagram(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{{
	struct nj_cur c = nj_cur(v);
	struct {name}_event ev = {{ 0 }};

	(void)dir;
	ev.version = nj_cur_u8(&c);
	if (c.bad || ev.version != 1)
		return NJ_REJECT;
	(void)nj_emit(d, &{name}_desc, &ev);
	return NJ_MORE;
}}

const struct nj_dissector nj_dissector_{name} = {{
	.name = "{name}",
	.title = "{title}",
	.ports = (const struct nj_port[]){{ {{ NJ_UDP, 9999 }}, {{ 0 }} }},
	.events = (const struct nj_event_desc *const[]){{ &{name}_desc, 0 }},
	.datagram = {name}_datagram,
}};
'''

MAKE = '''\
"""{title}: one message and its answer."""


def make(cap):
    cap.udp('10.0.0.1', 40000, '10.0.0.2', 9999, b'\\x01question')
    cap.udp('10.0.0.2', 9999, '10.0.0.1', 40000, b'\\x01answer')
'''

# The records of MAKE; times are those of tests/pcap/pk.py.
WANT = "".join(
    '{{"_path": "{name}", "ts": ' + ts + ', "uid": "C1", '
    '"id.orig_h": "10.0.0.1", "id.orig_p": 40000, "id.resp_h": "10.0.0.2", '
    '"id.resp_p": 9999, "version": 1}}\n'
    for ts in ("1700000000.0", "1700000000.001"))

NEXT = '''\
Wrote dissectors/{name}.c, a line in dissectors/list.def and
tests/pcap/{name}/basic/make.py. Now:
  1. write the fields, ports, signatures and the parser in dissectors/{name}.c
  2. write what the capture holds in tests/pcap/{name}/basic/make.py
  3. ninja -C build && ninja -C build golden      and read the want.jsonl
  4. meson test -C build --suite unit --suite tidy --suite pcap
docs/developer/new-dissector.md says more.'''


def with_line(text, name):
    """list.def with the name's line, in order of name."""
    lines = text.splitlines()
    at = len(lines)
    for i, line in enumerate(lines):
        match = re.match(r"DISSECTOR\((\w+)\)", line)
        if match and match.group(1) > name:
            at = i
            break
    lines.insert(at, f"DISSECTOR({name})")
    return "\n".join(lines) + "\n"


def layout(text):
    """The macro's backslash where clang-format puts it."""
    return re.sub(r"^(#define .*?) *\\$",
                  lambda m: m.group(1).ljust(79) + "\\", text, flags=re.M)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", nargs="?", default=os.environ.get("NAME"))
    parser.add_argument("--root", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parent.parent)
    args = parser.parse_args()
    name, root = args.name, args.root
    if not name or not re.fullmatch(r"[a-z][a-z0-9_]{1,23}", name):
        sys.exit("new-dissector: no name, or not one: give lower-case letters "
                 "and digits: NAME=radius ninja -C build new-dissector")
    source = root / "dissectors" / f"{name}.c"
    case = root / "tests/pcap" / name / "basic"
    if source.exists() or case.exists():
        sys.exit(f"new-dissector: {name} exists: edit {source}")
    words = {"name": name, "upper": name.upper(), "title": name.upper()}
    source.write_text(layout(DISSECTOR.format(**words)))
    case.mkdir(parents=True)
    (case / "make.py").write_text(MAKE.format(**words))
    (case / "want.jsonl").write_text(WANT.format(**words))
    listing = root / "dissectors/list.def"
    listing.write_text(with_line(listing.read_text(), name))
    print(NEXT.format(**words))


if __name__ == "__main__":
    main()
