"""Frames and methods that cannot be, texts beyond the end; 1.0 with a size below
its header and values that are none; a gap; on its port something else."""
from pk import case, u16, u32, u8

LOGS = ['amqp', 'weird']
kit = case('amqp/session')


def make(cap):
    c = kit.begin(cap, 40000)
    c.s(kit.method(0, 10, 30, bytes(8)))
    c.c(kit.method(1, 500, 10) + kit.method(1, 50, 10, u16(0) + u8(200) + b'x'))
    c.c(kit.frame(2, 1, b'short'))
    c.c(u8(77) + u16(0) + u32(1) + b'?\xce')
    c.close()
    c = cap.tcp('10.0.0.1', 40001, '10.0.0.2', 5672)
    c.open()
    c.c(b'AMQP\0\1\0\0')
    for body in (b'\0\x53\x12\xc0\xff', b'\0\0\0\0', b'\0\x53\x10\xd0' +
                 u32(0xffffffff, 9), b'\xa1\3abc', b'\0\xa1\2hi\x45'):
        c.c(u32(len(body) + 8) + u8(2, 0) + u16(0) + body)
    c.c(u32(4) + u8(2, 0) + u16(0))
    c.close()
    c = kit.begin(cap, 40002)
    c.skip('s', 10)
    c.s(kit.method(0, 10, 41, b'\0'))
    c.close()
    c = cap.tcp('10.0.0.1', 40003, '10.0.0.2', 5672)
    c.open()
    c.c(b'AMQP/is not this\r\n')
    c.close()
