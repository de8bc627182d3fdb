"""Discovery, properties read and written, one of several objects, a device
restarted and silenced, errors, segments, forwarding, the network layer."""
import struct

LOGS = ['bacnet', 'weird']
A, B = '10.0.0.1', '10.0.0.2'


def bip(fn, npdu):
    return struct.pack('>BBH', 0x81, fn, len(npdu) + 4) + npdu


def oid(kind, n, tag=b'\x0c'):
    return tag + struct.pack('>I', kind << 22 | n)


def make(cap):
    def ask(apdu, fn=10, npdu=b'\1\4'):
        cap.udp(A, 47808, B, 47808, bip(fn, npdu + apdu))

    def tell(apdu):
        cap.udp(B, 47808, A, 47808, bip(10, b'\1\0' + apdu))
    ask(b'\x10\x08', 11, b'\1\x20\xff\xff\0\xff')
    ask(b'\x10\x08\x09\0\x1a\1\xf4', 11, b'\1\x20\xff\xff\0\xff')
    tell(b'\x10\0' + oid(8, 99, b'\xc4') + b'\x22\5\xc4\x91\3\x22\1\4')
    ask(b'\x10\7\x3d\6\0ahu-1', 11, b'\1\0')
    tell(b'\x10\1' + oid(8, 99, b'\xc4') + oid(0, 3, b'\xc4') + b'\x75\6\0ahu-1')
    ask(b'\0\5\1\x0c' + oid(0, 3) + b'\x19\x55')
    tell(b'\x30\1\x0c' + oid(0, 3) + b'\x19\x55\x3e\x44\x41\xb4\0\0\x3f')
    ask(b'\0\5\2\x0f' + oid(4, 1) + b'\x19\x55\x3e\x91\1\x3f\x49\x08')
    tell(b'\x20\2\x0f')
    ask(b'\0\5\3\x0f' + oid(2, 7) + b'\x19\x57\x29\x08\x3e\x00\x3f')
    tell(b'\x50\3\x0f\x91\2\x91\x28')
    ask(b'\0\5\4\x10' + oid(5, 2) + b'\x1e\x09\x55\x2e\x91\0\x2f\x1f')
    ask(b'\0\5\5\x0e' + oid(8, 99) + b'\x1e\x09\x4d\x09\x46\x1f')
    tell(b'\x30\5\x0e' + oid(8, 99) + b'\x1e\x29\x4d\x4e\x75\5\0PLC1\x4f\x1f')
    ask(b'\0\5\6\x14\x09\1\x1d\5\0pass')
    ask(b'\0\5\7\x11\x09\x0a\x19\1')
    tell(b'\x60\7\x09')
    tell(b'\x71\6\4')
    ask(b'\x10\6\xa4\x7b\x0a\x0a\5\xb4\1\2\3\4')
    ask(b'\x0c\x75\x08\0\4\x07\xc4\2\x80\0\1')
    tell(b'\x40\x08\0\4')
    cap.udp(B, 47808, A, 47808, bip(4, b'\x0a\0\0\3\xba\xc0\1\x08\0\7\1\x63\x10\x08'))
    cap.udp(A, 47808, B, 47808, bip(10, b'\1\x80\1\0\5'))
    cap.udp(A, 47808, B, 47808, bip(5, b'\0\x3c'))
    cap.udp(B, 47808, A, 47808, bip(0, b'\0\0'))
    cap.udp(A, 50000, B, 50001, bip(10, b'\1\4\0\5\1\x0c' + oid(8, 1) + b'\x19\x4d'))
