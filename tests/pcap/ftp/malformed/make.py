"""What should not be: lines that are no commands and no replies, arguments
and names beyond the limits, many commands ahead, addresses that are none, zero
bytes, lines without an end, replies nobody asked for, lost segments."""
from webkit import *

LOGS = ['ftp', 'weird']


def one(cap, port, *steps):
    t = talk(cap, port)
    dialog(t, 'S: 220 ftp.example FTP server', *steps)
    return t


def make(cap):
    one(cap, 40001, b'\x01\x02\r\n', b'??\r\n', b' \r\n', b'\r\n',
        'C: USER', 'S: 500 who', 'C: PASS', 'S: 503 first',
        'C: FROBNICATE', 'S: 500 ?').close()
    one(cap, 40002, 'C: USER ' + 'u' * 300, 'S: 331 Ok', 'C: PASS ' + 'p' * 300,
        'S: 530 no', 'C: CWD ' + 'd' * 5000, 'S: 550 ' + 'r' * 5000,
        'C: ' + 'c' * 50, 'S: 500 no').close()
    one(cap, 40003, lines(*['NOOP %d' % i for i in range(30)]),
        *['S: 200 Ok'] * 30).close()
    one(cap, 40004, 'C: PORT 1,2,3', 'S: 200 ?', 'C: PORT 10,0,0,1,999,1',
        'S: 200 ?', 'C: PORT a,b,c,d,e,f', 'S: 200 ?', 'C: PORT', 'S: 200 ?',
        'C: EPRT |3|x|y|', 'S: 200 ?', 'C: EPRT |1|10.0.0.1|99999|', 'S: 200 ?',
        'C: EPRT', 'S: 200 ?', 'C: PASV', 'S: 227 nowhere', 'C: PASV',
        'S: 227 (1,2,3,4,5', 'C: EPSV', 'S: 229 (|||x|)', 'C: EPSV',
        'S: 229 (||||').close()
    one(cap, 40005, b'USER l\0ea\r\n', 'S: 331 Ok', b'PASS \0\r\n',
        'S: 5\x000 no').close()
    one(cap, 40006, 'S: no reply', 'S: 2', 'S: 200Ok', 'S: 226 unasked',
        'S: 226 again', 'C: NOOP', 'S: 200-never ended', 'S: 20', 'S: x',
        'C: NOOP', 'C: NOOP').close()

    t = one(cap, 40007)
    t.c(b'STOR ' + b'x' * 60000 + b'\r\nNOOP\r\n')
    t.s(lines('500 too long', '200 Ok'))
    t.c(b'RETR cut')
    t.close()

    # The middles of a command and of a reply are lost.
    t = one(cap, 40008, 'C: USER ftp', 'S: 331 Ok')
    t.skip('c', 20)
    t.c(b'st of it\r\nNOOP\r\n')
    t.skip('s', 20)
    t.s(b'st of it\r\n200 Ok\r\n')
    t.close()

    dialog(talk(cap, 40009), 'S: 220 mx.example ESMTP', 'C: EHLO a',
           'S: 250 Ok')
    t = talk(cap, 40010)
    t.c(get('/'))
    t.s(lines('500 what', '500 what'))
    t.close()
