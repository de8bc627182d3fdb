"""Neighbour discovery (RFC 4861): who has which MAC, what routers announce,
redirects, and options that do not add up."""
from pk import addr, mac_bytes, u8, u16, u32

ME, R, MAC = 'fe80::1', 'fe80::ff', mac_bytes('02:00:00:00:00:0a')


def option(kind, data):
    return u8(kind, (len(data) + 2) // 8) + data


def make(cap):
    target = addr('2001:db8::5')
    cap.icmp(ME, 'ff02::1:ff00:5', 135, 0, u32(0) + target + option(1, MAC))
    cap.icmp(ME, 'ff02::1', 136, 0, u32(0x20000000) + target +
             option(2, MAC))
    cap.icmp('::', 'ff02::1:ff00:5', 135, 0, u32(0) + target)
    cap.icmp(ME, 'ff02::2', 133, 0, u32(0) + option(1, MAC))
    prefix = u8(64, 0xc0) + u32(86400, 14400, 0) + addr('2001:db8:1::')
    cap.icmp(R, 'ff02::1', 134, 0, u8(64, 0) + u16(1800) + u32(0, 0) +
             option(1, MAC) + option(5, u16(0) + u32(1480)) +
             option(3, prefix) + option(25, u16(0) + u32(600) +
                                        addr('2001:db8::53') +
                                        addr('2001:db8::54')))
    cap.icmp(R, ME, 137, 0, u32(0) + addr('fe80::ee') + target +
             option(2, MAC))
    cap.icmp(R, 'ff02::1', 134, 0, u8(64, 0) + u16(0) + u32(0, 0) +
             u8(1, 0) + bytes(14))
    cap.icmp(R, 'ff02::1', 134, 0, u8(64, 0) + u16(1) + u32(0, 0) +
             u8(3, 200) + bytes(14))
    cap.icmp(ME, 'ff02::16', 143, 0, u16(0, 1) + u8(4, 0) + u16(0) +
             addr('ff02::fb'))
