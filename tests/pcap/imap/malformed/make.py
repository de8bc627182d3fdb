"""Lines too long, literals that never end or whose size is none, answers
nobody asked for, more commands than are remembered, holes inside and outside
of literals."""
from webkit import *

LOGS = ['imap', 'files', 'weird']


def make(cap):
    def case(port, *steps, server=143):
        t = talk(cap, port, server)
        dialog(t, *steps)
        t.close()

    case(40001, 'S: * OK ' + 'x' * 9000, 'C: 1 LIST ' + 'y' * 9000, 'S: 1 OK')
    case(40002, 'S: * OK', 'C: 1 FOO', 'S: 1 BAD', 'C: 1 NOOP', 'S: 9 OK',
         'S: 1 HUH', 'S: 1 OK', 'S: 1 OK')
    case(40003, 'S: * OK', *['C: %d NOOP' % i for i in range(40)], 'S: 39 OK')
    case(40004, 'S: * OK', 'C: 1 FETCH 1 BODY[]',
         'S: * 1 FETCH (BODY[] {9223372036854775807}', 'S: From: x', 'S: ',
         'S: text')
    case(40005, 'S: * OK', 'C: 1 FETCH 1 BODY[]',
         'S: * 1 FETCH (BODY[] {99999999999999999999}', 'S: 1 OK',
         'C: 2 LOGIN {x}', 'C: 3 LOGIN {0}', 'C:  x', 'S: 3 OK')
    case(40006, 'S: * OK no', 'C: HELO', server=2143)
    case(40007, 'S: +OK', 'C: 1 NOOP')
    t = talk(cap, 40008, 143)
    dialog(t, 'S: * OK', 'C: 1 FETCH 1 BODY[]',
           'S: * 1 FETCH (BODY[] {100}', 'S: From: x', 'S: ')
    t.skip('s', 80)
    t.s(b'e' * 9 + b')\r\n1 OK\r\n')
    dialog(t, 'C: 2 NOOP')
    t.skip('s', 6)
    t.skip('c', 6)
    dialog(t, 'C: 3 NOOP', 'C: 4 NOOP', 'S: OK', 'S: 4 OK')
    t.close()
