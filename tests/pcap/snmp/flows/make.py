"""Questions, answers, settings and notifications in the three versions; an
answer that says what the host is and since when it runs; sealed contents."""
from berkit import *

C, S = '10.0.0.1', '10.0.0.2'
DESCR, UP, NAME = '1.3.6.1.2.1.1.1.0', '1.3.6.1.2.1.1.3.0', '1.3.6.1.2.1.1.5.0'


def make(cap):
    def talk(port, server, *messages):
        for i, m in enumerate(messages):
            if i % 2:
                cap.udp(S, server, C, port, m)
            else:
                cap.udp(C, port, S, server, m)

    talk(40001, 161, snmp(0, 'public', pdu(0, var(DESCR), var(UP))),
         snmp(0, 'public', pdu(2, var(DESCR, octets('Router 7')),
                               var(UP, tlv(0x43, u32(4321)[2:])))),
         snmp(0, 'public', pdu(1, var(NAME))),
         snmp(0, 'public', pdu(2, var(NAME), error=2)))
    talk(40002, 161, snmp(1, 'private', pdu(3, var(NAME, octets('x')))),
         snmp(1, 'private', pdu(2, var(NAME, octets('x')), error=17)),
         snmp(1, 'private', pdu(5, *(var('1.3.6.1.2.1.2.2.1.%d' % i)
                                     for i in range(1, 12)))))
    trap = tlv(0xa4, oid('1.3.6.1.4.1.9'), tlv(0x40, u8(10, 0, 0, 1)),
               integer(6), integer(1), tlv(0x43, b'\1'), seq(var(NAME)))
    talk(40003, 162, snmp(0, 'public', trap))
    v2 = pdu(7, var(UP, tlv(0x43, b'\1')),
             var('1.3.6.1.6.3.1.1.4.1.0', oid('1.3.6.1.6.3.1.1.5.3')))
    talk(40004, 162, snmp(1, 'public', v2))
    talk(40005, 162, snmp(1, 'public', v2.replace(b'\xa7', b'\xa6', 1)))
    talk(40006, 161, snmp3('', pdu(0), engine=b''), snmp3('', pdu(8, var(UP))),
         snmp3('ann', pdu(0, var(UP)), 5), snmp3('ann', pdu(2, var(UP)), 1))
    talk(40007, 161, snmp3('', pdu(0), engine=b''), snmp3('', pdu(8, var(UP))),
         snmp3('eve', b'sealed', 7), snmp3('eve', b'sealed', 3))
    talk(40008, 10161, snmp(1, 'other', pdu(0, var(UP))))
