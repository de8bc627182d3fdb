"""Log-in with tags, password and capabilities, in segments of a few bytes;
channels with and without keys, an operator, a file that is offered and sent;
another offer in quotes; TLS after STARTTLS."""
from tlskit import CLIENT_HELLO, client_hello, hs, sni

LOGS = ['irc', 'files', 'conn', 'ssl', 'weird']
THIRD_ADDRESS = True


def make(cap):
    c = cap.tcp('10.0.0.1', 40000, '10.0.0.2', 6667)
    c.open()
    c.c(b'CAP LS 302\r\n')
    c.s(b':irc.example NOTICE * :*** Looking up your hostname...\r\n', seg=9)
    c.c(b'PASS secret\r\nNICK ann\r\nUSER annie 0 * :Ann B Cee\r\n', seg=7)
    c.s(b'@time=2025-07-28T20:48:31Z :irc.example 001 ann :Welcome\r\n')
    c.c(b'JOIN #a,&b,#c key1,,key3\n')
    c.s(b':ann!annie@h JOIN :#a\r\n:irc.example 366 ann #a :End\r\n')
    c.c(b'oper root secret\r\n')
    c.c(b'PRIVMSG bob :\x01DCC SEND evil.exe 167772161 5000 3000\x01\r\n')
    c.c(b'NICK other\r\n')
    f = cap.tcp('10.0.0.3', 41000, '10.0.0.1', 5000)
    f.open()
    f.s(b'MZ' + bytes(2998))
    f.c(b'\0\0\x0b\xb8')
    f.close()
    c.s(b':eve!e@h PRIVMSG ann :\x01DCC SEND "a b.txt" 167772164 6000 5\x01\r\n')
    c.close()
    f = cap.tcp('10.0.0.1', 41001, '10.0.0.4', 6000)
    f.open()
    f.s(b'hello')
    f.close()
    c = cap.tcp('10.0.0.1', 40001, '10.0.0.2', 6697)
    c.open()
    c.c(b'CAP LS\r\n')
    c.s(b':irc.example CAP * LS :tls\r\n')
    c.c(b'STARTTLS\r\n')
    c.s(b':irc.example 670 * :STARTTLS successful, proceed\r\n')
    c.c(hs(CLIENT_HELLO, client_hello(sni('irc.example'))))
    c.close()
