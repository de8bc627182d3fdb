"""HTTP in a WebSocket, in pieces and behind a ping and a few bytes that are
nothing; MQTT by its subprotocol; a session that may compress, whose messages
are not read."""
import base64
import hashlib

from mqttkit import connack, connect, publish
from pk import u8, u16

LOGS = ['websocket', 'http', 'mqtt_connect', 'mqtt_publish', 'weird', 'conn']
KEY = b'dGhlIHNhbXBsZSBub25jZQ=='


def accept(key=KEY):
    text = key + b'258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
    return base64.b64encode(hashlib.sha1(text).digest())


def opening(c, more=b'', back=b'', accepted=None):
    c.c(b'GET /chat HTTP/1.1\r\nHost: a.example\r\nUser-Agent: x/1\r\n'
        b'Connection: Upgrade\r\nUpgrade: websocket\r\n'
        b'Sec-WebSocket-Key: ' + KEY + b'\r\n' + more + b'\r\n')
    c.s(b'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n'
        b'Connection: Upgrade\r\nSec-WebSocket-Accept: ' +
        (accepted or accept()) + b'\r\n' + back + b'\r\n')


def frame(data, op=2, fin=True, mask=b'', reserved=0):
    n = len(data)
    head = u8((128 if fin else 0) | reserved << 4 | op)
    bit = 128 if mask else 0
    head += u8(bit | n) if n < 126 else u8(bit | 126) + u16(n)
    return head + mask + bytes(
        b ^ mask[i % 4] if mask else b for i, b in enumerate(data))


def client(data, op=2, fin=True, **kw):
    return frame(data, op, fin, b'\x12\x34\x56\x78', **kw)


def make(cap):
    c = cap.tcp('10.0.0.1', 40000, '10.0.0.2', 8080)
    c.open()
    opening(c)
    c.s(frame(b'\xef\x83\xbf\x4e') + frame(b'', 9))
    request = b'GET /inner HTTP/1.1\r\nHost: b.example\r\n\r\n'
    c.c(client(b'', 10) + client(request[:20], 2, False) +
        client(b'', 9) + client(request[20:], 0), seg=7)
    c.s(frame(b'HTTP/1.1 200 OK\r\nContent-Length: 300\r\n\r\n' + b'x' * 300))
    c.c(client(u16(1000), 8))
    c.s(frame(u16(1000), 8))
    c.close()
    c = cap.tcp('10.0.0.1', 40001, '10.0.0.2', 8080)
    c.open()
    opening(c, b'Sec-WebSocket-Protocol: mqtt, mqttv3.1\r\n',
            b'Sec-WebSocket-Protocol: mqtt\r\n')
    c.c(client(connect(4, b'browser')), seg=3)
    c.s(frame(connack(4, 0)), seg=1)
    c.s(frame(publish(4, b'a', b'hi')))
    c.close()
    c = cap.tcp('10.0.0.1', 40002, '10.0.0.2', 8080)
    c.open()
    opening(c, b'Sec-WebSocket-Extensions: permessage-deflate; '
            b'client_max_window_bits, x-other\r\n',
            b'Sec-WebSocket-Extensions: permessage-deflate\r\n')
    c.c(client(b'GET /no HTTP/1.1\r\n\r\n', 1, reserved=4))
    c.close()
