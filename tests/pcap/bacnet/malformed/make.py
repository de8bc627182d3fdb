"""A length that lies, tags that overrun, a wrong version, truncation at each
layer; what is no BACnet on its port."""
LOGS = ['bacnet', 'weird', 'conn']
A, B = '10.0.0.1', '10.0.0.2'
WHO = b'\x81\x0b\0\x08\1\0\x10\x08'


def make(cap):
    cap.udp(A, 47808, B, 47808, WHO)
    for p in (WHO + b'extra', WHO[:6], b'\x81\x0a\0\x40\1\4\0', b'\x81\x0a\0\x0a\2\4\0\5\1\x0c',
              b'\x81\x0a\0\x0e\1\4\0\5\1\x0c\x0d\xff\xff\xff',
              b'\x81\x0a\0\x0e\1\4\0\5\1\x0f\x3e\x3e\x3e\xfd',
              b'\x81\x0a\0\x0a\1\4\x50\1\x0c\x91', b'\x81\x0a\0\x06\1\x28',
              b'\x81\x0a\0\x07\1\x20\0', b'\x81\x04\0\x06\1\2', b'\x81\xff\0\4',
              b'\x81\x0a\0\x08\1\4\xf0\0', b'\x81'):
        cap.udp(A, 47808, B, 47808, p)
    cap.udp(A, 40001, B, 47808, b'\x81\x0a\0\x20\1\4\0')
    cap.udp(A, 40002, B, 47808, b'GET / HTTP/1.0')
    cap.udp(A, 40003, B, 47808, b'\x81\x0a\0\x08\2\0\x10\x08')
