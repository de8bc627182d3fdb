"""A lease with address and prefix, an information request, a refusal, a message
through two relays."""
import ipaddress

from pk import addr, mac_bytes, pre8, pre16, u8, u16, u24, u32

C, ALL, S = 'fe80::1', 'ff02::1:2', 'fe80::547'
MAC = mac_bytes('02:00:00:00:00:0b')


def opt(code, data):
    return u16(code) + pre16(data)


def name(text):
    return b''.join(pre8(x.encode()) for x in text.split('.')) + b'\0'


def msg(kind, xid, *opts):
    return u8(kind) + u24(xid) + b''.join(opts)


def relay(kind, hops, link, peer, *opts):
    return u8(kind, hops) + addr(link) + addr(peer) + b''.join(opts)


def make(cap):
    me = opt(1, u16(1, 1) + u32(7) + MAC)
    srv = opt(2, u16(3, 1) + mac_bytes('02:00:00:00:00:0c'))
    ask = opt(6, u16(23, 24, 59))
    ia = opt(5, addr('2001:db8::77') + u32(3600, 7200))
    pd = opt(26, u32(1800, 3600) + u8(56) + addr('2001:db8:77::'))
    lease = opt(3, u32(1, 0, 0) + ia) + opt(25, u32(1, 0, 0) + pd)
    net = opt(23, addr('2001:db8::53')) + opt(
        24, name('example.org') + name('lab.example.org'))
    cap.udp(C, 546, ALL, 547, msg(
        1, 0x1234, me, opt(3, u32(1, 0, 0)), ask,
        opt(39, b'\1' + name('Laptop.example.org')),
        opt(16, u32(311) + pre16(b'MSFT 5.0'))))
    cap.udp(S, 547, C, 546, msg(7, 0x1234, me, srv, lease, net,
                                opt(59, b'tftp://[2001:db8::1]/boot')))
    cap.udp(C, 546, ALL, 547, msg(11, 0x2000, me, ask))
    cap.udp(S, 547, C, 546, msg(7, 0x2001, me, srv, opt(
        13, u16(2) + b'no addresses left')))
    inner = relay(12, 0, '2001:db8:1::1', C, opt(79, u16(1) + MAC), opt(
        18, b'eth3'), opt(9, msg(1, 0x3000, opt(1, u16(2) + u32(9) + b'abc'))))
    cap.udp('2001:db8:2::1', 547, 'ff05::1:3', 547,
            relay(12, 1, '2001:db8:2::1', '2001:db8:1::1', opt(9, inner)))
