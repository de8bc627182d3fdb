"""A root that stays, a change of topology, a new root, its announcement, trees
of their own for a VLAN and for a region; BPDUs that are cut."""
from pk import u8, u16, u32, mac_bytes

LOGS = ['stp']
A, TO, PVST = '02:00:00:00:00:01', '01:80:c2:00:00:00', '01:00:0c:cc:cc:cd'


def bpdu(version=0, kind=0, flags=0, root='02:00:00:00:00:01', age=0, cost=4):
    return (u16(0) + u8(version, kind, flags) + u16(32768) + mac_bytes(root) +
            u32(cost) + u16(32769) + mac_bytes(A) + u16(0x8001, age << 8, 20 << 8, 2 << 8, 15 << 8))


def make(cap):
    for age in range(3):
        cap.llc(A, TO, 0x42, bpdu(age=age))
        cap.wait(2)
    cap.llc(A, TO, 0x42, bpdu(flags=1))
    cap.llc(A, TO, 0x42, bpdu(version=2, kind=2, flags=0x3c, root='02:00:00:00:00:66') + b'\0')
    cap.llc(A, TO, 0x42, u16(0) + u8(0, 0x80))
    mst = bpdu(version=3, kind=2) + b'\0' + u16(64) + b'\0' + b'campus'.ljust(32, b'\0') + u16(1) + bytes(29)
    cap.llc(A, TO, 0x42, mst)
    cap.snap(A, PVST, 0x0c, 0x010b, bpdu(version=2, kind=2) + b'\0' + u16(0, 2, 30), vlan=30)
    cap.llc(A, TO, 0x42, bpdu()[:20], length=23)
    cap.llc(A, TO, 0x42, u16(0) + u8(9, 7) + bytes(40))
    cap.llc(A, TO, 0x42, b'')
    cap.llc(A, TO, 0xe0, bpdu())
