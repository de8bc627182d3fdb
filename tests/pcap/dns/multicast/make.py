"""mDNS and LLMNR: messages stand alone; several questions, known answers,
names in UTF-8, addresses in the additional section."""
import ipaddress

from dnskit import *

C, G, L = '10.0.0.1', '224.0.0.251', '224.0.0.252'


def make(cap):
    service = name('_http._tcp.local')
    known = rr(service, PTR, name('old._http._tcp.local'), ttl=4500)
    cap.udp(C, 5353, G, 5353, message(
        0, 0, [question(service, PTR, 0x8001),
               question('printer.local', AAAA)], [known]))
    own = name('Drucker Küche._http._tcp.local')
    cap.udp(C, 5353, G, 5353, message(
        0, QR | AA, [], [rr(service, PTR, own, ttl=4500)], extra=[
            rr(own, SRV, u16(0, 0, 80) + name('printer.local'), rclass=0x8001),
            rr(own, TXT, pre8(b'path=/'), rclass=0x8001),
            rr('printer.local', A, ipaddress.ip_address(C).packed,
               rclass=0x8001)]))
    cap.udp(C, 6000, L, 5355, query(77, 'Wpad', A, flags=0))
    cap.udp('10.0.0.2', 5355, C, 6000, message(
        77, QR, [question('wpad', A)],
        [rr('wpad', A, bytes([10, 0, 0, 2]), ttl=30)]))
