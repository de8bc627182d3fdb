"""Files and listings, in both directions, in each way to agree on their
connection, one long enough to be skipped, one with an address that the server
is not known by."""
from webkit import *

LOGS = ['files', 'conn']


def control(cap, port, **kw):
    t = talk(cap, port, 21, **kw)
    dialog(t, 'S: 220 ftp.example FTP server', 'C: USER ftp', 'S: 331 Ok',
           'C: PASS x', 'S: 230 Ok')
    return t


def data(cap, client, cport, server, sport, side, contents, seg=None):
    t = cap.tcp(client, cport, server, sport)
    t.open()
    t.send(side, contents, seg)
    t.fin(side)
    t.fin('c' if side == 's' else 's')
    t.segment(side, ACK)


def make(cap):
    t = control(cap, 40001)
    dialog(t, 'C: PASV', 'S: 227 Entering (192,0,2,80,10,1)', 'C: RETR a.png',
           'S: 150 Opening')
    data(cap, C, 41001, S, 2561, 's', PNG, seg=1)
    dialog(t, 'S: 226 Done', 'C: EPSV', 'S: 229 Entering (|||2562|)', 'C: LIST',
           'S: 150 Here')
    data(cap, C, 41002, S, 2562, 's', b'-rw-r--r-- 1 0 0 45 Jan 1 00:00 a\r\n')
    dialog(t, 'S: 226 Done', 'C: PORT 10,0,0,1,10,3', 'S: 200 Ok', 'C: STOR up',
           'S: 150 Send')
    data(cap, S, 20, C, 2563, 's', HTML)
    dialog(t, 'S: 226 Done', 'C: EPRT |1|10.0.0.1|2564|', 'S: 200 Ok',
           'C: RETR run.exe', 'S: 150 Opening')
    data(cap, S, 20, C, 2564, 'c', EXE + bytes(600000))
    # Behind address translation; nobody connects to what the server says.
    dialog(t, 'S: 226 Done', 'C: PASV', 'S: 227 Entering (10,99,99,99,10,5)',
           'C: RETR f', 'S: 150 Opening')
    data(cap, C, 41005, S, 2565, 's', TEXT)
    dialog(t, 'S: 226 Done')
    t.close()

    a, b = '2001:db8::1', '2001:db8::2'
    t = control(cap, 40002, client=a, server=b)
    dialog(t, 'C: EPSV', 'S: 229 Entering (|||2566|)', 'C: STOR f',
           'S: 150 Send')
    data(cap, a, 41006, b, 2566, 'c', TEXT)
    dialog(t, 'S: 226 Done')
    t.close()
