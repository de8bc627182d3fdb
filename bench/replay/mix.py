#!/usr/bin/env python3
"""mix.py - one large capture out of many small ones.

    bench/replay/mix.py -o /tmp/mix.pcap --mb 500 CAPTURE_OR_FOLDER...

Takes every pcap and pcapng file with Ethernet frames, again and again, until
the size is reached. Each round gives the IPv4 hosts other addresses, in a way
that leaves IP, TCP and UDP checksums as right (or wrong) as they were: what
is added to one half of an address is taken from the other half, in ones'
complement. Captures of a round run one after the other on one clock, so the
flows of a round are new flows of new hosts. IPv6 hosts keep their addresses.
Needs only Python's standard library.
"""
import argparse
import os
import struct
import sys

ETHERNET = 1


def pcap_packets(data):
    magic = data[:4]
    order = '<' if magic in (b'\xd4\xc3\xb2\xa1', b'\x4d\x3c\xb2\xa1') else '>'
    nano = b'\x4d\x3c' in magic or b'\x3c\x4d' in magic
    if struct.unpack(order + 'I', data[20:24])[0] & 0xffff != ETHERNET:
        return
    at = 24
    while at + 16 <= len(data):
        sec, frac, n, wire = struct.unpack(order + 'IIII', data[at:at + 16])
        at += 16
        if at + n > len(data):
            return
        yield sec * 10 ** 9 + frac * (1 if nano else 1000), data[at:at + n], wire
        at += n


def pcapng_packets(data):
    order, links, at = '<', [], 0
    while at + 12 <= len(data):
        kind = struct.unpack(order + 'I', data[at:at + 4])[0]
        if kind == 0x0a0d0d0a:
            order = '<' if data[at + 8:at + 12] == b'\x4d\x3c\x2b\x1a' else '>'
            links = []
        n = struct.unpack(order + 'I', data[at + 4:at + 8])[0]
        body = data[at + 8:at + n - 4]
        if n < 12 or at + n > len(data):
            return
        if kind == 1:
            links.append(struct.unpack(order + 'H', body[:2])[0])
        if kind == 6 and len(body) >= 20:
            i, hi, lo, cap, wire = struct.unpack(order + 'IIIII', body[:20])
            if i < len(links) and links[i] == ETHERNET:
                yield (hi << 32 | lo) * 1000, body[20:20 + cap], wire
        at += n


def load(path):
    with open(path, 'rb') as f:
        data = f.read()
    if data[:4] == b'\x0a\x0d\x0d\x0a':
        return list(pcapng_packets(data))
    if len(data) >= 24 and data[:4] in (
            b'\xd4\xc3\xb2\xa1', b'\xa1\xb2\xc3\xd4',
            b'\x4d\x3c\xb2\xa1', b'\xa1\xb2\x3c\x4d'):
        return list(pcap_packets(data))
    return []


def shifted(addr, k):
    """Another address with the same ones' complement sum."""
    hi, lo = struct.unpack('>HH', addr)
    total = hi + k
    hi = (total & 0xffff) + (total >> 16)
    total = lo + (0xffff - k)
    lo = (total & 0xffff) + (total >> 16)
    return struct.pack('>HH', hi, lo)


def rewrite(frame, k):
    at = 12
    while frame[at:at + 2] in (b'\x81\x00', b'\x88\xa8'):
        at += 4
    if k == 0 or frame[at:at + 2] != b'\x08\x00' or len(frame) < at + 22:
        return frame
    ip = at + 2
    return (frame[:ip + 12] + shifted(frame[ip + 12:ip + 16], k) +
            shifted(frame[ip + 16:ip + 20], k) + frame[ip + 20:])


def files(paths):
    for path in paths:
        if os.path.isdir(path):
            for root, _, names in sorted(os.walk(path)):
                for name in sorted(names):
                    yield os.path.join(root, name)
        else:
            yield path


def main():
    ap = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    ap.add_argument('-o', required=True, help='capture to write')
    ap.add_argument('--mb', type=int, default=500, help='size in 10^6 bytes')
    ap.add_argument('paths', nargs='+')
    a = ap.parse_args()
    captures = [c for c in map(load, files(a.paths)) if c]
    if not captures:
        sys.exit('mix.py: no Ethernet captures found')
    size, packets, rounds, clock = 24, 0, 0, 10 ** 18
    with open(a.o, 'wb') as out:
        out.write(struct.pack('<IHHiIII', 0xa1b23c4d, 2, 4, 0, 0, 262144, 1))
        while size < a.mb * 10 ** 6:
            for c in captures:
                first = c[0][0]
                last = clock
                for ts, frame, wire in c:
                    now = clock + max(0, min(ts - first, 600 * 10 ** 9))
                    last = max(last, now)
                    out.write(struct.pack('<IIII', now // 10 ** 9,
                                          now % 10 ** 9, len(frame), wire))
                    out.write(rewrite(frame, rounds * 257 % 0xffff))
                    size += 16 + len(frame)
                    packets += 1
                clock = last + 10 ** 9
                if size >= a.mb * 10 ** 6:
                    break
            rounds += 1
    print('%s: %d packets, %d bytes, mean %d bytes, %d rounds' % (
        a.o, packets, size, size // packets, rounds))


if __name__ == '__main__':
    main()
