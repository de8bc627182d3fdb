"""Messages cut at every place, modes and versions that are none, extension
fields that do not add up."""
from pk import u8, u16, u32, u64

LOGS = ['ntp', 'ntp_control', 'ntp_private', 'weird']
C, S = '10.0.0.1', '10.0.0.123'


def make(cap):
    good = u8(0x23, 2, 6, 236) + u32(0, 0, 0x0a000007) + u64(
        0, 0, 0, (1700000000 + 2208988800) << 32)
    sent = [good[:47], good[:8], good[:1], u8(0x20) + good[1:],
            u8(0x3b) + good[1:], u8(0x23, 200) + good[2:],
            u8(0x16, 2) + bytes(9), u8(0x17, 0, 3, 42),
            good + u16(0x0104, 3) + bytes(28),
            good + u16(0x0104, 400) + bytes(28), good + bytes(7)]
    for i, data in enumerate(sent):
        cap.udp(C, 5000 + i, S, 123, data)
        cap.udp(C, 5000 + i, S, 123, good)
