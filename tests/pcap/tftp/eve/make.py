"""Requests as EVE events, and the file that one of them brings."""
from pk import *

LOGS = ['tftp', 'fileinfo']
ARGS = ['--format', 'eve']


def make(cap):
    cap.udp('10.0.0.1', 40001, '10.0.0.2', 69, u16(1) + b'a.txt\0OCTET\0')
    cap.udp('10.0.0.2', 50001, '10.0.0.1', 40001, u16(3, 1) + b'text\n')
    cap.udp('10.0.0.1', 40002, '10.0.0.2', 69, u16(2) + b'b\0netascii\0')
