"""Lines that are too long, words that there are not, answers nobody asked for,
more commands than are remembered, a hole between commands; other protocols
that greet alike."""
from webkit import *

LOGS = ['pop3', 'weird']


def make(cap):
    def case(port, *steps, server=110):
        t = talk(cap, port, server)
        dialog(t, *steps)
        t.close()

    case(40001, 'S: +OK ' + 'x' * 9000, 'C: USER ' + 'y' * 9000, 'S: +OK')
    case(40002, 'S: +OK', 'C: FOO bar', 'S: -ERR', 'C: QUIT', 'S: HUH',
         'S: +OK', 'S: +OK again', 'S: + what')
    case(40003, 'S: +OK', *['C: NOOP'] * 40, 'S: +OK')
    case(40004, 'S: +OK', b'CAPA\nUSER\n\n\nPASS\r\n', 'S: +OK', 'S: z' * 200)
    case(40005, 'S: +OK', 'C: HELO x', server=2110)
    case(40006, 'S: * OK no', 'C: CAPA')
    case(40007, 'S: +OK', b'\0\1\2\xff\n' * 5)
    t = talk(cap, 40008, 110)
    dialog(t, 'S: +OK', 'C: USER ann')
    t.skip('s', 5)
    t.skip('c', 10)
    dialog(t, 'C: rest', 'C: STAT', 'S: rest', 'S: +OK 1 2')
    t.close()
