"""A version that there is not, an operation that there is not, texts beyond the
end, an answer from the client; a gap; on its port something else."""
from pk import case, u16, u32

LOGS = ['cassandra', 'weird']
kit = case('cassandra/session')


def make(cap):
    frame, query = kit.frame, kit.query

    def conn(port):
        c = cap.tcp('10.0.0.1', port, '10.0.0.2', 9042)
        c.open()
        c.c(frame(4, 0, 7, query(b'SELECT 1')))
        return c
    c = conn(40000)
    c.s(frame(0x84, 0, 8, u32(2, 1, 9000) + b'short'))
    c.c(frame(4, 1, 10, u16(500) + b'cut') + frame(4, 2, 1, u16(9) + b'x'))
    c.s(frame(0x84, 1, 0, b'?'))
    c.c(frame(9, 0, 7))
    c.close()
    c = conn(40001)
    c.c(frame(0x84, 0, 8, u32(1)))
    c.close()
    c = conn(40002)
    c.s(frame(0x84, 0, 99))
    c.close()
    c = conn(40003)
    c.skip('s', 20)
    c.s(frame(0x84, 0, 8, u32(1)))
    c.close()
    c = cap.tcp('10.0.0.1', 40004, '10.0.0.2', 9042)
    c.open()
    c.c(b'hello')
    c.close()
