"""onckit.py - ONC RPC and NFS messages for the golden cases."""
from pk import *


def opaque(b):
    b = b.encode() if isinstance(b, str) else b
    return u32(len(b)) + b + bytes(-len(b) % 4)


def unix(uid=1000, gid=100, machine='wks1'):
    body = u32(7) + opaque(machine) + u32(uid, gid, 0)
    return u32(1, len(body)) + body


def call(xid, program, version, procedure, *args, cred=None):
    return u32(xid, 0, 2, program, version, procedure) + (
        unix() if cred is None else cred) + u32(0, 0) + b''.join(args)


def reply(xid, *results, status=0):
    return u32(xid, 1, 0, 0, 0, status) + b''.join(results)


def denied(xid):
    return u32(xid, 1, 1, 1, 5)


def record(message, cut=None):
    """With its mark; cut: in two fragments."""
    if cut is None:
        return u32(len(message) | 1 << 31) + message
    return u32(cut) + message[:cut] + u32(
        (len(message) - cut) | 1 << 31) + message[cut:]


NFS, MOUNT, PORTMAP = 100003, 100005, 100000
NO_ATTR = u32(0)
