"""3.1 and 3.1.1 in segments of a few bytes: a log-in with a last will, one that
is refused; messages of each quality, one long, one never acknowledged; topics
asked for, refused and no longer wanted."""
from mqttkit import (ack, connack, connect, packet, publish, suback,
                     subscribe, unsubscribe)

LOGS = ['mqtt_connect', 'mqtt_publish', 'mqtt_subscribe', 'weird']


def make(cap):
    c = cap.tcp('10.0.0.1', 40000, '10.0.0.2', 1884)
    c.open()
    c.c(connect(4, b'lamp-7', b'ann', (b'lamp/7/state', b'gone')), seg=5)
    c.s(connack(4, 0), seg=1)
    c.c(subscribe(4, 1, (b'lamp/+/set', 1), (b'secret/#', 2)), seg=3)
    c.s(suback(9, 4, 1, 1, 128), seg=2)
    c.c(publish(4, b'lamp/7/state', b'on', retain=1), seg=4)
    c.c(publish(4, b'lamp/7/power', b'x' * 70000, qos=1, ident=9), seg=1400)
    c.s(ack(4, 9), seg=1)
    c.s(publish(4, b'lamp/7/set', b'off', qos=2, ident=9))
    c.c(ack(5, 9))
    c.s(ack(6, 9))
    c.c(ack(7, 9))
    c.c(publish(4, b'lamp/7/state', b'off', qos=1, ident=10))
    c.c(packet(12))
    c.s(packet(13))
    c.c(unsubscribe(4, 2, b'lamp/+/set'))
    c.s(ack(11, 2))
    c.c(packet(14))
    c.close()
    c = cap.tcp('10.0.0.1', 40001, '10.0.0.2', 1883)
    c.open()
    c.c(connect(3, b''))
    c.s(connack(3, 5))
    c.close()
