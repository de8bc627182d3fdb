"""EVE's events of a WebSocket: a frame each, its sender first."""
from pk import case

LOGS = ['websocket']
ARGS = ['--format', 'eve']
tunnel = case('websocket/tunnel')


def make(cap):
    c = cap.tcp('10.0.0.1', 40000, '10.0.0.2', 8080)
    c.open()
    tunnel.opening(c)
    c.c(tunnel.client(b'hello', 1, False) + tunnel.client(b'', 9) +
        tunnel.client(b'!', 0))
    c.s(tunnel.frame(b'', 10) + tunnel.frame(b'\0\1') + tunnel.frame(b'', 8))
    c.close()
