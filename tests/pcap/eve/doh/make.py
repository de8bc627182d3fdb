"""EVE events: DNS over HTTP/2 (RFC 8484): question and answer, one that comes
in pieces, and bodies that are none: too short, too long, not all there."""
import dnskit as dns
from h2kit import *

ARGS = ['--format', 'eve']
LOGS = ['dns']
TYPE = ('content-type', 'application/dns-message')
ASK = dns.query(0, 'a.example', dns.A)
SAY = dns.message(0, dns.QR | dns.RD | dns.RA,
                  [dns.question('a.example', dns.A)],
                  [dns.rr(dns.ptr(12), dns.A, bytes([10, 0, 0, 9]))])


def exchange(t, stream, ask, *say):
    t.c(frame(HEADERS, END_HEADERS, stream, request('/dns', 'POST', TYPE)))
    t.c(frame(DATA, END_STREAM, stream, ask))
    t.s(frame(HEADERS, END_HEADERS, stream, reply(200, TYPE)))
    for i, piece in enumerate(say):
        t.s(frame(DATA, END_STREAM if i == len(say) - 1 else 0, stream,
                  piece))


def make(cap):
    t = talk(cap, 40000)
    exchange(t, 1, ASK, SAY)
    exchange(t, 3, ASK, SAY[:20], SAY[20:])
    exchange(t, 5, ASK[:11], SAY + bytes(5000))
    t.close()
    t = cap.tcp('10.0.0.1', 40001, '192.0.2.80', 80)
    t.open()
    t.c(b'POST /dns HTTP/1.1\r\nHost: a.example\r\nContent-Type: '
        b'application/dns-message\r\nContent-Length: %d\r\n\r\n' % len(ASK)
        + ASK)
    t.s(b'HTTP/1.1 200 OK\r\nContent-Type: application/dns-message\r\n'
        b'Content-Length: %d\r\n\r\n' % len(SAY) + SAY[:30])
    t.skip('s', len(SAY) - 30)
    t.close()
