"""Every question and answer of BEP 5, peers of both families, errors, values of
other kinds, what is cut, nests without end, or lies about its lengths."""
LOGS = ['bittorrent_dht', 'conn']
A, B = '10.0.0.1', '10.0.0.2'
ME, IT = b'abcdefghij0123456789', b'mnopqrstuvwxyz123456'


def ben(v):
    if isinstance(v, bytes):
        return b'%d:' % len(v) + v
    if isinstance(v, int):
        return b'i%de' % v
    if isinstance(v, list):
        return b'l' + b''.join(map(ben, v)) + b'e'
    return b'd' + b''.join(ben(k) + ben(v[k]) for k in sorted(v)) + b'e'


def query(what, **more):
    more = {k.encode(): v for k, v in more.items()}
    return ben({b'a': {b'id': ME, **more}, b'q': what, b't': b'aa',
                b'y': b'q', b'v': b'UT01'})


def answer(**more):
    more = {k.encode(): v for k, v in more.items()}
    return ben({b'r': {b'id': IT, **more}, b't': b'aa', b'y': b'r'})


def make(cap):
    for data in (query(b'ping'), query(b'find_node', target=IT),
                 query(b'get_peers', info_hash=IT),
                 query(b'announce_peer', info_hash=IT, port=6881,
                       token=b'aoeu', implied_port=1, seed=-1)):
        cap.udp(A, 5000, B, 6881, data)
    for data in (answer(), answer(nodes=b'n' * 52),
                 answer(token=b't', values=[b'axje.u', b'idhtnm', b'x' * 18,
                                            b'odd']),
                 answer(nodes=b'n' * 900, values=[b'abcdef'] * 99),
                 ben({b'e': [201, b'Error'], b't': b'aa', b'y': b'e'}),
                 ben({b'e': [], b't': b'', b'y': b'e'}),
                 ben({b'ip': b'\x0a\0\0\1\x1a\xe1', b'r': {b'id': IT},
                      b't': b'aa', b'y': b'r'})):
        cap.udp(B, 6881, A, 5000, data)
    whole = query(b'get_peers', info_hash=IT, want=[b'n4', b'n6'],
                  x={b'y': [1, {b'z': b''}]})
    port = 20000
    for data in [whole] + [whole[:n] for n in range(1, len(whole), 11)] + [
            b'd1:ad', b'd1:ad2:id99999:x', b'd1:ad2:idi1ee1:y1:qe',
            b'd1:ad1:x' + b'l' * 900, b'd1:ai5e1:y1:qe', b'd1:ad4:porti--5e',
            b'd1:ad4:porti99999999999999999999eee', whole + b'x',
            b'd1:ade1:t2:aae', b'd1:ade1:y1:xe', b'd1:y1:qe',
            b'd1:eli201e', b'd1:el5:Errore1:y1:ee', b'd1:rd6:values3:abce'
            b'1:y1:re', ben({b'a': {b'id': b''}, b'y': b'q'})]:
        port += 1
        cap.udp(A, port, B, 6881, data)
