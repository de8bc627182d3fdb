"""EVE's events of MQTT: exchanges with their answers, properties, pings, an
exchange that stays open; no password."""
from mqttkit import (ack, connack, connect, packet, publish, suback,
                     subscribe, unsubscribe)
from pk import pre16, u8, u16, u32

LOGS = ['mqtt']
ARGS = ['--format', 'eve']


def make(cap):
    c = cap.tcp('10.0.0.1', 40000, '10.0.0.2', 1883)
    c.open()
    c.c(connect(5, b'lamp', b'ann', (b'will', b'gone'), u8(33) + u16(20) +
                u8(38) + pre16(b'key') + pre16(b'value')), seg=9)
    c.s(connack(5, 0, u8(34) + u16(10)))
    c.c(publish(5, b'a', b'text', prop=u8(2) + u32(77)))
    c.c(publish(5, b'b', b'once', qos=2, ident=2))
    c.s(ack(5, 2))
    c.c(ack(6, 2))
    c.s(ack(7, 2))
    c.c(subscribe(5, 3, (b'x', 1), (b'y', 0)))
    c.s(suback(9, 5, 3, 1, 135))
    c.c(packet(10, u16(4) + b'\0' + pre16(b'x'), 2))
    c.s(suback(11, 5, 4, 0))
    c.c(packet(12))
    c.s(packet(13))
    c.c(publish(5, b'c', b'open', qos=1, ident=5))
    c.c(packet(14, u8(4)))
    c.close()
    c = cap.tcp('10.0.0.1', 40001, '10.0.0.2', 1883)
    c.open()
    c.c(connect(3, b'old'))
    c.s(connack(3, 0))
    c.c(unsubscribe(3, 1, b'z'))
    c.s(ack(11, 1))
    c.s(ack(4, 9))
    c.c(packet(14))
    c.close()
