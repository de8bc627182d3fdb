"""A first message of each protocol that is told by name; the service of the
conn records is what is wanted. A side's message may come in pieces."""
import struct
from pk import u8, u16, u32, u24, u64

LOGS = ['conn']
C, S = '10.0.0.1', '10.0.0.2'


def le16(n):
    return struct.pack('<H', n)


def le32(n):
    return struct.pack('<I', n)


def le64(n):
    return struct.pack('<Q', n)


def soap(ns):
    return (b'<?xml version="1.0"?><s:Envelope xmlns:s="x" xmlns:d="http://'
            b'schemas.xmlsoap.org' + ns + b'"><s:Body/></s:Envelope>')


def netflow9(sets):
    return u16(9, 1) + u32(1000, 1700000000, 1, 0) + sets


DATAGRAMS = [
    (6346, b'GND\x10\x3e\xae\x01\x01T\x0bQKRP\x06RNA]/\xe25\x09p'),
    (17500, b'{"host_int": 413767116, "version": [1, 8]}'),
    (21027, b'\x2e\xa7\xd9\x0b\x0a\x20' + b'k' * 32),
    (57621, b'SpotUdp0' + b'\x5a' * 32),
    (27036, b'\xff\xff\xff\xff\x21\x4c\x5f\xa0' + b'\x16\0\0\0' + b'b' * 22),
    (64738, u32(0) + u64(12345678)), (64738, b'\0\x01\x03\x04' + b'v' * 20),
    (36037, b'\0' * 11 + b'\x17\x24\x47\x50\0' + b'\0' * 80),
    (177, u16(1, 2, 1) + b'\0'),
    (2427, b'RSIP 262662134 *@vg224 MGCP 0.1\nRM: graceful\n'),
    (2944, b'!/1 <iMSS>\nT=555282713{C=-{AV=DS/1/5{AT{M}}}}'),
    (2944, b'MEGACO/1 [10.23.1.42]:2944 P=1{C=-{}}'),
    (6831, b'\x82\x81\xb2\x81\x01\x09emitBatch\x1c\x1c'),
    (25826, u16(0, 9) + b'host\0' + u16(8, 12) + u64(1) + u16(2, 8) +
     b'cpu\0'),
    (25826, u16(0x0210, 60) + b'e' * 56),
    (3784, u8(0x20, 0x40, 3, 24) + u32(1, 0, 1000000, 1000000, 500000)),
    (3785, u32(0, 1, 0)),
    (4342, u32(0x32000102) + b'n' * 100),
    (646, u16(1, 30) + u32(0x0a000006) + u16(0, 0x100, 20) + u32(0) +
     u16(0x400, 4) + u32(0x000f0000) + u16(0x401, 4) + u32(1)),
    (319, u8(0, 2) + u16(44) + b'\0' * 40),
    (320, u8(12, 2) + u16(54) + b'\0' * 52),
    (2002, le32(2) + le32(64) + b'NONCPAD\xff' + b'n' * 64 + b'\0' * 944),
    (5351, b'\0\0'), (5351, u8(0, 1, 0, 0) + u16(80, 8080) + u32(3600)),
    (5351, u8(2, 1, 0, 0) + u32(3600) + b'\0' * 16 + b'm' * 36),
    (2123, u8(0x32, 16) + u16(4) + u32(0) + u32(1)),
    (2123, u8(0x48, 32) + u16(8) + u32(0) + u32(1 << 8)),
    (3386, u8(0x2e, 0xf0) + u16(4) + u16(0x47e) + u32(1)),
    (2055, u16(5, 1) + b'\0' * 20 + b'r' * 48),
    (2055, netflow9(u16(0, 12, 256, 1, 8, 4))),
    (4739, u16(10, 28) + u32(1700000000, 1, 0) + u16(2, 12, 256, 1, 8, 4)),
    (6343, u32(5, 1, 0x0a000001, 0, 1, 1000, 1, 1, 8) + b's' * 8),
    (5004, b'IP=90.186.132.133,PORT=51381'),
    (5004, u32(3, 7) + b'opcode' + u32(2, 1, 9) + b'get_token'),
    (5353, b'r6fnvWj8' + b'\x38' * 100),
    (1044, u8(0x40, 1, 0, 0) + u32(0x0a000001, 1) + b'\0' * 28),
    (8612, b'BJNP\x02\x01\0\0' + u16(1, 0) + u32(0)),
    (3702, soap(b'/ws/2005/04/discovery')),
]

