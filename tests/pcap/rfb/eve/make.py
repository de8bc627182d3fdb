"""EVE's events: one that is let in, one that is not."""
from pk import u8, u32
from rfbkit import begin, end, vnc

LOGS = ['rfb', 'anomaly']
ARGS = ['--format', 'eve']


def make(cap):
    c = begin(cap, 40000, 8)
    vnc(c, 8)
    end(c)
    c = begin(cap, 40001, 8)
    vnc(c, 8, False)
    c.s(u32(5) + b'wrong')
    c.close()
    # A log-in that Suricata does not read on.
    c = begin(cap, 40002, 8)
    c.s(u8(1, 30))
    c.c(u8(30))
    c.close()
