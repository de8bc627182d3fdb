"""Objects made from afar: the old activation, the new one with the class behind
another property, a class without a name; headers whose sizes lie, and one cut
at every layer."""
from pk import *
from rpckit import *

C, S = '10.0.0.1', '10.0.0.2'
ACTIVATION = '4d9f4ab8-7d1c-11cf-861e-0020af6e7c57'
SCM = '000001a0-0000-0000-c000-000000000046'
IN, CLASS, SPECIAL = ('0000%s-0000-0000-c000-000000000046' % x
                      for x in ('01a2', '01ab', '01b9'))
MMC = '49b2791a-b1ae-4c90-9b8e-e860ba07f889'
SERIAL = b'\1\x10\x08\0\xcc\xcc\xcc\xcc' + b'\0' * 8


def properties(cls, order=(SPECIAL, CLASS), size=None, count=None):
    data = {SPECIAL: SERIAL + b's' * 40, CLASS: SERIAL + guid(cls) +
            b'\0' * 40}
    n = len(order) if count is None else count
    arrays = struct.pack('<I', n) + b''.join(map(guid, order))
    arrays += struct.pack('<I', n) + b''.join(
        struct.pack('<I', len(data[k])) for k in order)
    head = 16 + 48 + len(arrays)
    header = SERIAL + struct.pack('<IIIII', 0, size or head, 0, 2, n)
    header += guid(NOBODY) + struct.pack('<III', 1, 2, 0) + arrays
    blob = struct.pack('<II', 0, 0) + header + b''.join(
        data[k] for k in order)
    ref = b'MEOW' + struct.pack('<I', 4) + guid(IN) + guid(NOBODY) + \
        struct.pack('<II', 0, len(blob)) + blob
    return b't' * 32 + struct.pack('<II', len(ref), len(ref)) + ref


def run(cap, port, iface, *calls):
    c = cap.tcp(C, port, S, 135)
    c.open()
    c.c(bind(1, (0, iface, 0)))
    c.s(bound(1, 0, name=b'135\0'))
    for i, (opnum, stub) in enumerate(calls):
        c.c(request(2 + i, 0, opnum, stub), seg=101)
        c.s(response(2 + i, 0))
    c.close()


def make(cap):
    run(cap, 40000, ACTIVATION, (0, b't' * 32 + guid(MMC) + b'\0' * 40),
        (0, b't' * 40))
    run(cap, 40001, SCM, (4, properties(MMC)), (3, properties(
        NOBODY, order=(CLASS, SPECIAL))), (4, properties(
            MMC, order=(SPECIAL,))), (5, properties(MMC)))
    whole = properties(MMC)
    run(cap, 40002, SCM, (4, properties(MMC, size=0xfffffff0)),
        (4, properties(MMC, count=900)), (4, properties(MMC, count=9)),
        *((4, whole[:n]) for n in (20, 50, 90, 110, 150, 200, 260)))
