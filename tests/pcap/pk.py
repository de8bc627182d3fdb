"""pk.py - writes small captures for the golden cases.

A case's make.py says in a few lines who sends what to whom; this module makes
the frames, checksums, sequence numbers and time stamps. Nothing here is random
and no clock is read, so the same make.py gives the same bytes for ever.

    def make(cap):
        cap.udp('10.0.0.1', 5000, '10.0.0.2', 53, query)
        cap.wait(0.02)
        cap.udp('10.0.0.2', 53, '10.0.0.1', 5000, answer)
        c = cap.tcp('10.0.0.1', 40000, '10.0.0.2', 80)
        c.open()
        c.c(b'GET / HTTP/1.0\\r\\n\\r\\n', seg=5)     # client, 5 bytes a segment
        c.s(b'HTTP/1.0 200 OK\\r\\n\\r\\n')           # server, cut by MSS
        c.close()
"""
import importlib.util
import ipaddress
import pathlib
import struct

NS = 10 ** 9
STEP = 1000000  # one packet a millisecond, unless a case says otherwise

ETHERNET, RAW, NULL, SLL = 1, 101, 0, 113
ARP, IP4, IP6, VLAN = 0x0806, 0x0800, 0x86dd, 0x8100
ICMP, TCP, UDP, ICMP6 = 1, 6, 17, 58
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16


def u8(*n):
    return struct.pack('>%dB' % len(n), *n)


def u16(*n):
    return struct.pack('>%dH' % len(n), *n)


def u24(n):
    return struct.pack('>I', n)[1:]


def u32(*n):
    return struct.pack('>%dI' % len(n), *n)


def u64(*n):
    return struct.pack('>%dQ' % len(n), *n)


def pre8(b):
    """b with its length in one byte before it; pre16, pre24: in two, three."""
    return u8(len(b)) + b


def pre16(b):
    return u16(len(b)) + b


def pre24(b):
    return u24(len(b)) + b


def pre32(b):
    return u32(len(b)) + b


def unhex(text):
    return bytes.fromhex(''.join(text.split()))


def addr(a):
    return a if isinstance(a, bytes) else ipaddress.ip_address(a).packed


def mac_bytes(m):
    return m if isinstance(m, bytes) else bytes.fromhex(m.replace(':', ''))


def mac_of(ip):
    """A locally administered MAC that stands for the address."""
    a = addr(ip)
    if a == b'\xff' * 4:
        return b'\xff' * 6
    if len(a) == 4 and a[0] >> 4 == 14:
        return b'\x01\x00\x5e' + bytes([a[1] & 127]) + a[2:]
    if len(a) == 16 and a[0] == 255:
        return b'\x33\x33' + a[12:]
    return b'\x02\x00' + a[-4:]


