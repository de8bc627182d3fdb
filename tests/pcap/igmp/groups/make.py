"""Queries, reports and leaves of all versions, more records promised than
come, and messages that are none."""
from pk import addr, checksum, u16, u8

LOGS = ['igmp', 'weird', 'conn']
A, R = '10.0.0.1', '10.0.0.254'


def igmp(kind, code, group, more=b''):
    return u8(kind, code) + u16(0) + addr(group) + more


def record(kind, group, sources=(), aux=0):
    return u8(kind, aux) + u16(len(sources)) + addr(group) + \
        b''.join(map(addr, sources)) + b'x' * 4 * aux


def report(*records, count=None):
    return u8(0x22, 0) + u16(0, 0, len(records) if count is None else count) \
        + b''.join(records)


def send(cap, src, dst, data):
    if len(data) >= 4:
        data = data[:2] + u16(checksum(data)) + data[4:]
    cap.ip(src, dst, 2, data)


def make(cap):
    for to, data in (
            ('224.0.0.1', igmp(0x11, 0, '0.0.0.0')),
            ('224.0.0.1', igmp(0x11, 100, '0.0.0.0')),
            ('239.1.2.3', igmp(0x11, 10, '239.1.2.3')),
            ('224.0.0.1', igmp(0x11, 200, '0.0.0.0', u8(2, 125) + u16(0))),
            ('239.1.2.3', igmp(0x11, 10, '239.1.2.3', u8(2, 125) + u16(1) +
                               addr('192.0.2.1')))):
        send(cap, R, to, data)
    for to, data in (
            ('239.1.2.3', igmp(0x12, 0, '239.1.2.3')),
            ('239.1.2.3', igmp(0x16, 0, '239.1.2.3')),
            ('224.0.0.2', igmp(0x17, 0, '239.1.2.3')),
            ('224.0.0.22', report(record(4, '239.1.2.3'), record(
                1, '239.1.2.4', ('192.0.2.1', '192.0.2.2'), 1))),
            ('224.0.0.22', report(record(3, '239.1.2.3'), count=9)),
            ('224.0.0.22', report(*[record(4, '239.1.%d.%d' % (i, i))
                                    for i in range(99)])),
            ('224.0.0.22', u8(0x22)), ('224.0.0.22', u8(0x11, 0, 0)),
            ('224.0.0.99', u8(0x55, 0) + u16(0) + b'junk')):
        send(cap, A, to, data)
