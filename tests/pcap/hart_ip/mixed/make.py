"""A session, commands read and written, a reset, an answer; keep-alives, a
length that lies; UDP and TCP."""
import struct

LOGS = ['hart_ip', 'weird', 'conn']
C, S = '10.0.0.1', '10.0.0.2'


def h(kind, ident, body=b'', seq=1, length=None):
    return struct.pack('>BBBBHH', 1, kind, ident, 0, seq,
                       8 + len(body) if length is None else length) + body


def pdu(cmd, data=b'', back=False):
    return (b'\x86' if back else b'\x82') + bytes(5) + bytes([cmd, len(data)]) + data + b'\0'


def make(cap):
    def ask(b):
        cap.udp(C, 40000, S, 5094, b)
    ask(h(0, 0, b'\1\0\0\x75\x30'))
    cap.udp(S, 5094, C, 40000, h(1, 0, b'\1\0\0\x75\x30'))
    ask(h(0, 3, pdu(0), 2) + h(0, 3, b'\2\x80' + b'\3\0\0', 3))
    cap.udp(S, 5094, C, 40000, h(1, 3, pdu(0, b'\0\0abc', True), 2))
    ask(h(0, 3, pdu(18, bytes(21)), 4))
    ask(h(0, 3, pdu(42), 5))
    ask(h(0, 2, b'', 6))
    ask(h(0, 3, b'\x82\0', 7))
    ask(h(0, 3, b'', 8, 99))
    ask(h(0, 1, b'', 9))
    t = cap.tcp(C, 40001, S, 5094)
    t.open()
    t.c(h(0, 0, b'\1\0\0\x75\x30') + h(0, 3, pdu(6, b'\5'), 2), seg=[1, 4])
    t.c(b'\x09' * 12)
    t.close()
    cap.udp(C, 40002, S, 5094, h(0, 77))
