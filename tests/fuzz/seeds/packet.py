#!/usr/bin/env python3
"""Writes the seed inputs of the packet harness to ../corpus/packet: frames of
each link type and tunnel, fragments, and headers with options."""
import pathlib
import struct

OUT = pathlib.Path(__file__).resolve().parent.parent / "corpus" / "packet"
LINKS = ("ethernet null token_ring ppp fddi ppp_hdlc ppp_ether raw c_hdlc "
         "ieee802_11 frelay loop linux_sll prism radiotap ppi ipv4 ipv6 "
         "nflog linux_sll2 mpls llc nsh").split()
MACS = bytes.fromhex("020000000002020000000001")
TCP = bytes.fromhex("04d20050000000070000000950180100000000006162636465")
WIFI = bytes.fromhex("08020000020000000002040000000000020000000001" "0000")
SNAP = bytes.fromhex("aaaa030000000800")


def ip4(proto, body, ident=1, field=0, options=b""):
    head = struct.pack(">BBHHHBBH", 0x45 + len(options) // 4, 0,
                       20 + len(options) + len(body), ident, field, 64,
                       proto, 0) + bytes([10, 0, 0, 1, 10, 0, 0, 2]) + options
    total = sum(struct.unpack(f">{len(head) // 2}H", head))
    total = (total & 0xFFFF) + (total >> 16)
    return head[:10] + struct.pack(">H", ~total & 0xFFFF) + head[12:] + body


def ip6(proto, body, prefix=b"\xfd\0\0\0"):
    a = prefix + bytes(11)
    return (struct.pack(">IHBB", 6 << 28, len(body), proto, 64)
            + a + b"\1" + a + b"\2" + body)


def udp(dport, body):
    return struct.pack(">HHHH", 40000, dport, 8 + len(body), 0) + body


def frame(link, data, cut=False):
    return (bytes([LINKS.index(link) | (0x80 if cut else 0)])
            + struct.pack(">H", len(data)) + data)


def eth(kind, body):
    return frame("ethernet", MACS + bytes.fromhex(kind) + body)


def write(name, *frames, flags=0):
    (OUT / name).write_bytes(bytes([flags]) + b"".join(frames))


def links():
    p = ip4(6, TCP)
    yield "plain", eth("0800", p) + eth("86dd", ip6(6, TCP))
    yield "tags", (eth("810000050800", p) + eth("88a80001810000020800", p)
                   + eth("8100000186dd", ip6(17, udp(53, b"x"))))
    yield "mpls", (eth("884700064040000c8140", p)
                   + eth("88470006414000000000", MACS + b"\x08\0" + p))
    yield "pppoe", eth("88641100000100" + f"{len(p) + 2:02x}" + "0021", p)
    yield "shims", (eth("89030001", MACS + b"\x08\0" + p)
                    + eth("22f3004000010002" "00000000",
                          MACS + b"\x08\0" + p)
                    + eth("88e700000007", MACS + b"\x08\0" + p)
                    + eth("8926000000000800", p)
                    + eth("894f0fc2010100000000", p))
    yield "llc", (eth(f"{len(p) + 8:04x}", SNAP + p)
                  + eth("0007", b"\x42\x42\3\0\0\0\0"))
    yield "arp", eth("0806", bytes.fromhex(
        "0001080006040001020000000001" "0a000001" "000000000000" "0a000002"))
    for link, head in (("null", "02000000"), ("loop", "00000002"),
                       ("raw", ""), ("ppp", "ff030021"), ("ppp_hdlc", "0021"),
                       ("c_hdlc", "0f000800"), ("frelay", "080103cc"),
                       ("linux_sll", "0000000100060200000000010000" "0800"),
                       ("linux_sll2", "08000000000000030001000602"
                                      "00000000010000"),
                       ("nflog", "0200000108000103" "00000000"
                                 f"{len(p) + 4:02x}000900")):
        yield link, frame(link, bytes.fromhex(head) + p)
    yield "token_ring", frame("token_ring", b"\x10\x40" + MACS + SNAP + p)
    yield "fddi", frame("fddi", b"\x50" + MACS + SNAP + p)
    yield "wifi", (frame("ieee802_11", WIFI + SNAP + p)
                   + frame("radiotap", bytes.fromhex("000008000000" "0000")
                           + WIFI + SNAP + p)
                   + frame("prism", bytes.fromhex("4400000008000000")
                           + WIFI + SNAP + p)
                   + frame("ppi", bytes.fromhex("0000080069000000")
                           + WIFI + SNAP + p))


