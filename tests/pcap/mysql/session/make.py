"""A session in segments of a few bytes: queries with rows, changes, a failure,
a prepared statement with a cursor, a file of the client, tables, statistics,
another user, good-bye."""
from mysqlkit import (answer, column, command, eof, error, greeting, le16,
                      le32, login, ok, packet)


def make(cap):
    c = cap.tcp('10.0.0.1', 40000, '10.0.0.2', 3307)
    c.open()
    c.s(greeting(), seg=9)
    c.c(login(b'ann', database=b'shop'), seg=11)
    c.s(ok(2), seg=3)
    c.c(command(3, b'SELECT a, b FROM t'), seg=2)
    c.s(answer([b'x', b'', b'y' * 200]), seg=5)
    c.c(command(3, b'DELETE FROM t WHERE a = 1'))
    c.s(ok(1, 3))
    c.c(command(3, b'DROP TABLE u'))
    c.s(error(1, 1051, b"Unknown table 'shop.u'"))
    c.c(command(22, b'SELECT ? + 1'))
    c.s(packet(1, b'\0' + le32(5) + le16(1) + le16(1) + b'\0' + le16(0)) +
        column(2) + eof(3) + column(4) + eof(5))
    c.c(command(23, le32(5) + b'\1' + le32(1) + b'\0\1\3\0' + le32(4)))
    c.s(packet(1, b'\1') + column(2) + eof(3, 0x42))
    c.c(command(28, le32(5) + le32(10)))
    c.s(packet(1, b'\0\0' + le32(5)) + eof(2))
    c.c(command(25, le32(5)))
    c.c(command(3, b"LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE t"))
    c.s(packet(1, b'\xfb/etc/passwd'))
    c.c(packet(2, b'root:x:0:0') + packet(3, b''))
    c.s(ok(4, 1))
    c.c(command(4, b't\0%'))
    c.s(column(1) + column(2) + eof(3))
    c.c(command(9))
    c.s(packet(1, b'Uptime: 12  Threads: 1'))
    c.c(command(17, b'bob\0\0shop\0'))
    c.s(ok(1))
    c.c(command(2, b'other'))
    c.s(ok(1))
    c.c(command(1))
    c.close()
