"""Every operation with its answer, filters of every kind, log-ins that fail
and succeed, answers out of order and missing, StartTLS."""
from berkit import *

LOGS = ['ldap', 'ldap_search', 'weird']
DN = 'cn=ann,dc=example,dc=org'


def change(kind, name, *values):
    return seq(integer(kind, 10), seq(octets(name),
                                      tlv(0x31, *map(octets, values))))


def filters():
    yield tlv(0xa0, equal('a', 'b'), equal('c', 'd'), equal('e', 'f'))
    yield tlv(0xa1, equal('a', 'b'))
    yield tlv(0xa0)
    yield tlv(0xa2, tlv(0xa0, tlv(0x87, b'x'), tlv(0xa1, equal('a', '1', 0xa5),
                                                  equal('a', '9', 0xa6))))
    yield tlv(0xa4, octets('cn'), seq(tlv(0x80, b'a*'), tlv(0x81, b'('),
                                      tlv(0x82, b'\\')))
    yield tlv(0xa4, octets('cn'), seq(tlv(0x81, 'ü'.encode())))
    yield equal('sn', b'\xff\0\n', 0xa8)
    yield tlv(0xa9, tlv(0x81, b'1.2.3'), tlv(0x82, b'ou'), tlv(0x83, b'v'),
              tlv(0x84, b'\xff'))
    deep = equal('a', 'b')
    for _ in range(80):
        deep = tlv(0xa2, deep)
    yield deep


def make(cap):
    t = cap.tcp('10.0.0.1', 40001, '10.0.0.2', 1389)
    t.open()

    def talk(*messages, seg=None):
        for i, m in enumerate(messages):
            t.send('cs'[i > 0], m, seg)

    talk(bind(1, DN, 'wrong'), result(1, 0x61, 49, words='no\0'), seg=5)
    talk(bind(2, DN, 'secret'), result(2, 0x61))
    talk(bind(3), result(3, 0x61))
    for i, f in enumerate(filters()):
        talk(search(10 + i, 'dc=example', f, i % 3, ['cn', '1.1'],
                    controls=['1.2.840.113556.1.4.319']),
             entry(10 + i, DN, wide=True) + entry(10 + i, 'cn=b') +
             ldap(10 + i, 0x73, octets('ldap://other/')),
             result(10 + i, 0x65, 4 if i == 2 else 0), seg=[40, 3])
    talk(search(30) + search(31), result(31, 0x65, 32), entry(30, DN),
         result(30, 0x65))
    talk(ldap(32, 0x66, octets(DN),
              seq(change(0, 'mail', 'a@x', 'b@x'), change(1, 'phone'),
                  change(2, 'userPassword', 'secret'), change(7, 'x', 'y'))),
         result(32, 0x67, 50, 'dc=example'))
    talk(ldap(33, 0x68, octets('cn=new'),
              seq(seq(octets('objectClass'), tlv(0x31, octets('top'))),
                  seq(octets('unicodePwd'), tlv(0x31, octets('secret'))))),
         result(33, 0x69, 68))
    talk(tlv(0x30, integer(34), tlv(0x4a, b'cn=old')), result(34, 0x6b))
    talk(ldap(35, 0x6c, octets(DN), octets('cn=anna'), tlv(1, b'\xff'),
              tlv(0x80, b'ou=people')), result(35, 0x6d))
    talk(ldap(36, 0x6e, octets(DN), seq(octets('userPassword'),
                                        octets('secret'))),
         result(36, 0x6f, 6))
    talk(ldap(37, 0x50, b'') + tlv(0x30, integer(38), tlv(0x50, b'\x1e')))
    talk(ldap(39, 0x77, tlv(0x80, b'1.3.6.1.4.1.4203.1.11.3')),
         result(39, 0x78, more=tlv(0x8b, b'dn:' + DN.encode())))
    talk(search(40), ldap(40, 0x79, b''), result(40, 0x65, 4711))
    talk(b'', result(0, 0x78, 52,
                     more=tlv(0x8a, b'1.3.6.1.4.1.1466.20036')))
    talk(search(50))
    talk(ldap(51, 0x42))
    t.close()
    t = cap.tcp('10.0.0.1', 40002, '10.0.0.2', 389)
    t.open()
    tls = ldap(1, 0x77, tlv(0x80, b'1.3.6.1.4.1.1466.20037'))
    talk(tls, result(1, 0x78, 2))
    talk(tls.replace(b'\x02\x01\x01', b'\x02\x01\x02'), result(2, 0x78))
    t.c(b'\x16\x03\x01\x00\x05hello')
    t.close()
