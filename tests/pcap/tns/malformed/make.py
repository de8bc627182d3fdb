"""A packet shorter than its header, a type that there is not, a text that lies
outside; a gap; on its port something else."""
from pk import case, u8, u16

LOGS = ['tns', 'weird']
kit = case('tns/listener')


def make(cap):
    def begin(port, data):
        c = cap.tcp('10.0.0.1', port, '10.0.0.2', 1521)
        c.open()
        c.c(data)
        return c
    good = kit.connect(kit.TEXT)
    c = begin(40000, good)
    c.s(u16(4, 0) + u8(2, 0) + u16(0))
    c.close()
    c = begin(40001, good)
    c.s(kit.packet(99, b'what'))
    c.close()
    c = begin(40002, good[:24] + u16(9000, 60) + good[28:])
    c.s(kit.ACCEPT)
    c.close()
    c = begin(40003, good)
    c.skip('s', 4)
    c.s(kit.ACCEPT)
    c.close()
    c = begin(40004, b'GET / HTTP/1.0\r\n\r\n')
    c.close()
