"""The datagram that opens a connection and its answer; two that only look
like it."""
from pk import *

LOGS = ['conn']
C, S = '10.0.0.1', '10.0.0.2'


def opening(flags=1, up=1232, ack=0xffffffff):
    return (u32(ack) + u16(64, flags) + u32(99) + u16(up, 1132)).ljust(
        1132, b'\0')


def make(cap):
    cap.udp(C, 40000, S, 3389, opening())
    cap.udp(S, 3389, C, 40000, opening(5, ack=99))
    cap.udp(C, 40001, S, 4000, opening(0x201))
    cap.udp(C, 40002, S, 3389, opening(up=1500))
    cap.udp(C, 40003, S, 3389, opening(2))
