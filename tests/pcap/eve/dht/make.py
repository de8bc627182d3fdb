"""EVE events: BitTorrent's DHT: a message without a transaction id is odd; a
flow begins with whoever sent first, also from a port that servers have."""

ARGS = ['--format', 'eve']
LOGS = ['bittorrent_dht', 'anomaly', 'flow']
ME = b'd1:ad2:id20:abcdefghij0123456789e1:q4:ping'


def make(cap):
    a, b = ('10.0.0.1', 20000), ('10.0.0.2', 6881)
    cap.udp(*a, *b, ME + b'1:t2:aa1:y1:qe')
    cap.udp(*b, *a, b'd1:eli201e5:Errore1:t2:aa1:y1:ee')
    cap.udp(*a, *b, ME + b'1:y1:qe')
