"""A client that asks for TLS: what follows is ssl's, and conn tells of both."""
from mysqlkit import PLAIN, SSL, greeting, login
from tlskit import CLIENT_HELLO, client_hello, hs, sni

LOGS = ['mysql', 'conn', 'ssl']


def make(cap):
    c = cap.tcp('10.0.0.1', 40000, '10.0.0.2', 3306)
    c.open()
    c.s(greeting())
    c.c(login(None, PLAIN | SSL) + hs(CLIENT_HELLO,
                                            client_hello(sni('db.example'))), seg=33)
    c.close()
