"""Windows programs in the files that HTTP carries: a 64-bit one that is
signed, a 32-bit driver cut in two by a segment's end, one whose headers end
early, one whose header's offset leads out of the file."""
import struct

from webkit import *

LOGS = ['files', 'pe']


def program(machine, wide, subsystem, flags, system, tables, sections,
            characteristics=0x22):
    dos = b'MZ' + bytes(58) + struct.pack('<I', 0x80)
    optional = struct.pack('<HBB', 0x20b if wide else 0x10b, 14, 0)
    optional += bytes(36) + struct.pack('<HH', *system) + bytes(24)
    optional += struct.pack('<HH', subsystem, flags)
    optional += bytes(36 if wide else 20) + struct.pack('<I', 16)
    for i in range(16):
        optional += struct.pack('<II', 0x1000 if i in tables else 0,
                                0x40 if i in tables else 0)
    head = b'PE\0\0' + struct.pack('<HHIIIHH', machine, len(sections),
                                   0x5f5e1000, 0, 0, len(optional),
                                   characteristics)
    rows = b''.join(s.ljust(8, b'\0') + bytes(32) for s in sections)
    return dos.ljust(0x80, b'\0') + head + optional + rows


def fetch(cap, port, body, cut=None):
    t = talk(cap, port)
    t.c(get('/setup.exe'))
    answer = ok(body)
    if cut:
        t.s(answer[:cut])
        t.s(answer[cut:])
    else:
        t.s(answer)
    t.close()


def make(cap):
    signed = program(0x8664, True, 3, 0x4160, (10, 0), {0, 1, 4, 6},
                     [b'.text', b'.rdata', b'.longname']) + bytes(600)
    fetch(cap, 40001, signed)
    driver = program(0x14c, False, 1, 0x400, (6, 1), {1}, [b'INIT'],
                     0x102) + bytes(9000)
    fetch(cap, 40002, driver, 300)
    fetch(cap, 40003, signed[:0xb0])
    fetch(cap, 40004, signed[:60] + struct.pack('<I', 0xfffffff0)
          + signed[64:])
