"""Announcements and elections of the browser service, a search for a domain
controller, a refusal, a question for a name; on another port too."""
import struct

from smbkit import datagram, netbios, slot, utf16

BROWSE = '\\MAILSLOT\\BROWSE'
NETLOGON = '\\MAILSLOT\\NET\\NETLOGON'
IP = b'\x0a\0\0\1'


def announce(code, name, comment=b''):
    return struct.pack('<BBI16sBBIBBH', code, 0, 720000, name, 10, 0, 0x1003,
                       15, 1, 0xaa55) + comment + b'\0'


def make(cap):
    def send(data, to=netbios('WORK', 0x1d), kind=0x11, port=138):
        cap.udp('10.0.0.1', port, '10.0.0.255', port,
                datagram(kind, IP, netbios('ANN', 0x20), to, data))

    send(slot(BROWSE, announce(1, b'ANN', b'under the desk')))
    send(slot(BROWSE, announce(12, b'WORK', b'ANN')), kind=0x12)
    send(slot(BROWSE, announce(15, b'ANN')))
    send(slot(BROWSE, b'\2\0ANN\0'))
    send(slot(BROWSE, b'\x08' + b'\0' * 13 + b'ANN\0'))
    send(slot(BROWSE, b'\x63'))
    send(slot(NETLOGON, struct.pack('<HH', 18, 0) +
              utf16('ANN\0ann\0') + b'\\MAILSLOT\\x\0'), kind=0x10)
    send(slot(NETLOGON, struct.pack('<H', 7) + b'ANN\0'), kind=0x10)
    send(b'no SMB at all', kind=0x10)
    send(slot(BROWSE, announce(1, b'ANN')), port=1138)
    cap.udp('10.0.0.2', 138, '10.0.0.1', 138,
            struct.pack('>BBH', 0x13, 2, 7) + IP + b'\0\x8a\x82')
    cap.udp('10.0.0.1', 138, '10.0.0.3', 138,
            struct.pack('>BBH', 0x14, 2, 8) + IP + b'\0\x8a' +
            netbios('BOB'))
