"""A request that there is not, lists and texts beyond the end, a length that
cannot be; a gap in a broker's answers; on Kafka's port something else."""
from pk import case, pre16, u16, u32

LOGS = ['kafka', 'weird']
kit = case('kafka/session')


def make(cap):
    request, answer = kit.request, kit.answer
    c = cap.tcp('10.0.0.1', 40000, '10.0.0.2', 9092)
    c.open()
    c.c(request(18, 0, 1, b''))
    c.s(answer(1, u16(35)) + answer(77))
    c.c(request(200, 0, 2, b''))
    c.c(request(3, 1, 3, u32(1 << 31) + pre16(b'a') + u16(500) + b'cut'))
    c.c(request(3, 9, 4, b'\xff\xff\xff\xff\xff\xff', tags=True))
    c.c(request(36, 0, 5, u32(9000)))
    c.c(u32(1 << 30) + bytes(40))
    c.close()
    c = cap.tcp('10.0.0.1', 40001, '10.0.0.2', 9092)
    c.open()
    c.c(request(18, 0, 1, b''))
    c.skip('s', 12)
    c.s(answer(2))
    c.c(request(18, 0, 3, b''))
    c.close()
    c = cap.tcp('10.0.0.1', 40002, '10.0.0.2', 9092)
    c.open()
    c.c(b'\0\0\0\x20 not a request of Kafka at all')
    c.close()
