"""A quality of 3, a type of 0, flags that must not be, a topic beyond its
packet, a second CONNECT, a length of five bytes; a gap behind a message; and
on MQTT's port something else."""
from mqttkit import connack, connect, packet, publish
from pk import u8, u16

LOGS = ['mqtt_connect', 'mqtt_publish', 'mqtt_subscribe', 'weird']


def make(cap):
    c = cap.tcp('10.0.0.1', 40000, '10.0.0.2', 1883)
    c.open()
    c.c(connect(4, b'one'))
    c.s(connack(4, 0))
    c.c(publish(4, b'a', b'x', qos=3))
    c.c(packet(0, b'??'))
    c.c(packet(15, b''))
    c.c(packet(12, b'', 5))
    c.c(packet(3, u16(500) + b'short'))
    c.c(connect(4, b'two'))
    c.c(publish(4, b'a', b'still here'))
    c.c(u8(0x30, 255, 255, 255, 255, 1))
    c.c(publish(4, b'a', b'never seen'))
    c.close()
    c = cap.tcp('10.0.0.1', 40001, '10.0.0.2', 1883)
    c.open()
    c.c(connect(4, b'three'))
    c.c(publish(4, b'b', b'before', qos=1))
    c.skip('c', 40)
    c.c(publish(4, b'b', b'after'))
    c.close()
    c = cap.tcp('10.0.0.1', 40002, '10.0.0.2', 1883)
    c.open()
    c.c(b'GET / HTTP/1.1\r\nHost: a.example\r\n\r\n')
    c.close()
    c = cap.tcp('10.0.0.1', 40003, '10.0.0.2', 1883)
    c.open()
    c.c(connect(4, b'cut')[:-2])
    c.close()
    # Properties that are longer than the message.
    c = cap.tcp('10.0.0.1', 40004, '10.0.0.2', 1883)
    c.open()
    c.c(packet(1, b'\0\x04MQTT\x05\xc2\0\x3c\xff\x21\0\x14' + bytes(20)))
    c.close()
