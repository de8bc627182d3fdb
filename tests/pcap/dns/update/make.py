"""Dynamic updates (RFC 2136) with their conditions, and opcodes that are not
tracked."""
from dnskit import *

LOGS = ['dns', 'weird']
C, S = '10.0.0.1', '10.0.0.53'


def make(cap):
    zone = question('example.org', SOA)
    host = 'host.example.org'
    cap.udp(C, 5000, S, 53, message(1, 0, [zone], [
        rr(host, CNAME, b'', 0, NONE), rr(host, ANY, b'', 0, NONE),
        rr(host, ANY, b'', 0, ALL), rr(host, A, b'', 0, ALL),
        rr(host, A, bytes([10, 0, 0, 9]), 0)], [
        rr(host, A, b'', 0, ALL), rr(host, ANY, b'', 0, ALL),
        rr(host, A, bytes([10, 0, 0, 8]), 0, NONE),
        rr(host, A, bytes([10, 0, 0, 7]), 1200)], opcode=5))
    cap.udp(S, 53, C, 5000, message(1, QR, [zone], opcode=5, rcode=5))
    cap.udp(C, 5001, S, 53, message(2, 0, [zone], opcode=4))
    cap.udp(S, 53, C, 5001, message(2, QR, [zone], opcode=4))
    cap.udp(C, 5002, S, 53, query(3, 'old.example', A, opcode=1))
