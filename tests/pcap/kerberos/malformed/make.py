"""Messages that are cut, of another version or type, or whose lengths lie; and
what is not Kerberos though it comes on its port."""
from berkit import *

LOGS = ['kerberos', 'weird']
C, S = '10.0.0.1', '10.0.0.2'


def make(cap):
    good = kdc_req(10, 'ann', 'krbtgt/EXAMPLE.ORG')
    reply = kdc_rep(11, 'ann', ticket('krbtgt/EXAMPLE.ORG'))

    def udp(port, *messages):
        for m in messages:
            cap.udp(C, port, S, 88, m)

    for i in range(0, len(good), 9):
        udp(40000 + i, good[:i])
    udp(41001, b'hello')
    udp(41002, good.replace(b'\xa1\x03\x02\x01\x05', b'\xa1\x03\x02\x01\x04'))
    udp(41003, good.replace(b'\xa2\x03\x02\x01\x0a', b'\xa2\x03\x02\x01\x0b'))
    udp(41004, good, good[:40], reply[:60], b'')
    udp(41005, b'\x7e\x05\x30\x03\xa6\x01\x02')
    udp(41006, tlv(0x7e, seq(ctx(6, integer(60)))))
    # Names without parts, lists without end.
    udp(41007, kdc_req(10, '', '', etypes=[18] * 60,
                       pa=[padata(i, b'') for i in range(60)]))

    def tcp(port, *parts):
        t = cap.tcp(C, port, S, 88)
        t.open()
        for i, part in enumerate(parts):
            t.send('cs'[i % 2], part)
        t.close()

    tcp(42001, b'\0\0\0\0')
    tcp(42002, u32(9) + good)
    tcp(42003, pre32(good), u32(5) + b'hello')
    tcp(42004, pre32(good), u32(2 ** 31))
    tcp(42005, pre32(good), pre32(krb_error(60, 'a', 'x' * 65000)) +
        pre32(reply))
    tcp(42006, pre32(good)[:-1], pre32(reply))
