"""Participants told once, a ping, a submessage to the end, one that lies."""
import struct

LOGS = ['rtps', 'conn']
A, B = '10.0.0.1', '10.0.0.2'


def head(guid, vendor=0x010f):
    return b'RTPS\2\3' + struct.pack('>H', vendor) + guid.ljust(12, b'\0')


def make(cap):
    for _ in range(2):
        cap.udp(A, 40000, B, 7400, head(b'one') + b'\x09\1\x08\0' + bytes(8) + b'\x15\5\0\0data')
        cap.udp(A, 40000, B, 7400, head(b'two', 0x0199) + b'\x0e\0\0\x0c' + bytes(12) + b'\x06\0\xff\xff')
    cap.udp(A, 40001, B, 7400, b'RTPS\2\1\1\1NDDSPING')
    cap.udp(A, 40002, B, 7400, b'RTPS\7\1\1\1NDDSPING')
