"""A client that has said no more than a word when the server resets."""

LOGS = ['conn']


def make(cap):
    c = cap.tcp('10.0.0.1', 40000, '10.0.0.2', 25)
    c.open()
    c.c(b'QUIT\r\n')
    c.rst('s')
