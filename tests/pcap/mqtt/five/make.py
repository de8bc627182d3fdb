"""5.0 with properties: an answer by reason code, messages that are turned
down, a subscription that is never answered; and a broker seen alone."""
from mqttkit import (ack, connack, connect, packet, publish, suback,
                     subscribe)
from pk import pre16, u8, u16

LOGS = ['mqtt_connect', 'mqtt_publish', 'mqtt_subscribe', 'weird']


def make(cap):
    c = cap.tcp('10.0.0.1', 40000, '10.0.0.2', 1883)
    c.open()
    c.c(connect(5, b'', b'bob', prop=u8(33) + u16(20)), seg=3)
    c.s(connack(5, 0, u8(18) + pre16(b'auto-1') + u8(34) + u16(10)), seg=3)
    c.c(publish(5, b'a/b', b'text', prop=u8(38) + pre16(b'k') + pre16(b'v')),
        seg=2)
    c.c(publish(5, b'a/c', b'no', qos=1, ident=1))
    c.s(ack(4, 1, u8(0x87)))
    c.c(publish(5, b'a/d', b'yes', qos=2, ident=2))
    c.s(ack(5, 2))
    c.c(ack(6, 2))
    c.s(ack(7, 2, u8(0)))
    c.c(subscribe(5, 3, (b'$share/g/x', 2)))
    c.s(suback(9, 5, 3, 2))
    c.c(subscribe(5, 4, (b'y', 0)))
    c.s(packet(14, u8(0x8b)))
    c.close()
    c = cap.tcp('10.0.0.1', 40001, '10.0.0.2', 1883)
    c.open()
    c.c(connect(5, b'x', prop=u8(21) + pre16(b'foo')))
    c.s(connack(5, 0x8c))
    c.close()
    c = cap.tcp('10.0.0.1', 40002, '10.0.0.2', 1883)
    c.segment('s', 0x12)
    c.skip('s', 1)
    c.s(connack(4, 0), ack=False)
    c.s(publish(4, b'news', b'hello'), ack=False)
    c.fin('s')
