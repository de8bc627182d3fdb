"""The operations of before: commands and searches by OP_QUERY, an insertion
that is not answered, more of a search."""
from mongokit import GET_MORE, INSERT, bson, le32, message, query, reply


def make(cap):
    c = cap.tcp('10.0.0.1', 40000, '10.0.0.2', 27017)
    c.open()
    c.c(query(1, 'admin.$cmd', {'isMaster': 1, 'client': {
        'application': {'name': 'MongoDB Shell'}}}, -1), seg=9)
    c.s(reply(1, 1, {'ismaster': True, 'ok': 1.0}), seg=9)
    c.c(query(2, 'shop.items', {'a': 1}))
    c.s(reply(2, 2, {'_id': 5}))
    c.c(message(INSERT, 3, 0, le32(0) + b'shop.items\0' + bson({'a': 1})))
    c.c(message(GET_MORE, 4, 0, le32(0) + b'shop.items\0' + bytes(12)))
    c.s(reply(3, 4, {'_id': 6}))
    c.close()