def checksum(data):
    if len(data) & 1:
        data += b'\0'
    s = sum(struct.unpack('>%dH' % (len(data) // 2), data))
    while s >> 16:
        s = (s & 0xffff) + (s >> 16)
    return ~s & 0xffff


def pseudo(src, dst, proto, length):
    if len(src) == 4:
        return src + dst + struct.pack('>BBH', 0, proto, length)
    return src + dst + struct.pack('>IHBB', length, 0, 0, proto)


def case(name):
    """The make.py of another case, for what it defines: case('kafka/session')
    """
    spec = importlib.util.spec_from_file_location(
        name.replace('/', '_'),
        pathlib.Path(__file__).resolve().parent / name / 'make.py')
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Capture:
    """The packets of one case, in the order in which they are sent."""

    def __init__(self, link=ETHERNET):
        self.link = link
        self.now = 1700000000 * NS
        self.step = STEP
        self.records = []
        self.ip_id = 0

    # ---- time ----
    def wait(self, seconds):
        self.now += round(seconds * NS)

    def at(self, seconds):
        """The next packet's time stamp, in seconds since 1970."""
        self.now = round(seconds * NS)

    # ---- frames ----
    def frame(self, data, wire_len=None):
        """One frame as it is; wire_len above len(data): cut by snap length."""
        self.records.append((self.now, data, wire_len or len(data)))
        self.now += self.step

    def eth(self, src, dst, ether_type, payload, vlan=None):
        head = mac_bytes(dst) + mac_bytes(src)
        if vlan is not None:
            head += u16(VLAN, vlan)
        self.frame(head + u16(ether_type) + payload)

    def llc(self, src, dst, sap, payload, vlan=None, length=None, pad=46):
        """IEEE 802.3 with an LLC header (UI); padded as on the wire."""
        body = u8(sap, sap, 3) + payload
        self.eth(src, dst, len(body) if length is None else length,
                 body + b'\0' * (pad - len(body)), vlan)

    def snap(self, src, dst, oui, kind, payload, **kw):
        self.llc(src, dst, 0xaa, u24(oui) + u16(kind) + payload, **kw)

    def ip_bytes(self, src, dst, proto, payload, ttl=64, frag=0, ident=None):
        """An IP packet; frag is the v4 flags-and-offset word."""
        src, dst = addr(src), addr(dst)
        if len(src) == 16:
            return struct.pack('>IHBB', 6 << 28, len(payload), proto,
                               ttl) + src + dst + payload
        if ident is None:
            self.ip_id = (self.ip_id + 1) & 0xffff
            ident = self.ip_id
        head = struct.pack('>BBHHHBBH', 0x45, 0, 20 + len(payload), ident,
                           frag, ttl, proto, 0) + src + dst
        head = head[:10] + u16(checksum(head)) + head[12:]
        return head + payload

    def ip(self, src, dst, proto, payload, vlan=None, mac=None, **kw):
        """mac: (source, destination) where they are not those of the IPs."""
        packet = self.ip_bytes(src, dst, proto, payload, **kw)
        v6 = len(addr(src)) == 16
        if self.link == ETHERNET:
            ms, md = mac or (mac_of(src), mac_of(dst))
            self.eth(ms, md, IP6 if v6 else IP4, packet, vlan)
        elif self.link == RAW:
            self.frame(packet)
        elif self.link == NULL:
            self.frame(struct.pack('<I', 30 if v6 else 2) + packet)
        elif self.link == SLL:
            self.frame(u16(0, 1, 6) + mac_of(src) + b'\0\0' +
                       u16(IP6 if v6 else IP4) + packet)
        else:
            raise ValueError('link type %d has no writer' % self.link)

    def udp_bytes(self, src, sport, dst, dport, payload):
        a, b = addr(src), addr(dst)
        n = 8 + len(payload)
        head = struct.pack('>HHH', sport, dport, n)
        s = checksum(pseudo(a, b, UDP, n) + head + b'\0\0' + payload)
        return head + u16(s or 0xffff) + payload

    def udp(self, src, sport, dst, dport, payload, **kw):
        self.ip(src, dst, UDP, self.udp_bytes(src, sport, dst, dport,
                                              payload), **kw)

    def icmp(self, src, dst, kind, code, body=b'', **kw):
        """body: all that follows the checksum (id and sequence included)."""
        a, b = addr(src), addr(dst)
        proto = ICMP if len(a) == 4 else ICMP6
        seed = b'' if proto == ICMP else pseudo(a, b, proto, 4 + len(body))
        s = checksum(seed + u8(kind, code, 0, 0) + body)
        self.ip(src, dst, proto, u8(kind, code) + u16(s) + body, **kw)

    def arp(self, op, sha, spa, tha, tpa, dst=None, vlan=None):
        body = u16(1, IP4) + u8(6, 4) + u16(op)
        body += mac_bytes(sha) + addr(spa) + mac_bytes(tha) + addr(tpa)
        self.eth(sha, dst or (b'\xff' * 6 if op == 1 else tha), ARP, body,
                 vlan)

    def tcp(self, client, cport, server, sport, **kw):
        return Tcp(self, client, cport, server, sport, **kw)

    # ---- the file ----
    def bytes(self):
        out = struct.pack('<IHHiIII', 0xa1b23c4d, 2, 4, 0, 0, 262144,
                          self.link)
        for t, data, wire in self.records:
            out += struct.pack('<IIII', t // NS, t % NS, len(data), wire)
            out += data
        return out


class Tcp:
    """A TCP conversation; side 'c' is the client, 's' the server."""

    def __init__(self, cap, client, cport, server, sport, mss=1460, **kw):
        self.cap, self.mss, self.kw = cap, mss, kw
        self.end = {'c': (client, cport), 's': (server, sport)}
        self.start = {'c': 1000, 's': 5000}
        self.seq = dict(self.start)

    def segment(self, side, flags, payload=b'', seq=None, ack=None,
                window=65535, options=b''):
        """One segment, no state changed. seq, ack: absolute numbers."""
        other = 's' if side == 'c' else 'c'
        (src, sp), (dst, dp) = self.end[side], self.end[other]
        seq = self.seq[side] if seq is None else seq
        ack = self.seq[other] if ack is None else ack
        if not flags & ACK:
            ack = 0
        options += b'\0' * (-len(options) % 4)
        head = struct.pack('>HHIIBBHHH', sp, dp, seq & 0xffffffff,
                           ack & 0xffffffff, (20 + len(options)) // 4 << 4,
                           flags, window, 0, 0) + options
        a, b = addr(src), addr(dst)
        s = checksum(pseudo(a, b, TCP, len(head) + len(payload)) + head +
                     payload)
        head = head[:16] + u16(s) + head[18:]
        self.cap.ip(src, dst, TCP, head + payload, **self.kw)

    def open(self):
        self.segment('c', SYN, options=b'\x02\x04' + u16(self.mss))
        self.seq['c'] += 1
        self.segment('s', SYN | ACK, options=b'\x02\x04' + u16(self.mss))
        self.seq['s'] += 1
        self.segment('c', ACK)

    def send(self, side, data, seg=None, ack=True):
        """data in segments of seg bytes (a number, or a list of numbers whose
        last repeats); each is acknowledged unless ack is false."""
        sizes = list(seg) if isinstance(seg, (list, tuple)) else [
            seg or self.mss]
        while data:
            n = sizes.pop(0) if len(sizes) > 1 else sizes[0]
            part, data = data[:n], data[n:]
            self.segment(side, ACK | PSH, part)
            self.seq[side] += len(part)
            if ack:
                self.segment('s' if side == 'c' else 'c', ACK)

    def c(self, data, seg=None, ack=True):
        self.send('c', data, seg, ack)

    def s(self, data, seg=None, ack=True):
        self.send('s', data, seg, ack)

    def part(self, side, data, at):
        """A segment whose first byte is byte `at` of the side's stream: for
        reordering, repeats and overlaps. skip() moves on afterwards."""
        self.segment(side, ACK | PSH, data, seq=self.start[side] + 1 + at)

    def skip(self, side, n):
        """n bytes of side are sent but not captured (a gap), or were sent
        with part()."""
        self.seq[side] += n

    def fin(self, side):
        self.segment(side, FIN | ACK)
        self.seq[side] += 1

    def rst(self, side):
        self.segment(side, RST | ACK)

    def close(self):
        self.fin('c')
        self.fin('s')
        self.segment('c', ACK)
