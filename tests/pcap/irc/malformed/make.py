"""Lines that are too long, empty or without a command; an offer without an
address; a gap, after which the next line counts; no line end at the end; on
IRC's port something else."""

LOGS = ['irc', 'weird', 'conn']
THIRD_ADDRESS = True


def make(cap):
    c = cap.tcp('10.0.0.1', 40000, '10.0.0.2', 6667)
    c.open()
    c.c(b'NICK ann\r\nUSER ann\r\n')
    c.c(b'\r\n:prefix\r\n   \r\n')
    c.c(b'PRIVMSG #a :' + b'x' * 600 + b'\r\n')
    c.c(b'PRIVMSG #a :' + b'x' * 9000 + b'\r\n', seg=1000)
    c.c(b'PRIVMSG bob :\x01DCC SEND file here there\x01\r\n')
    c.c(b'JOIN :\r\nJOIN ,\r\nJOIN\r\n')
    c.skip('c', 50)
    c.c(b'lost beginning\r\nJOIN #after\r\nNICK end')
    c.close()
    c = cap.tcp('10.0.0.1', 40001, '10.0.0.2', 6667)
    c.open()
    c.c(b'hello\r\nNICK x\r\n')
    c.close()
