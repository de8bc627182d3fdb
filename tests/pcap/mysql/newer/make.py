"""A newer server: another method of log-in, rows that end in an OK, attributes
of a query; and a session that is compressed from the log-in on."""
from mysqlkit import (COMPRESS, NEWER, answer, command, greeting, login, ok,
                      packet, string)


def make(cap):
    c = cap.tcp('10.0.0.1', 40000, '10.0.0.2', 3306)
    c.open()
    c.s(greeting(NEWER))
    c.c(login(b'root', NEWER, b'', [b'_client_name', b'libmysql',
                                    b'program_name', b'mysqldump']), seg=7)
    c.s(packet(2, b'\xfemysql_native_password\0' + b's' * 20 + b'\0'))
    c.c(packet(3, b'y' * 20))
    c.s(ok(4))
    attrs = b'\2\1\0\1' + b'\xfe\0' + string(b'n1') + b'\3\0' + string(b'n2')
    c.c(command(3, attrs + string(b'v1') + b'\1\0\0\0' + b'SELECT 1'), seg=3)
    c.s(answer([b'a', b'b'], can=NEWER), seg=2)
    c.c(command(3, b'\0\1SELECT 2'))
    c.s(answer([], can=NEWER))
    c.c(command(14))
    c.s(ok(1))
    c.close()
    c = cap.tcp('10.0.0.1', 40001, '10.0.0.2', 3306)
    c.open()
    c.s(greeting(NEWER | COMPRESS))
    c.c(login(b'zip', NEWER | COMPRESS))
    c.s(packet(2, b'\1\3') + ok(3))
    c.c(b'\x0b\0\0\0\0\0\0' + command(3, b'\0\1SELECT'))
    c.close()
