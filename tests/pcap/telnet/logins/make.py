"""Log-ins that work and fail, typed by the character, behind options, with a
terminal and a name that the client sends by itself; no options; and gaps."""
from pk import u8

LOGS = ['telnet', 'conn']
A, B = '10.0.0.1', '10.0.0.2'
ASK = u8(255, 253, 24, 255, 253, 39, 255, 251, 1)
SAY = u8(255, 251, 24, 255, 250, 24, 0) + b'xterm' + u8(255, 240)
ENV = u8(255, 250, 39, 0, 0) + b'USER' + u8(1) + b'carol' + u8(255, 240)


def login(t, user, password, answer, seg=None):
    t.s(b'\r\nhost login: ')
    t.c(user + b'\r\0', seg=seg)
    t.s(user + b'\r\nPassword: ')
    t.c(password + b'\r\0', seg=seg)
    t.s(answer, seg=seg)


def make(cap):
    for n, (port, seg) in enumerate(((23, None), (23, 1), (2323, 1))):
        t = cap.tcp(A, 5000 + n, B, port)
        t.open()
        t.s(ASK, seg=seg)
        t.c(SAY, seg=seg)
        login(t, b'root', b'xc3511', b'\r\nLogin incorrect\r\n', seg)
        login(t, b'adnin\x7f\x7f\x7fmin', b'admin', b'\r\nWelcome\r\n# ', seg)
        t.c(b'cat /proc/cpuinfo\r\n')
        t.close()
    t = cap.tcp(A, 5010, B, 23)
    t.open()
    t.s(ASK)
    t.c(SAY + ENV)
    t.s(b'Password:')
    t.c(b'secret\r\n')
    t.close()
    t = cap.tcp(A, 5011, B, 23)
    t.open()
    t.s(ASK)
    t.c(ENV[:8])
    t.close()
    t = cap.tcp(A, 5012, B, 23)
    t.open()
    login(t, b'root', b'x', b'% ')
    t.close()
    t = cap.tcp(A, 5013, B, 23)
    t.open()
    t.s(ASK)
    t.skip('s', 100)
    t.s(b'login: ')
    t.c(b'bob\r\n')
    t.skip('c', 20)
    t.c(u8(255, 255, 255, 241) + b'x\r\n' + u8(255))
    t.close()
    t = cap.tcp(A, 5014, B, 23)
    t.open()
    t.c(u8(255, 250, 24, 0) + b't' * 900)
    t.s(u8(255, 99))
    t.close()
    t = cap.tcp(A, 5015, B, 23)
    t.open()
    t.s(ASK)
    for n in range(70):
        t.s(b'login: ')
        t.c(b'u%d\r\n' % n)
        t.s(b'password: ')
        t.c(b'p\r\n')
    t.close()
