"""OP_MSG in segments of a few bytes: an introduction, a log-in that fails and
one that succeeds, a search with more to come, a long insertion with its
documents in a section before the body, one that is not answered, answers out
of order, a compressed message."""
from mongokit import COMPRESSED, bson, le32, message, msg


def make(cap):
    c = cap.tcp('10.0.0.1', 40000, '10.0.0.2', 27018)
    c.open()
    c.c(msg(1, {'hello': 1, 'client': {'application': {'name': 'shop'}},
                '$db': 'admin'}), seg=7)
    c.s(msg(1, {'maxWireVersion': 17, 'ok': 1.0}, 1), seg=7)
    login = {'saslStart': 1, 'mechanism': 'SCRAM-SHA-256',
             'payload': b'n,,n=ann,r=abc', '$db': 'admin'}
    c.c(msg(2, login))
    c.s(msg(2, {'ok': 0.0, 'errmsg': 'Authentication failed.', 'code': 18}, 2))
    c.c(msg(3, login), seg=11)
    c.s(msg(3, {'conversationId': 1, 'done': False, 'ok': 1.0}, 3))
    c.c(msg(4, {'find': 'items', 'filter': {'a': None}, '$db': 'shop'}))
    c.s(msg(4, {'cursor': {'firstBatch': [{'a': 1}], 'id': 7}, 'ok': 1.0}, 4))
    docs = b'documents\0' + bson({'text': 'x' * 300}) * 3
    c.c(msg(5, {'insert': 'items', '$db': 'shop'},
            before=b'\1' + le32(len(docs) + 4) + docs))
    c.c(msg(6, {'getMore': 7, 'collection': 'items', '$db': 'shop'}))
    c.s(msg(5, {'cursor': {'nextBatch': [], 'id': 0}, 'ok': 1.0}, 6))
    c.s(msg(6, {'n': 3, 'ok': 1.0}, 5))
    c.c(msg(7, {'insert': 'log', '$db': 'shop'}, flags=2))
    c.c(message(COMPRESSED, 8, 0, le32(2013) + le32(40) + b'\2' + bytes(20)))
    c.c(msg(9, {'endSessions': [], '$db': 'admin'}))
    c.close()
