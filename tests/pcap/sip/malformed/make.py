"""Messages cut at every place, lengths that lie, headers without names, and
what only looks like SIP."""
from sipkit import message, request, response, sdp

LOGS = ['sip', 'rtp', 'weird']
A, B = '10.0.0.1', '10.0.0.2'


def make(cap):
    whole = request('INVITE', 1, ['Content-Type: application/sdp'],
                    sdp(A, 4000))
    port = 20000
    for n in range(0, len(whole), 23):
        port += 1
        cap.udp(A, port, B, 5060, whole[:n])
    for data in (request('INVITE', 1, ['no colon', ' folded', ': empty']),
                 message('FROBNICATE sip:x SIP/2.0'),
                 message('SIP/2.0 999 '), message('SIP/2.0 20x OK'),
                 message('INVITE  SIP/2.0'), message('invite sip:x SIP/2.0'),
                 b'INVITE sip:x SIP/2.0\r\n', b'INVITE sip:x SIP/2.0',
                 b'SIP/2.0 200 OK\n\n', b'OPTIONS sip:x HTTP/1.1\r\n\r\n',
                 request('ACK', 1, ['Content-Length: x'], length=99999),
                 request('INVITE', 1, ['Content-Type: application/sdp'],
                         b'm=audio 1 RTP/AVP\nc=\nm=\nc=IN IP4\nm=audio x y'
                         b'\nc=IN IP4 999.1.1.1\nm=audio 70000 RTP/AVP 0\n' *
                         9)):
        port += 1
        cap.udp(A, port, B, 5060, data)
    for data in (whole[:100], b'SIP/2.0 200 OK\r\n' + b'x' * 60000,
                 request('ACK', 1, length=1 << 40) + b'y' * 100,
                 whole + b'garbage\r\n' + whole):
        port += 1
        t = cap.tcp(A, port, B, 5060)
        t.open()
        t.c(data)
        t.close()
    port += 1
    t = cap.tcp(A, port, B, 5060)
    t.open()
    t.c(whole[:50])
    t.skip('c', 20)
    t.c(whole[70:])
    t.close()
    for i in range(200):
        cap.udp(A, 30000, B, 5060, request('REGISTER', i))
    cap.udp(B, 5060, A, 30000, response(100, 'Trying', 'REGISTER'))
