"""What is read out of programs, archives and documents: ELF of both widths and
orders, with and without a loader; Mach-O with libraries and a signature; ZIP
with sizes before and behind the data, encrypted, as a document with macros;
compound files with macros, encrypted, with a directory that chases its tail.
Each also cut short, and with offsets and lengths that lead out of the file."""
import io
import struct
import zipfile

from webkit import *

LOGS = ['files', 'elf', 'macho', 'archive', 'ole']


def elf(wide, big, kind, machine, segments, sections=5):
    e = '>' if big else '<'
    word = e + ('Q' if wide else 'I')
    head = 64 if wide else 52
    row = 56 if wide else 32
    out = (b'\x7fELF' + bytes([1 + wide, 1 + big, 1, 0]) + bytes(8) +
           struct.pack(e + 'HHI', kind, machine, 1) +
           struct.pack(word, 0x1000) + struct.pack(word, head) +
           struct.pack(word, 9999 if sections else 0) +
           struct.pack(e + 'IHHHHHH', 0, head, row, len(segments), 40,
                       sections, 0))
    for type, at, size, flags in segments:
        words = b''.join(struct.pack(word, n) for n in (at, 0, 0, size, size))
        last = struct.pack(word, 1)
        mark = struct.pack(e + 'I', flags)
        out += struct.pack(e + 'I', type) + (
            mark + words + last if wide else words + mark + last)
    return out


def with_loader(wide, big, machine, name):
    head = (64 + 2 * 56) if wide else (52 + 2 * 32)
    return elf(wide, big, 3, machine,
               [(3, head, len(name) + 1, 4), (0x6474e551, 0, 0, 6)]) + \
        name + b'\0' + bytes(200)


def macho(commands, flags=0x200085):
    body = b''.join(struct.pack('<II', kind, 8 + len(v)) + v
                    for kind, v in commands)
    return struct.pack('<IIIIIIII', 0xfeedfacf, 0x100000c, 0, 2,
                       len(commands), len(body), flags, 0) + body + bytes(99)


def dylib(name):
    return 0xc, struct.pack('<IIII', 24, 2, 0, 0) + name.ljust(40, b'\0')


def archive(names, stream=False):
    class Pipe(io.RawIOBase):
        """Cannot be gone back in, so sizes come behind the data."""
        out = b''

        def writable(self):
            return True

        def write(self, b):
            self.out += bytes(b)
            return len(b)
    f = Pipe() if stream else io.BytesIO()
    with zipfile.ZipFile(f, 'w', zipfile.ZIP_DEFLATED) as z:
        for name in names:
            z.writestr(zipfile.ZipInfo(name), b'some text ' * 9)
    return f.out if stream else f.getvalue()


def cfb(names, directory=0, next_sector=0xfffffffe):
    def entry(name, kind):
        text = name.encode('utf-16-le') + b'\0\0'
        return text.ljust(64, b'\0') + struct.pack('<HB', len(text), kind) + \
            bytes(61)
    head = b'\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1' + bytes(16) + struct.pack(
        '<HHHHHHIIIIIIIIII', 62, 3, 0xfffe, 9, 6, 0, 0, 0, 1, directory, 0,
        4096, 0, 0, 0, 0) + struct.pack('<I', 1)
    head = head.ljust(512, b'\xff')
    rows = entry('Root Entry', 5) + b''.join(entry(n, k) for n, k in names)
    fat = struct.pack('<II', next_sector, 0xfffffffd).ljust(512, b'\xff')
    return head + rows[:512].ljust(512, b'\0') + fat + rows[512:]


def make(cap):
    bodies = [
        with_loader(True, False, 62, b'/lib64/ld-linux-x86-64.so.2'),
        with_loader(False, True, 8, b'/lib/ld-uClibc.so.0'),
        elf(False, False, 2, 40, [(0x6474e551, 0, 0, 7)], 0),
        elf(True, False, 3, 999, [(3, 1 << 63, 1 << 62, 4)] * 3)[:200],
        elf(True, False, 2, 62, [])[:40],
        macho([dylib(b'/usr/lib/libSystem.B.dylib'),
               (0x1d, bytes(8)), (0x2c, struct.pack('<IIII', 0, 0, 1, 0))]),
        macho([dylib(b'x'), (0xc, struct.pack('<I', 0xffffffff)),
               (1, b'')])[:100],
        macho([(0x19, bytes(8))] * 3)[:20],
        archive(['a.txt', 'dir/invoice.pdf.exe']),
        archive(['one', 'two'], True),
        archive(['n%d' % i for i in range(70)]),
        archive(['[Content_Types].xml', 'word/vbaProject.bin']),
        archive(['[Content_Types].xml', 'xl/macrosheets/sheet1.xml']),
        archive(['secret'])[:6] + b'\1' + archive(['secret'])[7:],
        archive(['x', 'y'])[:30],
        b'PK\3\4' + b'\xff' * 60,
        cfb([('WordDocument', 2), ('Macros', 1), ('VBA', 1),
             ('\5SummaryInformation', 2), ('dir', 2)], 0, 2),
        cfb([('EncryptedPackage', 2), ('EncryptionInfo', 2)]),
        cfb([('Workbook', 2)], 0, 0),
        cfb([('Workbook', 2)], 0xfffffff0),
        cfb([('Workbook', 2)])[:60],
        bytes(range(256)) * 20,
    ]
    for i, body in enumerate(bodies):
        t = talk(cap, 40001 + i)
        t.c(get('/f'))
        t.s(ok(body))
        t.close()
