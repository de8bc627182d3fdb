"""A mount, names that are looked up, made, moved and removed; files read and
written in pieces, over UDP and TCP; a user without rights; version 2."""
from onckit import *

LOGS = ['nfs', 'files', 'weird', 'conn']
C, S = '10.0.0.1', '10.0.0.2'
ROOT, FILE = b'root-handle', b'file-handle'
TEXT = b'The quick brown fox jumps over the lazy dog.\n' * 40


def fh(h):
    return opaque(h)


def make(cap):
    t = cap.tcp(C, 40001, S, 2049)
    t.open()

    def talk(*pairs, seg=None):
        for ask, say in pairs:
            t.c(record(ask), seg)
            if say:
                t.s(record(say), seg)

    at = NO_ATTR
    talk((call(1, MOUNT, 3, 1, opaque('/export')),
          reply(1, u32(0), fh(ROOT), u32(1, 1))),
         (call(2, NFS, 3, 0), reply(2)),
         (call(3, NFS, 3, 3, fh(ROOT), opaque('notes.txt')),
          reply(3, u32(0), fh(FILE), at, at)), seg=[3, 50])
    talk((call(4, NFS, 3, 6, fh(FILE), u64(0), u32(1000)),
          reply(4, u32(0), at, u32(1000, 0), opaque(TEXT[:1000]))),
         (call(5, NFS, 3, 6, fh(FILE), u64(1000), u32(4000)),
          reply(5, u32(0), at, u32(800, 1), opaque(TEXT[1000:]))), seg=77)
    talk((call(6, NFS, 3, 8, fh(ROOT), opaque('new.txt'), u32(0)),
          reply(6, u32(0), u32(1), fh(b'new-handle'), at, at)),
         (call(7, NFS, 3, 7, fh(b'new-handle'), u64(0), u32(9, 2),
               opaque(b'%PDF-1.4\n')), reply(7, u32(0), at)),
         (call(8, NFS, 3, 7, fh(b'new-handle'), u64(20), u32(5, 2),
               opaque(b'later')), reply(8, u32(0), at)),
         (call(9, NFS, 3, 7, fh(b'new-handle'), u64(0), u32(5, 2),
               opaque(b'again')), reply(9, u32(0), at)),
         (call(10, NFS, 3, 21, fh(b'new-handle'), u64(0), u32(0)),
          reply(10, u32(0), at)))
    talk((call(11, NFS, 3, 14, fh(ROOT), opaque('a'), fh(ROOT), opaque('b')),
          reply(11, u32(0), at, at)),
         (call(12, NFS, 3, 10, fh(ROOT), opaque('link'), u32(1, 0o777, 0, 0, 0, 0, 0),
               opaque('/etc/passwd')), reply(12, u32(0), u32(0))),
         (call(13, NFS, 3, 15, fh(FILE), fh(ROOT), opaque('hard')),
          reply(13, u32(17))),
         (call(14, NFS, 3, 1, fh(FILE)), reply(14, u32(70))),
         (call(15, NFS, 3, 6, fh(FILE), u64(0), u32(9), cred=unix(0, 0, 'x')),
          reply(15, u32(13), at)),
         (call(16, NFS, 3, 99), reply(16, status=3)),
         (call(17, NFS, 3, 13, fh(ROOT), opaque('dir')), denied(17)),
         (call(18, NFS, 3, 16, fh(ROOT)), None),
         (call(19, 100021, 4, 1), reply(19)))
    t.c(record(call(20, NFS, 3, 12, fh(ROOT), opaque('gone')), cut=30))
    t.s(record(reply(20, u32(0))))
    t.close()
    h2 = b'H' * 32
    def udp(*messages):
        for i, m in enumerate(messages):
            if i % 2:
                cap.udp(S, 2049, C, 40002, m)
            else:
                cap.udp(C, 40002, S, 2049, m)
    udp(call(1, NFS, 2, 4, h2, opaque('old')), reply(1, u32(0), b'F' * 32),
        call(2, NFS, 2, 6, b'F' * 32, u32(0, 100, 100)),
        reply(2, u32(0), bytes(68), opaque(b'#!/bin/sh\necho\n')),
        call(3, NFS, 2, 8, b'F' * 32, u32(0, 0, 9), opaque(b'#!/bin/x\n')),
        reply(3, u32(0), bytes(68)),
        call(4, NFS, 2, 17, h2), reply(4, u32(0), bytes(20)),
        call(5, NFS, 2, 11, h2, opaque('a'), h2, opaque('b')),
        reply(5, u32(12345)))
