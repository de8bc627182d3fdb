"""A server that cannot encrypt, in segments of a few bytes: a log-in that fails
and one that succeeds, batches with rows and an error, an answer of several
packets, calls by name and number with their SQL, an interruption."""
from tdskit import *


def make(cap):
    for port, good in ((40000, False), (40001, True)):
        c = cap.tcp('10.0.0.1', port, '10.0.0.2', 1434)
        c.open()
        c.c(prelogin(2), seg=5)
        c.s(prelogin(2, ANSWER), seg=5)
        c.c(login('desk', 'sa', 'app', 'shop'), seg=9)
        if not good:
            c.s(packet(ANSWER, error(18456, "Login failed for user 'sa'.") +
                       done(2)))
            c.close()
            continue
        c.s(packet(ANSWER, token(0xe3, bytes(10)) + login_ack() + done(0)))
        c.c(batch('SELECT name FROM t'), seg=7)
        c.s(packet(ANSWER, b'\x81' + bytes(3000), 0) +
            packet(ANSWER, b'\xd1' * 200 + done(0x10, 42)), seg=100)
        c.c(batch('DROP TABLE x'))
        c.s(packet(ANSWER, error(3701, 'Cannot drop') + done(2)))
        c.c(call('dbo.p_get'))
        c.s(packet(ANSWER, b'\x79\0\0\0\0' + done(0, 0, 0xfe)))
        c.c(execute_sql('SELECT 1'))
        c.s(packet(ANSWER, done(0x11, 1, 0xff) + done(0, 0, 0xfe)))
        c.c(prepare_execute('SELECT @a'))
        c.c(packet(ATTENTION, b''))
        c.s(packet(ANSWER, done(0x20)))
        c.c(batch('WAITFOR'))
        c.close()
