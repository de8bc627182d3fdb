#!/usr/bin/env python3
"""run.py - the golden cases: captures that scripts write, records we want.

A case is a folder <protocol>/<case>/ with make.py and want.jsonl. make.py has
make(cap), which sends packets into a pk.Capture, and may set

    LOGS = ['dns', 'weird']   log types compared (default: the protocol's name);
                              with --format eve: event types
    ARGS = ['--midstream']    options for `nightjar read`
    LINK = pk.RAW             link type of the capture
    THIRD_ADDRESS = True      a flow is announced that two others have between
                              them (ADR 0001): workers do not tell each other
    LIKE = 'dns/pairs'        the packets, and the link type, of that case

want.jsonl holds those records and nothing else, in order. Uids are hashes, so
they are compared by where they repeat: C1 is the first one met, and so on.

    run.py --nightjar PATH [--update] [--keep DIR] [protocol[/case]...]
"""
import argparse
import difflib
import importlib.util
import json
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
UID = re.compile(r'^[CF][0-9A-Za-z]{12,}$')
UID_FIELDS = {'uid', 'uids', 'fuid', 'parent_fuid', 'id', 'tunnel_parents',
              'conn_uids'}


def load(name):
    spec = importlib.util.spec_from_file_location(
        name.replace('/', '_'), os.path.join(HERE, name, 'make.py'))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Case:
    def __init__(self, name):
        self.name = name
        self.want = os.path.join(HERE, name, 'want.jsonl')
        module = load(name)
        packets = load(module.LIKE) if hasattr(module, 'LIKE') else module
        self.make = packets.make
        self.logs = getattr(module, 'LOGS', [name.split('/')[0]])
        self.args = tuple(getattr(module, 'ARGS', []))
        self.link = getattr(packets, 'LINK', 1)
        self.third_address = getattr(packets, 'THIRD_ADDRESS', False)
        self.file = name.replace('/', '__') + '.pcap'

    def write(self, folder):
        import pk
        cap = pk.Capture(self.link)
        self.make(cap)
        path = os.path.join(folder, self.file)
        with open(path, 'wb') as f:
            f.write(cap.bytes())
        return path

    def got(self, out):
        """The records of the case's log types, one text line each."""
        seen = {}
        lines = []
        with open(os.path.join(out, self.file + '.jsonl')) as f:
            for line in f:
                rec = json.loads(line)
                if rec.get('_path', rec.get('event_type')) in self.logs:
                    lines.append(json.dumps(plain_uids(rec, seen),
                                            ensure_ascii=False))
        return lines


def plain_uids(rec, seen):
    def plain(v):
        if isinstance(v, list):
            return [plain(x) for x in v]
        if not isinstance(v, str) or not UID.match(v):
            return v
        if v not in seen:
            seen[v] = v[0] + str(1 + sum(k[0] == v[0] for k in seen))
        return seen[v]
    return {k: plain(v) if k in UID_FIELDS or k.endswith('fuids') else v
            for k, v in rec.items()}


def find_cases(wanted):
    names = []
    for folder, _, files in os.walk(HERE):
        if 'make.py' in files:
            names.append(os.path.relpath(folder, HERE))
    for w in wanted:
        if not any(n == w or n.startswith(w + '/') for n in names):
            sys.exit('run.py: no such case: ' + w)
    return [Case(n) for n in sorted(names) if not wanted or
            any(n == w or n.startswith(w + '/') for w in wanted)]


def read_all(nightjar, cases, folder):
    """Runs `read --each`, once for all cases that want the same options."""
    for args in sorted({c.args for c in cases}):
        paths = [c.write(folder) for c in cases if c.args == args]
        r = subprocess.run([nightjar, 'read', *args, '--each', folder, *paths],
                           capture_output=True, text=True)
        if r.returncode:
            sys.exit('run.py: nightjar read ended with %d\n%s' %
                     (r.returncode, r.stderr))


def compare(case, got):
    """Lines of difference; a record is equal whatever the order of keys."""
    want = []
    if os.path.exists(case.want):
        with open(case.want) as f:
            want = f.read().splitlines()
    if [json.loads(x) for x in want] == [json.loads(x) for x in got]:
        return []
    return list(difflib.unified_diff(want, got, case.name + '/want.jsonl',
                                     'got', lineterm=''))


def main():
    ap = argparse.ArgumentParser(description='golden captures')
    ap.add_argument('--nightjar', required=True)
    ap.add_argument('--update', action='store_true')
    ap.add_argument('--keep', help='leave captures and output in this folder')
    ap.add_argument('cases', nargs='*')
    opt = ap.parse_args()
    sys.path.insert(0, HERE)
    sys.dont_write_bytecode = True
    cases = find_cases(opt.cases)
    bad = 0
    with tempfile.TemporaryDirectory() as tmp:
        folder = opt.keep or tmp
        os.makedirs(folder, exist_ok=True)
        read_all(opt.nightjar, cases, folder)
        for case in cases:
            got = case.got(folder)
            diff = compare(case, got)
            if diff and opt.update:
                with open(case.want, 'w') as f:
                    f.writelines(line + '\n' for line in got)
                print('rewritten', case.name)
            elif diff:
                bad += 1
                print('\n'.join(['FAIL ' + case.name] + diff))
            else:
                print('ok', case.name)
    print('%d cases, %d differ' % (len(cases), bad))
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
