"""A listener in segments of a few bytes: agrees, refuses, sends elsewhere, asks
to send again; a command; a text that comes in a packet of its own."""
from pk import u8, u16, u32


def packet(kind, body):
    return u16(len(body) + 8) + u16(0) + u8(kind, 0) + u16(0) + body


def connect(text, apart=False, version=319):
    fixed = u16(version, 300, 0, 8192, 65535, 0, 0, 256)
    fixed += u16(len(text), 58) + u32(512) + bytes(26)
    return packet(1, fixed + (b'' if apart else text))


TEXT = (b'(DESCRIPTION=(ADDRESS=(PROTOCOL=TCP)(HOST=db1)(PORT=1521))'
        b'(CONNECT_DATA=(SERVICE_NAME=shop)(CID=(PROGRAM=sqlplus)(HOST=desk)'
        b'(USER=ann))))')
AGAIN = packet(11, b'')
ACCEPT = packet(2, u16(319, 0) + bytes(20))


def refuse(code):
    text = b'(DESCRIPTION=(TMP=)(ERR=%d)(ERROR_STACK=(ERROR=(CODE=%d))))' % (
        code, code)
    return packet(4, u8(34, 0) + u16(len(text)) + text)


def make(cap):
    def begin(port, data, seg=None):
        c = cap.tcp('10.0.0.1', port, '10.0.0.2', 1522)
        c.open()
        c.c(data, seg=seg)
        return c
    c = begin(40000, connect(TEXT), 7)
    c.s(AGAIN, seg=3)
    c.c(connect(TEXT), seg=9)
    c.s(ACCEPT, seg=5)
    c.c(packet(6, bytes(200)))
    c.close()
    c = begin(40001, connect(TEXT.replace(b'SERVICE_NAME=shop', b'SID=XE')))
    c.s(refuse(12505))
    c.close()
    c = begin(40002, connect(b'(CONNECT_DATA=(COMMAND=status))'))
    c.s(packet(5, u16(30) + b'(ADDRESS=(HOST=db2)(PORT=1521))'))
    c.close()
    c = begin(40003, connect(TEXT, True) + packet(6, u16(0) + TEXT), 11)
    c.s(ACCEPT)
    c.close()
    c = begin(40004, connect(TEXT))
    c.close()
