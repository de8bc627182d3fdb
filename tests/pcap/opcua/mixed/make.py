"""Hello, an open channel without security, reads, writes, a call, publishing
told once; an encrypted channel, an error; a size that lies; cut anywhere."""
import struct

LOGS = ['opcua_binary', 'weird', 'conn']
C, S = '10.0.0.1', '10.0.0.2'
NONE = b'http://opcfoundation.org/UA/SecurityPolicy#None'


def s(b):
    return b'\xff\xff\xff\xff' if b is None else struct.pack('<I', len(b)) + b


def m(kind, body):
    return kind + struct.pack('<I', 8 + len(body)) + body


def msg(n, service, kind=b'MSGF'):
    return m(kind, struct.pack('<IIIIBBH', 9, 1, n, n, 1, 0, service) + bytes(40))


def make(cap):
    t = cap.tcp(C, 40000, S, 4840)
    t.open()
    t.c(m(b'HELF', struct.pack('<IIIII', 0, 65536, 65536, 0, 0) + s(b'opc.tcp://plc:4840')), seg=[1, 9])
    t.s(m(b'ACKF', struct.pack('<IIIII', 0, 65536, 65536, 0, 0)))
    t.c(m(b'OPNF', struct.pack('<I', 0) + s(NONE) + s(None) * 2 + struct.pack('<IIBBH', 1, 1, 1, 0, 446) + bytes(50)), seg=30)
    t.s(m(b'OPNF', struct.pack('<I', 9) + s(NONE) + s(None) * 2 + struct.pack('<IIBBH', 1, 1, 1, 0, 449) + bytes(50)))
    t.c(msg(2, 461) + msg(3, 631) + msg(4, 673) + msg(5, 712), seg=50)
    t.s(msg(2, 464) + msg(3, 634) + msg(4, 397))
    t.c(msg(6, 826) + msg(7, 826) + msg(8, 60000))
    t.c(msg(9, 452, b'CLOF'))
    t.s(m(b'ERRF', struct.pack('<I', 0x80820000) + s(b'bye')))
    t.c(b'MSGF\x04\0\0\0')
    t.close()
    t = cap.tcp(C, 40001, S, 14840)
    t.open()
    t.c(m(b'HELF', struct.pack('<IIIII', 0, 65536, 65536, 0, 0) + s(b'opc.tcp://x')))
    t.c(m(b'OPNF', struct.pack('<I', 0) + s(b'http://opcfoundation.org/UA/SecurityPolicy#Basic256Sha256') + s(b'c' * 900) + s(b't' * 20) + bytes(200)))
    t.c(msg(2, 673))
    t.close()
    t = cap.tcp(C, 40002, S, 4840)
    t.open()
    t.c(m(b'HELF', struct.pack('<IIIII', 0, 1, 1, 0, 0) + struct.pack('<I', 5000) + b'x'))
    t.close()
