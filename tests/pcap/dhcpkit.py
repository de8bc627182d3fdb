"""dhcpkit.py - DHCP messages for the cases that need them."""
from pk import addr, mac_bytes, pre8, u8, u16, u32

DISCOVER, OFFER, REQUEST, DECLINE, ACK, NAK, RELEASE, INFORM = range(1, 9)


def options(pairs):
    return b''.join(u8(c) + pre8(v) for c, v in pairs) + b'\xff'


def message(op, xid, mac, kind, pairs=(), ci='0.0.0.0', yi='0.0.0.0',
            gi='0.0.0.0', sname=b'', file=b''):
    return (u8(op, 1, 6, 0) + u32(xid) + u16(0, 0) + addr(ci) + addr(yi) +
            addr('0.0.0.0') + addr(gi) + mac_bytes(mac).ljust(16, b'\0') +
            sname.ljust(64, b'\0') + file.ljust(128, b'\0') +
            u32(0x63825363) + options([(53, u8(kind)), *pairs]))