def tunnels():
    p, q = ip4(6, TCP), ip6(6, TCP)
    e = MACS + b"\x08\0" + p
    for name, proto, body in (
            ("ipip", 4, p), ("6in4", 41, q),
            ("gre", 47, bytes.fromhex("b00008000000000000000007" "00000001")
             + p),
            ("pptp", 47, bytes.fromhex("3081880b00310017" "00000001"
                                       "00000002" "ff030021") + p),
            ("erspan2", 47, bytes.fromhex("100088be00000001" "1064006500000000")
             + e),
            ("erspan3", 47, bytes.fromhex("100022eb00000001" "20640066"
                                          "0000000000000001"
                                          "0000000000000000") + e)):
        yield name, eth("0800", ip4(proto, body))
    for name, port, head, body in (
            ("vxlan", 4789, "0800000000012300", e),
            ("geneve", 6081, "0200655800045600" "0102030405060708", e),
            ("gtp", 2152, "34ff003900000abc" "00000085" "010000c0" "01000000",
             p),
            ("teredo", 3544, "00010000" "0000000000000000" "00"
                             "0000f227bec861af", q),
            ("ayiya", 5072, "4252112900000000" + "00" * 36, q),
            ("gre_udp", 4754, "00000800", p)):
        yield name, eth("0800", ip4(17, udp(
            port, bytes.fromhex(head) + body)))
    yield "teredo_port", eth("0800", ip4(17, udp(
        999, ip6(6, TCP, b"\x20\1\0\0"))))
    deep = p
    for _ in range(6):
        deep = ip4(4, deep)
    yield "deep", eth("0800", deep)


def fragments():
    body = udp(53, bytes(range(200)))
    yield "frag4", (eth("0800", ip4(17, body[:104], 7, 0x2000))
                    + eth("0800", ip4(17, body[104:], 7, 13)))
    yield "overlap", (eth("0800", ip4(17, body[:104], 7, 0x2000))
                      + eth("0800", ip4(17, body[8:112], 7, 0x2001))
                      + eth("0800", ip4(17, body[96:], 7, 12)))
    yield "frag6", (
        eth("86dd", ip6(44, struct.pack(">BBHI", 17, 0, 1, 9) + body[:104]))
        + eth("86dd", ip6(44, struct.pack(">BBHI", 17, 0, 104, 9)
                          + body[104:])))


def headers():
    yield "options", eth("0800", ip4(6, TCP, options=b"\1\1\1\0"))
    yield "extensions", eth("86dd", ip6(0, bytes.fromhex(
        "3c00050200000100" "2b020102" "0000c910" "fd" + "00" * 14 + "aa"
        "0602000100000000" "fd" + "00" * 14 + "b1") + TCP))
    yield "jumbo", eth("86dd", ip6(0, bytes.fromhex("0600c20400000021") + TCP))
    yield "icmp", (eth("0800", ip4(1, b"\3\1\0\0\0\0\0\0" + ip4(6, TCP)))
                   + eth("86dd", ip6(58, b"\x80\0\0\0\0\1\0\2")))
    yield "sctp", eth("0800", ip4(132, bytes(20)))
    yield "cut", frame("ethernet", MACS + b"\x08\0" + ip4(6, TCP)[:-3], True)


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    for part in (links, tunnels, fragments, headers):
        for name, frames in part():
            write(name, frames)
    write("checked", *(f for _, f in links()), flags=1)


if __name__ == "__main__":
    main()
