"""A call over UDP with all its answers, said again where nothing came; a log-in
that is refused first; a scan; what is never answered; media as described."""
from sipkit import request, response, rtp, sdp, report

LOGS = ['sip', 'rtp', 'conn']
A, B, X = '10.0.0.1', '10.0.0.2', '10.0.0.9'


def make(cap):
    sdp_type = ['Content-Type: application/sdp']
    invite = request('INVITE', 1, sdp_type + ['Subject: hi', 'Date: today',
                     'Reply-To: <sip:a@b>'], sdp(A, 4000))
    cap.udp(A, 5060, B, 5060, invite)
    cap.udp(A, 5060, B, 5060, invite)
    cap.udp(B, 5060, A, 5060, response(100, 'Trying'))
    cap.udp(B, 5060, A, 5060, response(180, 'Ringing'))
    cap.udp(B, 5060, A, 5060, response(200, 'OK', more=[
        'c: application/sdp', 'Warning: 392 x "y"'],
        body=sdp(B, 6000, 'a=rtcp:6010\r\n')))
    cap.udp(A, 5060, B, 5060, request('ACK', 1))
    for i in range(6):
        cap.udp(A, 4000, B, 6000, rtp(100 + i, 160 * i))
        cap.udp(B, 6000, A, 4000, rtp(65533 + i, 160 * i, 0x55667788))
    cap.udp(A, 4001, B, 6010, report(0x11223344, b'alice@10.0.0.1'))
    cap.udp(B, 6010, A, 4001, report(0x55667788))
    cap.udp(A, 5060, B, 5060, request('BYE', 2))
    cap.udp(B, 5060, A, 5060, response(200, 'OK', 'BYE', 2))
    cap.udp(A, 5061, B, 5060, b'\r\n\r\n')
    cap.udp(A, 5061, B, 5060, request('REGISTER', 1))
    cap.udp(B, 5060, A, 5061, response(401, 'Unauthorized', 'REGISTER'))
    cap.udp(A, 5061, B, 5060, request('REGISTER', 2, [
        'Authorization: Digest username="alice", realm="x"']))
    cap.udp(B, 5060, A, 5061, response(403, '', 'REGISTER', 2))
    cap.udp(X, 6666, B, 55060, request('OPTIONS', 7, to='100'))
    cap.udp(B, 5060, A, 5062, response(200, 'OK'))
