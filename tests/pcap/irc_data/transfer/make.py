"""Files that were offered: one in many segments with acknowledgements, one
with a gap, one that is cut short, and one that nobody fetches."""

LOGS = ['files', 'conn', 'weird']
THIRD_ADDRESS = True


def make(cap):
    c = cap.tcp('10.0.0.1', 40000, '10.0.0.2', 6667)
    c.open()
    c.c(b'NICK ann\r\nUSER ann 0 * :Ann\r\n')
    for port in range(5000, 5004):
        c.c(b'PRIVMSG b :\x01DCC SEND f 167772161 %d 600000\x01\r\n' % port)
    data = b'%PDF-1.4\n' + bytes(599991)
    for port in range(5000, 5003):
        f = cap.tcp('10.0.0.3', 41000, '10.0.0.1', port)
        f.open()
        f.s(data[:3000], seg=1000)
        f.c(b'\0\0\x0b\xb8')
        if port == 5001:
            f.skip('s', 1000)
        if port == 5002:
            f.rst('s')
            continue
        f.s(data[3000:], ack=False)
        f.close()
    c.close()
