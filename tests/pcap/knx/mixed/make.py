"""Search, a tunnel over TCP cut anywhere, a group written, a device restarted,
a property written, routing; a length that lies."""
import struct

LOGS = ['knx', 'weird', 'conn']
C, S = '10.0.0.1', '10.0.0.2'


def k(service, body=b''):
    return struct.pack('>BBHH', 6, 16, service, 6 + len(body)) + body


def cemi(to, apci, data=b'', group=True, code=0x11):
    return struct.pack('>BBBBHHB', code, 0, 0xbc, 0xe0 if group else 0x60,
                       0x1105, to, 1 + len(data)) + struct.pack('>H', apci) + data


def tun(body):
    return k(0x420, b'\4\7\1\0' + body)


def make(cap):
    hpai = b'\x08\1\x0a\0\0\1\x0e\x57'
    cap.udp(C, 40000, '224.0.23.12', 3671, k(0x201, hpai))
    cap.udp(S, 3671, C, 40000, k(0x202, hpai + b'\x36\1' + bytes(52)))
    t = cap.tcp(C, 40001, S, 3671)
    t.open()
    t.c(k(0x205, hpai * 2 + b'\4\4\2\0'), seg=[2, 5, 9])
    t.s(k(0x206, b'\7\0' + hpai + b'\4\4\x11\x0a'), seg=4)
    t.c(tun(cemi(0x0a03, 0x0081)) + k(0x421, b'\4\7\0\0') + tun(cemi(0x0a03, 0)))
    t.s(tun(cemi(0x0a03, 0x0040, b'\x0c\x1a', code=0x29)))
    t.c(tun(cemi(0x1107, 0x0380, b'', False)) + tun(cemi(0x1107, 0x03d7, b'\0\x0c\x10\1\1', False)) +
        tun(b'\xfc\0\0\1\x34\x10\1') + tun(cemi(0x1107, 0x03ff, b'', False)))
    t.c(k(0x420, b'\4\7'))
    t.c(b'\6\x10\4\x20\0\2')
    t.close()
    cap.udp(C, 3671, '224.0.23.12', 3671, k(0x530, cemi(0x0901, 0x0080, b'\x0c', code=0x29)))
    cap.udp(C, 3671, '224.0.23.12', 3671, k(0x530, b'\x29\xff'))
    cap.udp(C, 40002, S, 3671, b'\6\x10\2\1\0\x20')
