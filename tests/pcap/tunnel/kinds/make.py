"""What carries other traffic: VXLAN ends with its flow, IP in IP and GRE go by
their addresses whichever side sends and expire after a day of silence, GRE in
UDP is told as GRE, proxies when they agree. A wrapper with nothing sound in
it, and a proxy that refuses, are no tunnels."""
from pk import *

LOGS = ['tunnel', 'conn']
A, B, IN, OUT = '192.0.2.1', '192.0.2.2', '10.1.0.1', '10.1.0.2'


def inside(cap):
    return cap.ip_bytes(IN, OUT, 17, cap.udp_bytes(IN, 9999, OUT, 9998, b'hi'))


def make(cap):
    frame = mac_bytes(mac_of(OUT)) + mac_bytes(mac_of(IN)) + u16(0x800)
    vxlan = u8(8, 0, 0, 0) + u24(77) + u8(0)
    for _ in range(2):
        cap.udp(A, 40000, B, 4789, vxlan + frame + inside(cap))
    cap.udp(A, 40001, B, 4789, vxlan + frame + b'\x45')

    cap.ip(A, B, 4, inside(cap))
    cap.ip(B, A, 4, inside(cap))
    cap.ip(A, B, 47, u16(0, 0x800) + inside(cap))
    cap.ip(A, '192.0.2.3', 47, u16(0, 0x800) + b'\x45\0')
    cap.udp(A, 40002, B, 4754, u16(0, 0x800) + inside(cap))

    t = cap.tcp(A, 40003, B, 1080)
    t.open()
    t.c(b'\5\1\0')
    t.s(b'\5\0')
    t.c(b'\5\1\0\1' + addr(OUT) + u16(80))
    t.s(b'\5\0\0\1' + addr(B) + u16(80))
    t.close()
    for port, status in ((40004, b'200 OK'), (40005, b'403 Forbidden')):
        t = cap.tcp(A, port, B, 3128)
        t.open()
        t.c(b'CONNECT a.example:443 HTTP/1.1\r\n\r\n')
        t.s(b'HTTP/1.1 ' + status + b'\r\nContent-Length: 0\r\n\r\n')
        t.close()

    cap.wait(90000)
    cap.ip(A, B, 4, inside(cap))
