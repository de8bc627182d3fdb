"""A request with path and query, its answer in the acknowledgement, a write
with a payload, extended options; a marker without payload, an option that
overruns, and what is no CoAP."""
LOGS = ['coap', 'weird', 'conn']
C, S = '10.0.0.1', '10.0.0.2'


def make(cap):
    cap.udp(C, 40000, S, 5683, b'\x42\1\0\1ab\x39host.test\x87sensors\4temp\x43a=1\3b=2')
    cap.udp(S, 5683, C, 40000, b'\x62\x45\0\1ab\xc0\xff22.5 C')
    cap.udp(C, 40000, S, 5683, b'\x50\3\0\2\xb5light\x11\x32\xff{"on":1}')
    cap.udp(S, 5683, C, 40000, b'\x50\x84\0\3')
    cap.udp(C, 40000, S, 5683, b'\x40\0\0\4')
    cap.udp(C, 40000, S, 5683, b'\x40\1\0\5\xbd\1abcdefghijklmn\xd0\x0a\xe0\1\0')
    cap.udp(C, 40000, S, 5683, b'\x40\1\0\6\xff')
    cap.udp(C, 40000, S, 5683, b'\x40\1\0\7\xb9ab')
    cap.udp(C, 40001, S, 5683, b'\x40\1\0\7\xf0ab')
    cap.udp(C, 40002, S, 5683, b'\x90\1\0\7')
    cap.udp(C, 40003, S, 15683, b'\x44\1\0\1abcd\xbb.well-known\4core')
