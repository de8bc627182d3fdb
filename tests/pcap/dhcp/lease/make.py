"""Talks of several kinds: a lease over broadcast and unicast flows, a renewal,
a refusal, a decline, an inform, one through a relay, two clients with one id."""
from dhcpkit import *
from pk import unhex

M1, M2, M3 = '02:00:00:00:00:11', '02:00:00:00:00:12', '02:00:00:00:00:13'
ANY, ALL, SRV = '0.0.0.0', '255.255.255.255', '10.0.0.1'


def make(cap):
    def client(data, src=ANY, dst=ALL, sport=68):
        cap.udp(src, sport, dst, 67, data)

    def server(data, dst, dport=68):
        cap.udp(SRV, 67, dst, dport, data)

    me = [(12, b'laptop\0'), (61, b'\x01' + mac_bytes(M1)),
          (60, b'MSFT 5.0'), (55, unhex('01 03 06 0f 1f')),
          (81, b'\0\0\0laptop.example.org')]
    give = [(54, addr(SRV)), (51, u32(3600)), (15, b'example.org\0'),
            (3, addr('10.0.0.1')), (6, addr('10.0.0.2') + addr('10.0.0.3'))]
    want = [(50, addr('10.0.0.50'))]
    client(message(1, 0x1001, M1, DISCOVER, me))
    server(message(2, 0x1001, M1, OFFER, give, yi='10.0.0.50'), '10.0.0.50')
    client(message(1, 0x1001, M1, REQUEST, me + want))
    server(message(2, 0x1001, M1, ACK, give, yi='10.0.0.50'), '10.0.0.50')
    cap.wait(40)
    # A renewal: unicast, with the name in the DNS's form.
    fqdn = [(81, unhex('04 00 00') + b'\x06laptop\x07example\0')]
    client(message(1, 0x1002, M1, REQUEST, fqdn, ci='10.0.0.50'),
           '10.0.0.50', SRV)
    server(message(2, 0x1002, M1, ACK, give, yi='10.0.0.50'), '10.0.0.50')
    # A refusal and a decline, with their reasons; both ids are the same.
    client(message(1, 0x2000, M2, REQUEST, [(50, addr('10.9.9.9'))]))
    server(message(2, 0x2000, M2, NAK, [(56, b'wrong network')]), ALL)
    client(message(1, 0x2000, M3, DECLINE, [(56, b'in use')] + want))
    client(message(1, 0x3000, M3, INFORM, [(12, b'printer')]), '10.0.0.60')
    # Through a relay, which names circuit, remote end and subscriber.
    relay = [(82, options([(1, b'eth0/1'), (2, b'switch'), (6, b'sub-7')])
              [:-1])]
    client(message(1, 0x4000, M2, DISCOVER, relay, gi='10.1.0.1'),
           '10.1.0.1', SRV, 67)
    server(message(2, 0x4000, M2, OFFER, give + relay, yi='10.1.0.9',
                   gi='10.1.0.1'), '10.1.0.1', 67)
