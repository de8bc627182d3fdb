"""Data that are not compressed as they say, flags that there are not, a gap; on
Zabbix' port something else."""
import struct

LOGS = ['zabbix', 'weird', 'conn']


def make(cap):
    c = cap.tcp('10.0.0.1', 40000, '10.0.0.2', 10051)
    c.open()
    c.c(b'ZBXD\3' + struct.pack('<II', 20, 50) + b'\xff' * 20)
    c.s(b'ZBXD\x40' + bytes(30))
    c.close()
    c = cap.tcp('10.0.0.1', 40001, '10.0.0.2', 10051)
    c.open()
    c.c(b'ZBXD\1' + struct.pack('<II', 5, 0) + b'a.key')
    c.skip('s', 10)
    c.s(b'rest')
    c.close()
    c = cap.tcp('10.0.0.1', 40002, '10.0.0.2', 10050)
    c.open()
    c.c(b'agent.ping\n')
    c.close()
