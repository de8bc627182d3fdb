"""What begins as RTP does but does not go on so: numbers that leap, a source
that changes, padding and extensions longer than the packet, reports that do
not fill the datagram."""
from pk import u8, u16, u32
from sipkit import report, rtp

LOGS = ['rtp', 'conn']
A, B = '10.0.0.1', '10.0.0.2'


def make(cap):
    flows = [
        [rtp(i * 1000, 160 * i) for i in range(9)],
        [rtp(i, 160 * i, ssrc=i + 1) for i in range(9)],
        [rtp(7, 160 * i) for i in range(9)],
        [rtp(i, 90000000 * i) for i in range(9)],
        [rtp(i, 160 * i, kind=80) for i in range(9)],
        [rtp(i, 160 * i, payload=b'') for i in range(9)],
        [rtp(i, 160 * i, first=0xa0, payload=b'\xff' * 20) for i in range(9)],
        [rtp(i, 160 * i, first=0x90, payload=b'\0\0\xff\xff') for i in
         range(9)],
        [rtp(i, 160 * i, first=0x8f, payload=b'x' * 20) for i in range(9)],
        [rtp(i, 160 * i)[:11] for i in range(9)],
        [report(1)[:-1]] * 9, [report(1)],
        [u8(0x80, 200) + u16(9) + u32(1, 2)] * 9,
        [rtp(i, 160 * i) for i in range(3)],
    ]
    for n, packets in enumerate(flows):
        for p in packets:
            cap.udp(A, 20000 + n, B, 30000 + n, p)
