"""Names that are none, datagrams cut everywhere, mailslots that lie."""
import struct

from smbkit import datagram, netbios, slot

LOGS = ['nbdgm', 'weird']
IP = b'\x0a\0\0\1'


def make(cap):
    good = datagram(0x11, IP, netbios('ANN'), netbios('BOB'),
                    slot('\\MAILSLOT\\BROWSE', b'\1' + b'\0' * 40))
    bad = slot('\\MAILSLOT\\BROWSE', b'\1' + b'\0' * 40)
    for i, data in enumerate((
            good, good[:14], good[:40], good[:90], good[:120], good[:-30],
            b'\x17' + good[1:], b'\x11\xf2' + good[2:],
            good[:20] + b'zz' + good[22:],
            datagram(0x11, IP, netbios('ANN'), b' ' * 34, b''),
            datagram(0x10, IP, netbios('ANN'), netbios('BOB'),
                     bad[:32] + b'\xff' + bad[33:]),
            datagram(0x10, IP, netbios('ANN'), netbios('BOB'),
                     bad[:55] + struct.pack('<HH', 9999, 9999) + bad[59:]),
            datagram(0x10, IP, b'\x20' + b'A' * 32 + b'\xff\xff',
                     netbios('BOB')))):
        cap.udp('10.0.0.1', 2000 + i, '10.0.0.255', 138, data)
