"""The NetBIOS name service: queries, a registration, a positive answer with
addresses, and a node's status with its names and MAC."""
from dnskit import *
from pk import unhex

C, S, B = '10.0.0.1', '10.0.0.2', '10.0.0.255'


def make(cap):
    ws = netbios('FileServer', 0x20)
    cap.udp(C, 137, B, 137, message(1, RD | CD, [ws + u16(NB, IN)]))
    cap.udp(S, 137, C, 137, message(
        1, QR | AA | RD, [], [ws + u16(NB, IN) + u32(300000) + u16(12) +
                              unhex('0000 0a000002 0000 0a000003')]))
    reg = netbios('WORKGROUP', 0, 'scope.example')
    cap.udp(C, 137, B, 137, message(
        2, RD | CD, [reg + u16(NB, IN)], extra=[
            ptr(12) + u16(NB, IN) + u32(300000) + u16(6) +
            unhex('8000 0a000001')], opcode=5))
    star = name('CK' + 'A' * 30)
    cap.udp(C, 5000, S, 137, message(3, 0, [star + u16(SRV, IN)]))
    names = b''.join(n.ljust(15).encode() + s + f for n, s, f in [
        ('FILESERVER', b'\x00', b'\x04\x00'),
        ('WORKGROUP', b'\x00', b'\x84\x00'),
        ('FILESERVER', b'\x20', b'\x04\x00')])
    cap.udp(S, 137, C, 5000, message(
        3, QR | AA, [], [star + u16(SRV, IN) + u32(0) + u16(
            1 + len(names) + 46) + b'\x03' + names +
            unhex('00112233aabb') + bytes(40)]))
