"""Logins and commands: a guest and a user, folders, all four ways to agree on
a data connection, commands sent ahead, replies of many lines, over to TLS."""
from tlskit import CLIENT_HELLO, client_hello, hs, sni, tls12_server
from webkit import *

LOGS = ['ftp', 'weird', 'ssl']


def login(cap, port, user='anonymous', sport=21, **kw):
    t = talk(cap, port, sport, **kw)
    dialog(t, 'S: 220 ftp.example FTP server', 'C: USER ' + user,
           'S: 331 Password', 'C: PASS me@a.example', 'S: 230 Logged in')
    return t


def make(cap):
    t = login(cap, 40001)
    dialog(t, 'C: SYST', 'S: 215 UNIX', 'C: PWD', 'S: 257 "/pub" is current',
           'C: CWD a/../b', 'S: 250 Ok', 'C: CDUP', 'S: 200 Ok', 'C: cwd c',
           'S: 250 Ok', 'C: CWD /none', 'S: 550 none', 'C: SIZE x.bin',
           'S: 213 45', 'C: DELE x.bin', 'S: 550 no', 'C: RNFR old',
           'S: 350 Ready', 'C: RNTO new', 'S: 250 Ok', 'C: MKD /d',
           'S: 257 "/d" created', 'C: QUIT', 'S: 221 Bye')
    t.close()

    # Another's password is never shown. Cut into single bytes.
    t = talk(cap, 40002)
    t.s(lines('220-Welcome', '220-to this', '220 FTP server'), seg=1)
    t.c(lines('USER lea'), seg=1)
    t.s(lines('331 Password'), seg=1)
    t.c(lines('PASS secret'), seg=1)
    t.s(lines('530 Wrong'), seg=1)
    t.close()

    t = login(cap, 40003)
    dialog(t, 'C: PASV', 'S: 227 Entering (192,0,2,80,10,1)', 'C: RETR f',
           'S: 150 Opening f (45 bytes)', 'S: 226 Done', 'C: EPSV',
           'S: 229 Entering (|||2562|)', 'C: LIST', 'S: 150 Here', 'S: 226 Done',
           'C: PORT 10,0,0,1,10,3', 'S: 200 Ok', 'C: STOR up', 'S: 150 Send',
           'S: 226 Done', 'C: EPRT |1|10.0.0.1|2564|', 'S: 200 Ok',
           'C: APPE up', 'S: 150 Send', 'S: 226 Done')
    t.close()
    t = login(cap, 40004, client='2001:db8::1', server='2001:db8::2')
    dialog(t, 'C: EPSV', 'S: 229 Entering (|||2565|)', 'C: RETR /abs/f',
           'S: 150 Ok', 'S: 226 Done', 'C: EPRT |2|2001:db8::1|2566|',
           'S: 200 Ok', 'C: STOU', 'S: 150 FILE: u1', 'S: 226 Done')
    t.close()

    # Ahead of their replies, which find them by what they say.
    t = login(cap, 40005, 'ftp')
    t.c(lines('TYPE I', 'PASV', 'SIZE f', 'RETR f', 'QUIT'))
    t.s(lines('200 Type set', '227 Entering (192,0,2,80,10,7)', '213 99',
              '150 Opening', '226 Done', '221 Bye'))
    t.close()

    t = login(cap, 40006, sport=2121)
    dialog(t, 'C: FEAT', 'S: 211-Features:', 'S:  MDTM', 'S: 213 not the end',
           'S: 211 End', b'\xff\xf4\xff\xf2ABOR\r\n', 'S: 426 Aborted',
           'S: 226 Ok')
    t.close()

    t = talk(cap, 40007)
    dialog(t, 'S: 220 FTP', 'C: AUTH TLS', 'S: 234 Go on')
    t.c(hs(CLIENT_HELLO, client_hello(sni('ftp.example'))))
    t.s(tls12_server())
    t.close()
    t = talk(cap, 40008)
    dialog(t, 'S: 220 FTP', 'C: AUTH TLS', 'S: 534 no')
    t.close()

    # Off the usual ports it takes a word of FTP's own.
    t = login(cap, 40009, sport=8021)
    dialog(t, 'C: PASV', 'S: 227 Entering (192,0,2,80,10,9)')
    t.close()
    t = talk(cap, 40010, 8110)
    dialog(t, 'S: +OK POP3 ready', 'C: USER lea', 'S: +OK', 'C: PASS x',
           'S: +OK')
    t.close()
