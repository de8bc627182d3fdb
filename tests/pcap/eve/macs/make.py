"""EVE events: a flow names the MAC addresses of either side, in the order they
were seen, at most four; one without Ethernet names none."""
ARGS = ['--format', 'eve']
LOGS = ['flow']


def make(cap):
    a, b = '10.0.0.1', '10.0.0.2'
    for i in range(1, 7):
        cap.udp(a, 5000, b, 6000, b'ask',
                mac=('02:00:00:00:00:0%d' % i, '02:00:00:00:01:01'))
        cap.udp(b, 6000, a, 5000, b'say',
                mac=('02:00:00:00:01:0%d' % (7 - i), '02:00:00:00:00:01'))
    # The port of a server sends first: to Suricata that is the client.
    cap.udp(a, 123, b, 6001, b'first')
    cap.udp(b, 6001, a, 123, b'second')
