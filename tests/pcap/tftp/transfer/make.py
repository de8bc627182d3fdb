"""Files read and written, with a negotiated block size, blocks that come again
or are lost, an error, a server that answers from its own port, a number that
begins anew, and a port that is not TFTP's own."""
from pk import *

LOGS = ['tftp', 'tftp_transfer', 'files', 'conn', 'weird']
C, S = '10.0.0.1', '10.0.0.2'


def rq(op, name, *options, mode='octet'):
    return u16(op) + b'\0'.join(x.encode() for x in (name, mode) + options) + b'\0'


def data(n, b):
    return u16(3, n & 0xffff) + b


def ack(n):
    return u16(4, n & 0xffff)


def make(cap):
    def swap(cport, sport, *messages, first=S):
        for i, m in enumerate(messages):
            if (i % 2 == 0) == (first == S):
                cap.udp(S, sport, C, cport, m)
            else:
                cap.udp(C, cport, S, sport, m)

    png = b'\x89PNG\r\n\x1a\n' + bytes(504)
    cap.udp(C, 40001, S, 69, rq(1, 'logo.png'))
    swap(40001, 50001, data(1, png), ack(1), data(1, png), ack(1),
         data(2, b'end'), ack(2))
    cap.udp(C, 40002, S, 69, rq(2, '/config/startup', 'blksize', '1000',
                                'tsize', '2100', 'timeout', '3',
                                mode='NetASCII'))
    swap(40002, 50002, u16(6) + b'blksize\0001000\0tsize\0002100\0',
         data(1, b'! config\n' + b'x' * 991), ack(1), data(3, b'z' * 100),
         ack(3))
    cap.udp(C, 40003, S, 69, rq(1, 'none'))
    swap(40003, 50003, u16(5, 1) + b'File not found\0')
    cap.udp(C, 40004, S, 69, rq(1, 'same-port'))
    swap(40004, 69, data(1, b'short'), ack(1))
    cap.udp(C, 40005, S, 6900, rq(1, 'other.bin', mode='mail'))
    swap(40005, 50005, data(1, b'MZ' + bytes(510)), ack(1))
    cap.udp(C, 40006, S, 69, rq(2, 'not-answered'))
