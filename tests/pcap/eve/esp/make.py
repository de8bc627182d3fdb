"""EVE events: flows of ESP bear the SPI, also where there is no more than
that; IGMP and OSPF are none."""

ARGS = ['--format', 'eve']
LOGS = ['flow']


def make(cap):
    cap.ip('10.0.0.1', '10.0.0.2', 50, b'\x01\x02\x03\x04' + bytes(20))
    cap.ip('10.0.0.2', '10.0.0.1', 50, b'\x0a\x0b\x0c\x0d' + bytes(20))
    cap.ip('10.0.0.3', '10.0.0.2', 50, b'\xff\xff\xff\xff')
    cap.ip('10.0.0.4', '10.0.0.2', 50, b'\x01')
    cap.ip('10.0.0.5', '224.0.0.22', 2, bytes(8))
    cap.ip('10.0.0.5', '224.0.0.5', 89, bytes(24))
