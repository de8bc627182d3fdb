"""Messages that are cut or contradict themselves, more requests than are
remembered, an entry and a change beyond what is read, a hole in the stream."""
from berkit import *

LOGS = ['ldap', 'ldap_search', 'weird']


def make(cap):
    def talk(port, *parts):
        t = cap.tcp('10.0.0.1', port, '10.0.0.2', 389)
        t.open()
        for i, part in enumerate(parts):
            if part:
                t.send('cs'[i % 2], part)
        t.close()

    good = search(1, 'dc=x')
    for i in range(0, len(good), 5):
        talk(40000 + i, good[:i])
    talk(41001, good, b'GET / HTTP/1.0\r\n\r\n')
    talk(41002, good, result(1, 0x65), ldap(2, 0x63, b'') +
         ldap(3, 0x60, b'\x02') + ldap(4, 0x66, octets('a')) +
         ldap(5, 0x62) + ldap(6, 0x42))
    talk(41003, good, seq(integer(2 ** 40), tlv(0x65, b'')))
    talk(41004, good, b'\x30\x84\xff\xff\xff\xff\x02\x01\x01\x65\x00')
    talk(41005, bind(1) + b''.join(search(i) for i in range(2, 30)))
    big = b'\x30\x84' + u32(3 + 6 + 8 + 70000)
    big += integer(1) + b'\x64\x84' + u32(8 + 70000) + octets('cn=big')
    talk(41006, good, big + b'x' * 70000 + result(1, 0x65))
    mod = b'\x30\x84' + u32(3 + 6 + 70003) + integer(2) + b'\x66\x84'
    talk(41007, good + mod + u32(70003) + octets('a') + b'x' * 70000,
         result(1, 0x65) + result(2, 0x67))
    t = cap.tcp('10.0.0.1', 41008, '10.0.0.2', 389)
    t.open()
    t.c(good[:9])
    t.skip('c', len(good) - 12)
    t.c(good[-3:] + search(2))
    t.s(result(1, 0x65))
    t.skip('s', 4)
    t.s(result(2, 0x65)[4:] + result(9, 0x65))
    t.close()
