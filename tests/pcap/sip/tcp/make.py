"""SIP over TCP, cut anywhere, several messages in a segment, a body too long
to wait for, and a gap after which the next message is found."""
from sipkit import request, response, sdp

LOGS = ['sip', 'conn']
A, B = '10.0.0.1', '10.0.0.2'


def make(cap):
    body = sdp(A, 4000)
    talk = request('INVITE', 1, ['Content-Type: application/sdp'], body) + \
        b'\r\n\r\n' + request('MESSAGE', 2, ['Content-Type: text/plain'],
                              b'hello') + request('OPTIONS', 3)
    answers = response(100, 'Trying') + response(200, 'OK', body=body) + \
        response(202, 'Accepted', 'MESSAGE', 2) + \
        response(200, 'OK', 'OPTIONS', 3)
    for i, seg in enumerate((None, 1, 7, 300)):
        t = cap.tcp(A, 5000 + i, B, 5060 if i else 55060)
        t.open()
        t.c(talk, seg=seg)
        t.s(answers, seg=seg)
        t.close()
    t = cap.tcp(A, 5010, B, 5060)
    t.open()
    t.c(request('MESSAGE', 1, [], b'x' * 40000))
    t.s(response(200, 'OK', 'MESSAGE'))
    t.c(request('BYE', 2))
    t.s(response(200, 'OK', 'BYE', 2))
    t.close()
    t = cap.tcp(A, 5011, B, 5060)
    t.open()
    t.c(request('OPTIONS', 1))
    t.s(response(200, 'OK', 'OPTIONS'))
    t.skip('c', 500)
    t.c(b'rest of something\r\n' + request('OPTIONS', 3))
    t.s(response(200, 'OK', 'OPTIONS', 3))
    t.close()
