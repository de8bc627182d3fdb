"""EVE events: names whose pointers point forward, or round and round; opcodes
that there are not, from either side."""
from dnskit import *

ARGS = ['--format', 'eve']
LOGS = ['dns', 'anomaly']
C, S = '10.0.0.1', '10.0.0.53'
OPCODE9 = 9 << 11


def make(cap):
    cap.udp(C, 5000, S, 53, message(
        1, RD, [ptr(18) + u16(A, 1), question('later.example', A)]))
    cap.udp(C, 5000, S, 53, message(
        2, RD, [ptr(14) + ptr(12), question('round.example', A)]))
    cap.udp(C, 5001, S, 53, message(
        3, OPCODE9, [question('odd.example', A)]))
    cap.udp(S, 53, C, 5001, message(
        3, QR | OPCODE9, [question('odd.example', A)]))
