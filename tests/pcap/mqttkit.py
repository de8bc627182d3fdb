"""mqttkit.py - MQTT packets for the cases that need them."""
from pk import pre16, u8, u16

NAMES = {3: b'MQIsdp', 4: b'MQTT', 5: b'MQTT'}


def varint(n):
    out = b''
    while True:
        n, low = n >> 7, n & 127
        out += u8(low | (128 if n else 0))
        if not n:
            return out


def packet(kind, body=b'', flags=0):
    return u8(kind << 4 | flags) + varint(len(body)) + body


def props(level, b=b''):
    return varint(len(b)) + b if level == 5 else b''


def connect(level, client, user=None, will=None, prop=b''):
    flags = 2 | (0xc0 if user else 0) | (4 if will else 0)
    body = pre16(NAMES[level]) + u8(level, flags) + u16(60)
    body += props(level, prop) + pre16(client)
    if will:
        body += props(level) + pre16(will[0]) + pre16(will[1])
    if user:
        body += pre16(user) + pre16(b'secret')
    return packet(1, body)


def connack(level, code, prop=b''):
    return packet(2, u8(0, code) + props(level, prop))


def publish(level, topic, payload, qos=0, ident=7, retain=0, prop=b''):
    body = pre16(topic) + (u16(ident) if qos else b'') + props(level, prop)
    return packet(3, body + payload, qos << 1 | retain)


def ack(kind, ident, more=b''):
    return packet(kind, u16(ident) + more, 2 if kind == 6 else 0)


def subscribe(level, ident, *topics):
    body = u16(ident) + props(level)
    return packet(8, body + b''.join(pre16(t) + u8(q) for t, q in topics), 2)


def unsubscribe(level, ident, *topics):
    return packet(10, u16(ident) + props(level) +
                  b''.join(pre16(t) for t in topics), 2)


def suback(kind, level, ident, *codes):
    return packet(kind, u16(ident) + props(level) + u8(*codes))
