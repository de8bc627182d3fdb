"""EVE events: types and codes that ICMP does not have."""
ARGS = ['--format', 'eve']
LOGS = ['anomaly']
A, B = '10.0.0.1', '10.0.0.2'


def make(cap):
    for kind, code in ((8, 0), (3, 15), (3, 16), (1, 0), (14, 1), (9, 16),
                       (19, 0), (255, 255)):
        cap.icmp(A, B, kind, code, bytes(40))
    cap.icmp('fe80::1', 'fe80::2', 19, 0, bytes(8))
