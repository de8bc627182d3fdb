"""EVE's events: requests with their responses, one that is not answered, an
answer to something else; an identity, a session, a service and its status."""
import struct

LOGS = ['enip']
ARGS = ['--format', 'eve']
C, S = '10.0.0.1', '10.0.0.2'


def e(cmd, data=b'', context=b'context1', status=0):
    return struct.pack('<HHII8sI', cmd, len(data), 7, status, context, 0) + data


def rr(cip, context):
    return e(0x6f, bytes(6) + struct.pack('<HHHHH', 2, 0, 0, 0xb2, len(cip)) + cip, context)


def make(cap):
    identity = (b'\1\0\0\2\xaf\x12\x0a\0\0\2' + bytes(8) +
                struct.pack('<HHHBBHI', 1, 14, 58, 4, 3, 0x30, 0x12345678) + b'\x05PLC-1\3')
    t = cap.tcp(C, 40000, S, 44818)
    t.open()
    t.c(e(0x65, b'\1\0\0\0'), seg=[5, 20])
    t.s(e(0x65, b'\1\0\0\0'))
    t.c(e(0x63))
    t.s(e(0x63, struct.pack('<HHH', 1, 12, len(identity)) + identity))
    t.c(rr(b'\x10\2\x20\1\x24\1\0', b'a'))
    t.s(rr(b'\x90\0\x0f\0', b'a'))
    t.c(rr(b'\x0e\2\x20\x04\x24\1', b'b'))
    t.c(rr(b'\x0e\2\x20\x04\x24\2', b'c'))
    t.s(rr(b'\x8e\0\0\0', b'd'))
    t.s(e(0x6f, b'', b'x', 0x64))
    t.c(rr(b'\x0e\x50\x20', b'e') + e(0x66))
    t.close()
