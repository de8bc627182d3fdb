"""Streams that are described, set up over UDP and inside of the connection,
with pictures between the answers, cut anywhere; log-ins; what lies."""
from pk import u16, u8
from sipkit import report, rtp

LOGS = ['rtsp', 'rtp', 'weird', 'conn']
A, B = '10.0.0.1', '10.0.0.2'
URI = 'rtsp://10.0.0.2/cam'


def req(method, n, *more):
    return '\r\n'.join(['%s %s RTSP/1.0' % (method, URI), 'CSeq: %d' % n,
                        'User-Agent: player/1'] + list(more) +
                       ['', '']).encode()


def res(code, text, n, *more, body=b''):
    lines = ['RTSP/1.0 %d %s' % (code, text), 'CSeq: %d' % n,
             'Server: cam/2'] + list(more)
    if body:
        lines.append('Content-Length: %d' % len(body))
    return '\r\n'.join(lines + ['', '']).encode() + body


def piece(channel, data):
    return b'$' + u8(channel) + u16(len(data)) + data


def talk(transport):
    yield 'c', req('OPTIONS', 1)
    yield 's', res(200, 'OK', 1, 'Public: DESCRIBE')
    yield 'c', req('DESCRIBE', 2)
    yield 's', res(401, 'Unauthorized', 2, 'WWW-Authenticate: Digest')
    yield 'c', req('DESCRIBE', 3, 'Authorization: Digest username="admin", '
                   'realm="x"')
    yield 's', res(200, 'OK', 3, 'Content-Type: application/sdp',
                   body=b'v=0\r\nm=video 0 RTP/AVP 96\r\n')
    yield 'c', req('SETUP', 4, 'Transport: ' + transport)
    yield 's', res(200, 'OK', 4, 'Session: 77;timeout=60',
                   'Transport: ' + transport)
    yield 'c', req('PLAY', 5, 'Session: 77')
    yield 's', res(200, 'OK', 5, 'Session: 77')
    if 'TCP' in transport:
        for i in range(6):
            yield 's', piece(0, rtp(i, 3000 * i, 5, 96, b'v' * 300))
        yield 's', piece(1, report(5, b'cam'))
    yield 'c', req('TEARDOWN', 6, 'Session: 77')


def make(cap):
    for n, (port, seg) in enumerate(((554, None), (5554, 1), (8554, 50))):
        t = cap.tcp(A, 5000 + n, B, port)
        t.open()
        for side, data in talk('RTP/AVP/TCP;unicast;interleaved=0-1'):
            t.send(side, data, seg=seg)
        t.close()
    t = cap.tcp(A, 5010, B, 554)
    t.open()
    for side, data in talk('RTP/AVP;unicast;client_port=50000-50001'):
        t.send(side, data)
    for i in range(3):
        cap.udp(B, 6970, A, 50000, rtp(i, 3000 * i, 6, 96))
    cap.udp(B, 6971, A, 50001, report(6))
    t.close()
    port = 20000
    whole = req('OPTIONS', 1)
    for data in [whole[:n] for n in range(3, len(whole), 17)] + [
            req('OPTIONS', 1).replace(b'RTSP/1', b'HTTP/1'),
            res(200, 'OK', 9), b'RTSP/1.0 20 OK\r\n\r\n', whole * 20,
            whole + b'junk\r\n\r\n', whole + piece(9, b'x') + piece(0, b'y'),
            req('A', 1, *['H%d: x' % i for i in range(99)]),
            req('POST', 1, 'Content-Length: 9999999') + b'z' * 3000]:
        port += 1
        t = cap.tcp(A, port, B, 554)
        t.open()
        t.c(data)
        t.close()
