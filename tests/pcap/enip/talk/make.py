"""A session: identity listed, attributes read and set, tags written, several
services in one packet, a wrapped request, a reset, PCCC; over UDP, cyclic
data and the identity; cut anywhere, and from the middle."""
import struct

LOGS = ['enip', 'cip', 'cip_identity', 'cip_io', 'weird']
C, S = '10.0.0.1', '10.0.0.2'


def e(cmd, data=b'', session=7, status=0):
    return struct.pack('<HHII8sI', cmd, len(data), session, status,
                       b'context1', 0) + data


def items(*parts):
    return struct.pack('<H', len(parts)) + b''.join(
        struct.pack('<HH', t, len(b)) + b for t, b in parts)


def rr(cip):
    return e(0x6f, bytes(6) + items((0, b''), (0xb2, cip)))


def unit(n, cip):
    return e(0x70, bytes(6) + items((0xa1, b'\1\2\3\4'),
                                    (0xb1, struct.pack('<H', n) + cip)))


def path(*segments):
    b = b''.join(segments)
    return bytes([len(b) // 2]) + b


def tag(name):
    return b'\x91' + bytes([len(name)]) + name + b'\0' * (len(name) & 1)


IDENTITY = (b'\1\0\0\2\xaf\x12\x0a\0\0\2' + bytes(8) +
            struct.pack('<HHHBBHI', 1, 14, 58, 4, 3, 0x30, 0x12345678) +
            b'\x05PLC-1\3')


def make(cap):
    t = cap.tcp(C, 40000, S, 44818)
    t.open()
    t.c(e(0x65, b'\1\0\0\0', 0), seg=[2, 11, 9])
    t.s(e(0x65, b'\1\0\0\0'))
    t.c(e(0x63, b'', 0))
    t.s(e(0x63, items((0x0c, IDENTITY)), 0), seg=13)
    t.c(rr(b'\x0e' + path(b'\x20\1', b'\x24\1', b'\x30\7')))
    t.s(rr(b'\x8e\0\0\0abc'))
    t.c(rr(b'\x10' + path(b'\x21\0\xf5\0', b'\x24\1', b'\x30\3') + b'\0\0'))
    t.s(rr(b'\x90\0\x0f\1\1\2'))
    t.c(unit(1, b'\x4d' + path(tag(b'Speed')) + b'\xc4\0\1\0\1\0\0\0'))
    t.s(unit(1, b'\xcd\0\0\0'))
    two = [b'\x4c' + path(tag(b'Tank1')) + b'\1\0', b'\x53' + path(b'\x20\x6b', b'\x25\0\x34\x12')]
    t.c(unit(2, b'\x0a' + path(b'\x20\2', b'\x24\1') + struct.pack(
        '<HHH', 2, 6, 6 + len(two[0])) + two[0] + two[1]))
    t.s(unit(2, b'\x8a\0\x1e\0' + struct.pack('<HHH', 2, 6, 10) + b'\xcc\0\0\0\xd3\0\5\0'))
    inner = b'\5' + path(b'\x20\1', b'\x24\1')
    t.c(rr(b'\x52' + path(b'\x20\6', b'\x24\1') + b'\x0a\x0e' +
           struct.pack('<H', len(inner)) + inner + b'\0\1\0\1\0'))
    t.c(rr(b'\x54' + path(b'\x20\6', b'\x24\1') + bytes(30)))
    t.c(rr(b'\x4b' + path(b'\x20\x67', b'\x24\1') + b'\7\1\0\1\2\3\4\x0f\0\1\0\x80\x0e'))
    t.c(rr(b'\x4b' + path(b'\x20\x67', b'\x24\1') + b'\7\1\0\1\2\3\4\x0f\0\1\0\xaa'))
    t.c(e(0x66))
    t.close()
    cap.udp(C, 40001, S, 44818, e(0x63, b'', 0))
    cap.udp(S, 44818, C, 40001, e(0x63, items((0x0c, IDENTITY)), 0))
    for i in range(3):
        cap.udp(C, 2222, S, 2222, items((0x8002, struct.pack('<II', 5, i)), (0xb1, b'\0' * 6)))
        cap.udp(S, 2222, C, 2222, items((0x8002, struct.pack('<II', 6, i)), (0xb1, b'\0' * 9)))
    t = cap.tcp(C, 40002, S, 5555)
    t.c(unit(9, b'\7' + path(b'\x20\x8e', b'\x24\1')))
