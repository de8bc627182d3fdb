"""Settings cut at every layer, blocks whose lengths lie, certificates that
run out, a TPKT that cannot be, requests that are another protocol's, two
requests."""
from rdpkit import *

LOGS = ['rdp', 'weird']
C, S = '10.0.0.1', '10.0.0.2'


def run(cap, port, *parts):
    t = cap.tcp(C, port, S, 3389)
    t.open()
    for i, p in enumerate(parts):
        if p:
            t.send('cs'[i % 2], p)
    t.close()


def make(cap):
    first = ask(b'ann', 0)
    whole = client(core('PC-7'), net(b'rdpdr', b'rdpsnd'))
    for n in (9, 12, 20, 60, 90, 110, 180, 300, 320, len(whole) - 5):
        run(cap, 40000 + n, first, answer(2, 0), tpkt(whole[4:n]))
    run(cap, 41000, first, answer(2, 0), client(
        core('PC-7'), b'\3\xc0\xff\xff\xff\xff\xff\xff', core('late')))
    run(cap, 41001, first, answer(2, 0), client(core('PC-7'), b'\3\xc0\1\0'))
    run(cap, 41002, first, answer(2, 0), client(core('PC-7')),
        server(security(2, 3, x509(b'cert')[:-2] + b'\xff')))
    run(cap, 41003, first, answer(2, 0), b'\3\0\0\2garbage')
    run(cap, 41004, b'\3\0\0\x16\x11\xe0\0\0\0\1\0\xc0\1\x0a\xc1\2\1\0\xc2\2\1\2')
    run(cap, 41005, first, None, first)
    run(cap, 41006, tpkt(b'\x20\xe0\0\0\0\0\0Cookie: mstshash=endless'))