STREAMS = [
    (6346, b'GNUTELLA CONNECT/0.6\r\nUser-Agent: x\r\n\r\n',
     b'GNUTELLA/0.6 200 OK\r\n\r\n'),
    (4662, b'\xe3' + le32(40) + b'\x01\x10' + b'h' * 38, b''),
    (22000, b'\x2e\xa7\xd9\x0b\0\x10' + b'h' * 16, b''),
    (8333, b'\xf9\xbe\xb4\xd9version\0\0\0\0\0' + le32(85) + b'v' * 89, b''),
    (30303, u16(404) + b'\x04' + b'k' * 403, b''),
    (3333, b'{"id":1,"method":"mining.subscribe","params":[]}\n',
     b'{"id":1,"result":[]}\n'),
    (8080, b'{"jsonrpc": "2.0", "method": "echo", "id": 1}', b''),
    (548, u8(0, 4) + u16(1) + u32(0, 6, 0) + b'\x01\x04\0\0\x04\0', b''),
    (6789, b'', b'ceph v027'),
    (988, b'\x00\x71\xce\xac\x01\0\0\0' + b'a' * 8, b''),
    (4070, u16(4) + u32(329) + b'\x52\x0f\x50\x02\xa0' + b's' * 318, b''),
    (1935, b'\x03' + u32(1000, 0) + b'r' * 1528, b'\x03' + u32(1, 0)),
    (5938, b'\x17\x24\x0a\x20\0\0\0\0\0\0', b''),
    (1494, b'', b'\x7f\x7fICA\0'), (2598, b'\x1aCGP/01', b''),
    (2000, le32(8) + le32(0) + le32(2) + le32(0), b''),
    (4000, b'8=FIX.4.1\x019=0014\x0135=1\x01112=farm\x0110=217\x01', b''),
    (6661, b'\x0bMSH|^~\\&|APP|FAC\r\x1c\r', b''),
    (9090, u32(0x80010001, 4) + b'ping' + u32(1) + b'\0', b''),
    (9090, u32(17) + u32(0x80010001, 4) + b'ping' + u32(1) + b'\0', b''),
    (9001, le64(1) + le64(2) + le64(16) + b'127.0.0.1:9002\0\0', b''),
    (4730, b'\0REQ' + u32(1, 2) + b'wc', b'\0RES' + u32(10, 0)),
    (2775, u32(40, 2, 0, 1) + b'me\0secret12\0SMPP\0\x34\0\0\0'.ljust(24,
     b'\0'), u32(21, 0x80000002, 0, 1) + b'SMSC\0'),
    (1099, b'JRMI\0\x02\x4b', b''), (8009, b'\x12\x34\0\x01\x0a',
     b'AB\0\x01\x09'),
    (8009, b'\x12\x34' + u16(20) + b'\x02\x02\0\x08HTTP/1.1\0\0\x01/\0', b''),
    (443, b'PROXY TCP4 11.111.11.111 222.222.222.22 52176 443\r\n', b''),
    (443, b'\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c' + b'a' * 12, b''),
    (119, b'', b'200 server ready (posting ok)\r\n'),
    (1119, b'', b'200 Leafnode NNTP Daemon\r\n'),
    (43, b'example.org\r\n', b'No match\r\n'),
    (210, b'\xb4\x20\x83\x02\x05\x20\x84\x02\x06\xc0' + b'o' * 24, b''),
    (6556, b'', b'<<<check_mk>>>\nVersion: 1.4\n'),
    (4342, u16(0x11, 24) + u32(1) + b'm' * 12 + u32(0x9facade9), b''),
    (646, u16(1, 32) + u32(0x0a000101) + u16(0, 0x200, 22) + b'\0' * 22, b''),
    (6653, u8(6, 0) + u16(16) + u32(1) + u16(1, 8) + u32(0x40), u8(6, 0) +
     u16(8) + u32(2)),
    (3868, u8(1) + u24(40) + u8(0x80) + u24(257) + u32(0, 1, 2) + u32(264) +
     u8(0x40) + u24(20) + b'host.example', b''),
    (655, b'0 me 17\n', b'0 you 17\n'),
]


def make(cap):
    port = 20000
    for to, data in DATAGRAMS:
        port += 1
        cap.udp(C, port, S, to, data)
    for to, client, server in STREAMS:
        port += 1
        t = cap.tcp(C, port, S, to)
        t.open()
        if client:
            t.c(client)
        if server:
            t.s(server)
        t.close()
    for to, client, _ in STREAMS[:7]:
        port += 1
        t = cap.tcp(C, port, S, to)
        t.open()
        if client:
            t.c(client, seg=7)
        t.close()
