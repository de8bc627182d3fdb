"""Documents that are none, an operation that there is not, a length that
cannot be; a gap; on MongoDB's port something else."""
from mongokit import MSG, le32, message, msg

LOGS = ['mongodb', 'weird']


def make(cap):
    c = cap.tcp('10.0.0.1', 40000, '10.0.0.2', 27017)
    c.open()
    c.c(msg(1, {'ping': 1, '$db': 'admin'}))
    c.c(message(MSG, 2, 0, le32(0) + b'\0' + le32(3) + b'xx'))
    c.c(message(MSG, 3, 0, le32(0) + b'\1' + le32(1)))
    c.c(message(MSG, 4, 0, le32(0) + b'\0' + le32(40) + b'\x02cut\0' +
                le32(1000) + b'x'))
    c.c(message(77, 5, 0, b'?'))
    c.close()
    c = cap.tcp('10.0.0.1', 40001, '10.0.0.2', 27017)
    c.open()
    c.c(msg(1, {'ping': 1, '$db': 'admin'}))
    c.s(le32(8) + bytes(12))
    c.close()
    c = cap.tcp('10.0.0.1', 40002, '10.0.0.2', 27017)
    c.open()
    c.c(msg(1, {'ping': 1, '$db': 'admin'}))
    c.skip('s', 30)
    c.s(msg(1, {'ok': 1.0}, 1))
    c.close()
    c = cap.tcp('10.0.0.1', 40003, '10.0.0.2', 27017)
    c.open()
    c.c(b'\x3a\0\0\0\1\0\0\0\0\0\0\0\xdd\x07\0\0' + b'no document' * 4)
    c.close()
