"""An agent that is asked, cannot say, reports in compressed data of a few bytes
a segment, is refused, and a large header; a question without an answer."""
import struct
import zlib


def message(data, flags=1, head='<II'):
    body, n = data, 0
    if flags & 2:
        body, n = zlib.compress(data), len(data)
    return b'ZBXD' + bytes([flags]) + struct.pack(head, len(body), n) + body


def make(cap):
    def ask(port, to, question, answer, seg=None):
        c = cap.tcp('10.0.0.1', port, '10.0.0.2', to)
        c.open()
        c.c(question, seg=seg)
        if answer:
            c.s(answer, seg=seg)
        c.close()
    ask(40000, 10050, message(b'system.run[id]\n'), message(b'uid=0'))
    ask(40001, 10050, message(b'no.such'),
        message(b'ZBX_NOTSUPPORTED\0Unsupported item key.'))
    ask(40002, 12345, message(
        b'{"request":"agent data","host":"web-1","data":[{"key":"a"}]}', 3),
        message(b'{"response":"success","info":"processed: 1"}', 3), 5)
    ask(40003, 10051, message(
        b'{"request": "active checks", "host": "ghost"}', 5, '<QQ'),
        message(b'{"response":"failed","info":"host [ghost] not found"}'))
    ask(40004, 10051, message(b'{"request":"proxy data","host":"p"}' +
                              b' ' * 5000, 1), b'', 700)
