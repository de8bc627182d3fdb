"""A wrong accept, frames that break each rule, a length beyond all bounds, a
gap in a message."""
from pk import case, u64, u8

LOGS = ['websocket', 'http', 'weird']
tunnel = case('websocket/tunnel')


def make(cap):
    client, frame = tunnel.client, tunnel.frame
    c = cap.tcp('10.0.0.1', 40000, '10.0.0.2', 8080)
    c.open()
    tunnel.opening(c, accepted=b'wrong')
    c.c(frame(b'unmasked'))
    c.c(client(b'?', 5) + client(b'!', 11) + client(b'x', 2, reserved=1))
    c.c(client(b'', 0))
    c.c(client(b'x' * 126, 9) + client(b'', 9, False))
    c.s(u8(0x82, 127) + u64(1 << 63))
    c.c(client(b'never seen', 7))
    c.close()
    c = cap.tcp('10.0.0.1', 40001, '10.0.0.2', 8080)
    c.open()
    tunnel.opening(c)
    c.c(client(b'GET /a HTTP/1.1\r\nHost: c.example\r\n\r\n'))
    c.skip('c', 30)
    c.c(client(b'GET /b HTTP/1.1\r\nHost: c.example\r\n\r\n'))
    c.close()
