"""Time messages of every mode and reference, extension fields and keys, control
and private messages."""
from pk import pre8, u8, u16, u32, u64

LOGS = ['ntp', 'ntp_control', 'ntp_private']
C, S = '10.0.0.1', '10.0.0.123'
NOW = (1700000000 + 2208988800) << 32


def message(mode, version=4, stratum=2, ref=b'\x0a\0\0\x07', poll=6,
            precision=-20, times=(NOW, 0, 0, NOW), leap=0, rest=b''):
    return u8(leap << 6 | version << 3 | mode, stratum, poll & 255,
              precision & 255) + u32(0x1800, 0xc000) + ref + u64(
        *times) + rest


def make(cap):
    half = 1 << 31
    cap.udp(C, 123, S, 123, message(3, stratum=0, ref=b'INIT', leap=3,
                                    times=(0, 0, 0, NOW + half)))
    cap.udp(S, 123, C, 123, message(4, stratum=1, ref=b'GPS\0', times=(
        NOW - (5 << 32), NOW + half, NOW + half + 1, NOW + half + 2)))
    cap.udp(S, 123, C, 123, message(4, stratum=0, ref=b'RATE', poll=-1))
    for mode in (1, 2, 5):
        cap.udp(C, 123, S, 123, message(mode, version=3, poll=17))
    # NTS: unique identifier, cookie, authenticator (RFC 8915).
    exts = b''.join(u16(t, 4 + n) + bytes(n) for t, n in [
        (0x0104, 32), (0x0204, 100), (0x0404, 40)])
    cap.udp(C, 5000, S, 123, message(3, rest=exts))
    cap.udp(C, 5001, S, 123, message(3, rest=u32(77) + bytes(16)))
    cap.udp(C, 5004, S, 123, message(3, version=3, rest=u32(0x58040000) +
                                     bytes(68)))
    cap.udp(C, 5002, S, 123, u8(0x16, 2) + u16(1, 0, 0, 0, 0))
    cap.udp(S, 123, C, 5002, u8(0x16, 0x82) + u16(
        1, 0x0615, 0, 0, 26) + b'version="ntpd 4.2.8p15@1.3"')
    cap.udp(C, 5003, S, 123, u8(0x17, 0, 3, 42) + bytes(184))
    cap.udp(S, 123, C, 5003, u8(0xd7, 1, 3, 42) + u16(6, 72) + bytes(432))
    # Far from its port only what makes sense as one.
    cap.udp(C, 6000, S, 9123, message(3))
    cap.udp(C, 6001, S, 9123, message(3, poll=40))
    cap.udp(C, 6002, S, 9123, message(3, times=(0, 0, 0, 7)))
