"""IKEv2 and IKEv1 in both modes, behind a firewall with ESP on the same flow,
refusals, vendor identifiers, payloads that lie, messages cut everywhere."""
from pk import u16, u32, u8

LOGS = ['ike', 'weird', 'conn']
A, B = '10.0.0.1', '10.0.0.2'
I, R = b'initiato', b'responde'


def msg(exchange, *payloads, ver=0x20, flags=8, spi=(I, b'\0' * 8), mid=0,
        length=None, first=None):
    body = b''
    kinds = [k for k, _ in payloads] + [0]
    for n, (_, data) in enumerate(payloads):
        body += u8(kinds[n + 1], 0) + u16(4 + len(data)) + data
    return spi[0] + spi[1] + u8(kinds[0] if first is None else first, ver,
                                exchange, flags) + \
        u32(mid, 28 + len(body) if length is None else length) + body


def transform(kind, ident, last, *attrs):
    body = u8(kind, 0) + u16(ident) + b''.join(u16(0x8000 | a, v)
                                               for a, v in attrs)
    return u8(0 if last else 3, 0) + u16(4 + len(body)) + body


def proposal(number, last, *transforms):
    body = u8(number, 1, 0, len(transforms)) + b''.join(transforms)
    return u8(0 if last else 2, 0) + u16(4 + len(body)) + body


SA = (33, proposal(1, False, transform(1, 12, False, (14, 256)), transform(
    2, 5, False), transform(3, 12, False), transform(4, 14, True)) +
    proposal(2, True, transform(1, 20, False, (14, 128)),
             transform(9, 777, False), transform(4, 31, True)))
KE = (34, u16(14, 0) + b'k' * 32)
NONCE = (40, b'n' * 32)


def suite(number, last, *attrs):
    body = u8(number, 1) + u16(0) + b''.join(u16(0x8000 | a, v)
                                             for a, v in attrs) + \
        u16(12, 4) + u32(86400)
    return u8(0 if last else 3, 0) + u16(4 + len(body)) + body


SA1 = (1, u32(1, 1) + proposal(1, True, suite(
    1, False, (1, 7), (14, 256), (2, 4), (3, 1), (4, 14)), suite(
    2, True, (1, 5), (2, 1), (3, 65001), (4, 2))))
VENDOR = (13, bytes.fromhex('afcad71368a1f1c96b8696fc77570100'))


def make(cap):
    both = (I, R)
    cap.udp(A, 500, B, 500, msg(34, SA, KE, NONCE, (43, b'vendor'), (
        41, u8(0, 0) + u16(16388) + b'h' * 20)))
    cap.udp(B, 500, A, 500, msg(34, SA, KE, NONCE, (41, u8(0, 0) + u16(999)),
                                spi=both, flags=0x20))
    cap.udp(A, 500, B, 500, msg(35, (46, b'e' * 64), spi=both, mid=1))
    cap.udp(A, 501, B, 500, msg(34, SA, KE, NONCE))
    cap.udp(B, 500, A, 501, msg(34, (41, u8(0, 0) + u16(14)), flags=0x20))
    one = dict(ver=0x10, flags=0)
    cap.udp(A, 502, B, 500, msg(2, SA1, VENDOR, **one))
    cap.udp(B, 500, A, 502, msg(2, SA1, spi=both, **one))
    cap.udp(A, 502, B, 500, msg(2, (5, b'e' * 40), spi=both, ver=0x10,
                                flags=1))
    cap.udp(A, 503, B, 500, msg(4, SA1, (4, b'k' * 32), (10, b'n' * 16), (
        5, u8(3, 17) + u16(500) + b'me@example.org'), **one))
    cap.udp(A, 504, B, 500, msg(4, (5, u8(1, 17) + u16(0) + b'\x0a\0\0\1'),
                                **one))
    cap.udp(A, 505, B, 500, msg(4, (5, u8(11, 0) + u16(0) + b'\x01\x02'),
                                **one))
    cap.udp(B, 500, A, 503, msg(5, (11, u32(1) + u8(1, 0) + u16(14)), **one))
    cap.udp(A, 4500, B, 4500, b'\0' * 4 + msg(35, (46, b'e' * 64), spi=both))
    cap.udp(A, 4500, B, 4500, b'\xff')
    cap.udp(A, 4500, B, 4500, u32(0x12345678, 1) + b'e' * 40)
    cap.udp(A, 4501, B, 4500, u32(0x12345678, 1) + b'e' * 40)
    whole = msg(34, SA, KE, NONCE)
    port = 20000
    for data in [whole[:n] for n in range(0, len(whole), 17)] + [
            msg(34, SA, KE, length=9), msg(99, SA), msg(34, SA, ver=0x30),
            msg(34, (33, SA[1][:20])), msg(34, (33, u8(0, 0) + u16(3))),
            msg(34, (33, proposal(1, True, u8(0, 0) + u16(2)))),
            msg(34, first=40), msg(34, (43, b'')), msg(34, (41, b'')),
            msg(34, *[(43, b'v%d' % i) for i in range(40)]),
            msg(4, (5, b''), **one), msg(4, (1, b'x'), **one)]:
        port += 1
        cap.udp(A, port, B, 500, data)
        cap.udp(A, port, B, 9500, data)
