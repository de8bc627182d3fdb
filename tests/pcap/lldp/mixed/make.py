"""A switch and a telephone, each told once and again when something changes,
in a VLAN and inside VXLAN; frames that are cut, or lie."""
from pk import u8, u16, u24, u32

LOGS = ['lldp']
A, B, TO = '02:00:00:00:00:01', '02:00:00:00:00:02', '01:80:c2:00:00:0e'


def t(kind, body):
    return u16(kind << 9 | len(body)) + body


def switch(name=b'core-1'):
    return (t(1, b'\4\2\0\0\0\0\1') + t(2, b'\5ge-0/0/1') + t(3, u16(120)) +
            t(4, b'uplink') + t(5, name) + t(6, b'Acme OS 1.2') +
            t(7, u16(0x14, 0x14)) + t(8, b'\5\1\x0a\0\0\xfe\2' + u32(1) + b'\0') +
            t(8, b'\x11\2' + bytes(15) + b'\1\2' + u32(1) + b'\0') +
            t(127, u24(0x80c2) + b'\1' + u16(10)) +
            t(127, u24(0x80c2) + b'\3' + u16(10) + b'\5staff') + t(0, b''))


def make(cap):
    for _ in range(3):
        cap.eth(A, TO, 0x88cc, switch())
        cap.wait(30)
    cap.eth(A, TO, 0x88cc, switch(b'core-2'))
    cap.wait(400)
    cap.eth(A, TO, 0x88cc, switch(b'core-2'))
    med = u24(0x12bb)
    phone = (t(1, b'\5\1\x0a\0\0\7') + t(2, b'\3\2\0\0\0\0\2') + t(3, u16(180)) +
             t(127, med + b'\6FW9') + t(127, med + b'\x08SN1') +
             t(127, med + b'\x09Acme') + t(127, med + b'\x0aP200') + t(0, b''))
    cap.eth(B, TO, 0x88cc, phone, vlan=7)
    inner = bytes.fromhex('0180c200000e') + bytes.fromhex('020000000009') + u16(0x88cc) + switch(b'leaf')
    cap.udp('10.0.0.1', 5000, '10.0.0.2', 4789, b'\x08\0\0\0\0\0\5\0' + inner)
    cap.eth(B, TO, 0x88cc, t(3, u16(120)) + bytes(20))
    cap.eth(B, TO, 0x88cc, switch()[:9])
    cap.eth(B, TO, 0x88cc, t(1, b'') + t(2, b'') + t(7, b'\1') + t(8, b'\xff') + t(127, b'\0') + t(0, b''))
