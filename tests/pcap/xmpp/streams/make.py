"""Streams in the clear that log in by either way, one that upgrades, one of two
servers, cut anywhere; what is no XML."""
from tlskit import *

LOGS = ['xmpp', 'ssl', 'conn']
A, B = '10.0.0.1', '10.0.0.2'
OPEN = (b"<?xml version='1.0'?><stream:stream to='example.org' from=\"a@x\" "
        b"xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/"
        b"streams' version='1.0'>")
BACK = (b"<?xml version='1.0'?><stream:stream from='example.org' id='1' "
        b"xmlns='jabber:client'>")
OFFER = (b"<stream:features><starttls xmlns='urn:x'/><mechanisms><mechanism>"
         b"SCRAM-SHA-1</mechanism><mechanism>PLAIN</mechanism></mechanisms>"
         b"</stream:features>")


def make(cap):
    for n, seg in enumerate((None, 1, 40)):
        t = cap.tcp(A, 5000 + n, B, 5222 + n)
        t.open()
        t.c(OPEN, seg=seg)
        t.s(BACK + OFFER, seg=seg)
        t.c(b"<auth mechanism='PLAIN'>AGEAYg==</auth>", seg=seg)
        t.s((b'<success/>', b'<failure><not-authorized/></failure>',
             b'<success />')[n], seg=seg)
        t.c(OPEN)
        t.close()
        t = cap.tcp(A, 5010 + n, B, 5222)
        t.open()
        t.c(OPEN, seg=seg)
        t.s(BACK + OFFER, seg=seg)
        t.c(b"<starttls xmlns='urn:x'/>", seg=seg)
        t.s(b"<proceed xmlns='urn:x'/>", seg=seg)
        t.c(hs(CLIENT_HELLO, client_hello(sni('example.org'))), seg=seg)
        t.s(tls12_server())
        t.close()
    for n, data in enumerate((OPEN.replace(b'client', b'server'),
                              b"<stream:stream>", b"<stream:stream to='x",
                              OPEN + b'<' + b'x' * 9000, OPEN +
                              b'<a>' * 30000, OPEN + b'\0\xff<\0>')):
        t = cap.tcp(A, 5020 + n, B, 5269)
        t.open()
        t.c(data)
        t.close()
