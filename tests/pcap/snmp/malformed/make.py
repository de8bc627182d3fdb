"""Messages that are cut, of a version or kind that there is not, lists that
never end; and what is not SNMP though it comes on its port."""
from berkit import *

LOGS = ['snmp', 'weird']
UP = '1.3.6.1.2.1.1.3.0'


def make(cap):
    good = snmp(1, 'public', pdu(0, var(UP)))

    def udp(port, *messages):
        for m in messages:
            cap.udp('10.0.0.1', port, '10.0.0.2', 161, m)

    for i in range(0, len(good), 3):
        udp(40000 + i, good[:i])
    udp(41001, snmp(2, 'public', pdu(0)), b'hello')
    udp(41002, good, good[:9], b'', snmp(1, 'public', tlv(0xa9, b'')))
    udp(41003, snmp(1, 'x' * 300, pdu(0, *(var(UP) for _ in range(60)))))
    udp(41004, snmp(1, '', tlv(0xa0, b'\2\1')), snmp(1, '', tlv(0xa4, b'')))
    udp(41005, snmp(0, 'public', pdu(2, var(UP, tlv(0x43, b'\x80' * 9)))),
        snmp(0, 'public', pdu(2, seq(oid(UP)), seq(), b'\5\0')))
    udp(41006, snmp3('u' * 300, pdu(0), engine=b'e' * 200))
