"""Turned away before the greeting; a command that there is not; a log-in cut
short; a gap; and on MySQL's port something else."""
from mysqlkit import (PLAIN, command, error, greeting, le16, le32, login, ok,
                      packet)

LOGS = ['mysql', 'weird', 'conn']


def make(cap):
    c = cap.tcp('10.0.0.1', 40000, '10.0.0.2', 3307)
    c.open()
    c.s(packet(0, b'\xff' + le16(1130) +
               b"Host '10.0.0.1' is not allowed to connect"))
    c.close()
    c = cap.tcp('10.0.0.1', 40001, '10.0.0.2', 3306)
    c.open()
    c.s(greeting())
    c.c(login(b'eve'))
    c.s(error(2, 1045, b"Access denied for user 'eve'"))
    c.c(command(99, b'what'))
    c.close()
    c = cap.tcp('10.0.0.1', 40002, '10.0.0.2', 3306)
    c.open()
    c.s(greeting())
    c.c(packet(1, le32(PLAIN) + bytes(28) + b'ann\0' + b'\xff' + b'x'))
    c.s(ok(2))
    c.close()
    c = cap.tcp('10.0.0.1', 40003, '10.0.0.2', 3306)
    c.open()
    c.s(greeting())
    c.c(login(b'ann'))
    c.s(ok(2))
    c.c(command(3, b'SELECT 1'))
    c.skip('s', 100)
    c.s(ok(1))
    c.c(command(3, b'SELECT 2'))
    c.close()
    c = cap.tcp('10.0.0.1', 40004, '10.0.0.2', 3306)
    c.open()
    c.s(b'SSH-2.0-x\r\n')
    c.close()
