"""Data connections that are not as agreed: both sides send, nothing is sent,
segments are lost, it ends by a reset, it was expected by somebody else, what
is sent looks like another protocol."""
import itertools

from webkit import *

LOGS = ['files', 'http', 'conn']


def make(cap):
    numbers = itertools.count(1)
    t = talk(cap, 40001, 21)
    dialog(t, 'S: 220 ftp.example FTP server')

    def agreed(client=C):
        n = next(numbers)
        dialog(t, 'C: PASV', 'S: 227 Entering (192,0,2,80,10,%d)' % n)
        d = cap.tcp(client, 41000 + n, S, 2560 + n)
        d.open()
        return d

    d = agreed()
    d.c(TEXT)
    d.s(HTML)
    d.c(TEXT)
    d.close()

    agreed().close()

    d = agreed()
    d.s(TEXT * 50)
    d.skip('s', 3000)
    d.s(TEXT * 50)
    d.close()

    d = agreed()
    d.s(PNG[:5])
    d.rst('s')

    # Another host is faster than the client that asked.
    d = agreed('10.0.0.66')
    d.s(TEXT)
    d.close()

    d = agreed()
    d.c(get('/'))
    d.s(ok(HTML))
    d.close()

    # The end is lost, after most of it was skipped.
    d = agreed()
    d.s(bytes(400000))
    d.skip('s', 300000)
    d.s(bytes(1000))
    d.close()
    t.close()
