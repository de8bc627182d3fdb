"""A state repeated, a new one, a simulated one, another sender with the same
name; frames that are cut, or lie."""
from isokit import ber
from pk import u16, u32

LOGS = ['goose']
A, B, TO = '02:00:00:00:00:01', '02:00:00:00:00:66', '01:0c:cd:01:00:01'


def g(st, sq, sim=0, ref=b'LD0/LLN0$GO$gcb1', length=None):
    pdu = ber(0x61, ber(0x80, ref), ber(0x81, u16(2000)), ber(0x82, b'LD0/LLN0$ds'),
              ber(0x83, b'trip'), ber(0x84, bytes(8)), ber(0x85, u32(st)), ber(0x86, bytes([sq])),
              ber(0x87, bytes([sim])), ber(0x88, b'\1'), ber(0x89, b'\0'), ber(0x8a, b'\2'),
              ber(0xab, ber(0x83, b'\1'), ber(0x84, b'\3\0\0')))
    return u16(0x3001, (8 + len(pdu)) if length is None else length, 0, 0) + pdu


def make(cap):
    for sq in range(4):
        cap.eth(A, TO, 0x88b8, g(1, sq), vlan=0)
        cap.wait(1)
    cap.eth(A, TO, 0x88b8, g(2, 0), vlan=5)
    cap.eth(A, TO, 0x88b8, g(2, 1, sim=1), vlan=5)
    cap.eth(B, TO, 0x88b8, g(3, 0), vlan=5)
    cap.eth(B, TO, 0x88b8, g(4, 0)[:30])
    cap.eth(B, TO, 0x88b8, u16(1, 20, 0, 0) + ber(0x61, ber(0x85, b'\1')))
    cap.eth(B, TO, 0x88b8, u16(1, 20, 0, 0) + b'\x61\x84\xff\xff\xff\xff')
