"""What becomes something else: CONNECT granted and refused, HTTP inside the
tunnel, an upgrade, the preface of HTTP/2."""
from webkit import *

LOGS = ['http', 'weird', 'conn']


def make(cap):
    t = talk(cap, 40001, 3128)
    t.c(get('b.example:80', method='CONNECT'))
    t.s(ok(status='200 Connection established', length=False))
    t.c(get('/inside'))
    t.s(ok(HTML))
    t.close()

    t = talk(cap, 40002, 3128)
    t.c(get('b.example:443', method='CONNECT'))
    t.s(ok(TEXT, status='403 Forbidden'))
    t.c(get('/instead'))
    t.s(ok(HTML))
    t.close()

    t = talk(cap, 40003)
    t.c(get('/chat', 'Connection: Upgrade', 'Upgrade: websocket'))
    t.s(lines('HTTP/1.1 101 Switching Protocols', 'Connection: Upgrade',
              'Upgrade: websocket', ''))
    t.c(b'\x81\x85\x01\x02\x03\x04' + b'abcde')
    t.s(b'\x81\x05hello')
    t.close()

    t = talk(cap, 40004)
    t.c(b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n' + bytes(9))
    t.s(bytes(9))
    t.close()
