"""Messages of SMB 1 and 2, for the cases in smb/."""
import struct

CLOSED, SUCCESS, PENDING, MORE = 0xc0000128, 0, 0x103, 0xc0000016
NOT_FOUND = 0xc0000034
(NEGOTIATE, SETUP, LOGOFF, TREE, UNTREE, CREATE, CLOSE, FLUSH, READ, WRITE,
 LOCK, IOCTL, CANCEL, ECHO, QUERY_DIR, NOTIFY, QUERY, SET) = range(18)
SAME = b'\xff' * 16  # the file of the message before


def frame(*messages):
    """A session-service frame; several messages are a compound."""
    body = b''
    for i, m in enumerate(messages):
        if i + 1 < len(messages):
            m += b'\0' * (-len(m) % 8)
            m = m[:20] + struct.pack('<I', len(m)) + m[24:]
        body += m
    return b'\0' + struct.pack('>I', len(body))[1:] + body


def utf16(text):
    return text.encode('utf-16-le')


def filetime(unix):
    return (unix + 11644473600) * 10 ** 7 if unix else 0


def fid(n):
    return struct.pack('<QQ', n, 0xffff0000 + n)


def netbios(name, suffix=0):
    """A name as the session and datagram services carry it."""
    return b' ' + bytes(65 + n for b in name.ljust(15).encode() +
                        bytes([suffix]) for n in (b >> 4, b & 15)) + b'\0'


def slot(name, data):
    """A message into a mailslot."""
    name = name.encode() + b'\0'
    words = struct.pack('<HHHHBBHIHHHHHBBHHH', 0, len(data), 0, 0, 0, 0, 0,
                        1000, 0, 0, 0, len(data), 32 + 1 + 34 + 2 + len(name),
                        3, 0, 1, 0, 2)
    return (b'\xffSMB\x25' + b'\0' * 27 + b'\x11' + words +
            struct.pack('<H', len(name) + len(data)) + name + data)


def datagram(kind, ip, source, target, data=b'', flags=2, number=7):
    body = source + target + data
    return struct.pack('>BBH', kind, flags, number) + ip + struct.pack(
        '>HHH', 138, len(body), 0) + body


class Smb2:
    """Both sides of a connection: numbers of messages are kept here."""

    def __init__(self, conn, session=0x11, tree=5, seg=None):
        self.conn, self.session, self.tree, self.seg = conn, session, tree, seg
        self.mid = 0

    def head(self, command, flags=0, status=0, tree=None, mid=None,
             async_id=None, session=None):
        where = struct.pack('<II', 0xfeff,
                            self.tree if tree is None else tree)
        if async_id is not None:
            flags |= 2
            where = struct.pack('<Q', async_id)
        return (b'\xfeSMB' + struct.pack(
            '<HHIHHIIQ', 64, 1, status, command, 31, flags, 0,
            self.mid if mid is None else mid) + where +
            struct.pack('<Q', self.session if session is None else session) +
            b'\0' * 16)

    def ask(self, command, body, **kw):
        return self.head(command, **kw) + body

    def reply(self, command, body=None, status=0, flags=0, **kw):
        if body is None:
            body = struct.pack('<HHIB', 9, 0, 0, 0)
        return self.head(command, flags=flags | 1, status=status, **kw) + body

    def both(self, command, request, response=None, status=0, **kw):
        self.conn.c(frame(self.ask(command, request, **kw)), seg=self.seg)
        self.conn.s(frame(self.reply(command, response, status, **kw)),
                    seg=self.seg)
        self.mid += 1

    # ---- what clients do ----
    def negotiate(self, dialect=0x311, mode=1, cipher=None):
        contexts = b''
        if cipher is not None:
            contexts = struct.pack('<HHIHH', 1, 4, 0, 0, 1) + b'\0' * 4
            contexts += struct.pack('<HHIHH', 2, 4, 0, 1, cipher)
        self.both(NEGOTIATE,
                  struct.pack('<HHHHI', 36, 2, 1, 0, 0x7f) + b'g' * 16 +
                  b'\0' * 8 + struct.pack('<HH', 0x202, dialect),
                  struct.pack('<HHHH', 65, mode, dialect,
                              2 if contexts else 0) + b'G' * 16 +
                  struct.pack('<IIII', 7, 1 << 20, 1 << 20, 1 << 20) +
                  b'\0' * 16 + struct.pack('<HHI', 128, 0, 128) + contexts,
                  tree=0, session=0)

    def setup(self, status=SUCCESS, flags=0, blob=b'', answer=b''):
        at = 64 + 24
        self.conn.c(frame(self.ask(
            SETUP, struct.pack('<HBBIIHHQ', 25, 0, 1, 0, 0, at, len(blob), 0) +
            blob, tree=0, session=0)), seg=self.seg)
        body = struct.pack('<HHHH', 9, flags, 72, len(answer)) + answer
        self.conn.s(frame(self.reply(SETUP, None if status not in (
            SUCCESS, MORE) else body, status,
                                     tree=0)), seg=self.seg)
        self.mid += 1

    def connect(self, path, share=1, status=SUCCESS):
        path = utf16(path)
        self.conn.c(frame(self.ask(
            TREE, struct.pack('<HHHH', 9, 0, 72, len(path)) + path, tree=0)),
            seg=self.seg)
        self.conn.s(frame(self.reply(
            TREE, None if status else
            struct.pack('<HBBIII', 16, share, 0, 0, 0, 0x1ff), status)),
            seg=self.seg)
        self.mid += 1

    def create_ask(self, name, disposition=1, options=0, access=0x12019f):
        name = utf16(name)
        return struct.pack('<HBBIQQIIIIIHHII', 57, 0, 0, 2, 0, 0, access, 0,
                           7, disposition, options, 120, len(name), 0,
                           0) + (name or b'\0')

    def create_reply(self, n, size=0, when=1600000000):
        t = filetime(when)
        return struct.pack('<HBBIQQQQQQII', 89, 0, 0, 1, t, t, t, t, 0, size,
                           0x20, 0) + fid(n) + b'\0' * 8

    def create(self, name, n, size=0, status=SUCCESS, when=1600000000, **kw):
        self.both(CREATE, self.create_ask(name, **kw),
                  None if status else self.create_reply(n, size, when), status)

    def close_ask(self, n):
        return struct.pack('<HHI', 24, 0, 0) + (
            n if isinstance(n, bytes) else fid(n))

    def close(self, n, status=SUCCESS):
        self.both(CLOSE, self.close_ask(n),
                  None if status else b'\x3c' + b'\0' * 59, status)

    def read_ask(self, n, offset, length):
        return struct.pack('<HBBIQ', 49, 80, 0, length, offset) + (
            n if isinstance(n, bytes) else fid(n)) + b'\0' * 17

    def read_reply(self, data):
        return struct.pack('<HBBIII', 17, 80, 0, len(data), 0, 0) + data

    def read(self, n, offset, data):
        self.both(READ, self.read_ask(n, offset, len(data)),
                  self.read_reply(data))

    def write(self, n, offset, data):
        self.both(WRITE, struct.pack('<HHIQ', 49, 112, len(data), offset) +
                  fid(n) + b'\0' * 16 + data,
                  struct.pack('<HHIII', 17, 0, len(data), 0, 0))

    def set_info(self, n, kind, info, status=SUCCESS):
        self.both(SET, struct.pack('<HBBIHHI', 33, 1, kind, len(info), 96, 0,
                                   0) + fid(n) + info,
                  None if status else struct.pack('<H', 2), status)

    def rename(self, n, name, status=SUCCESS):
        name = utf16(name)
        self.set_info(n, 10, struct.pack('<QQI', 1, 0, len(name)) + name,
                      status)

    def transact(self, n, data, answer):
        """What goes to a pipe, and what comes back."""
        def body(size, at, a, b):
            return struct.pack('<HHI', size, 0, 0x11c017) + fid(n) + a + b
        self.both(IOCTL, body(57, 120, struct.pack(
            '<IIIIII', 120, len(data), 0, 0, 0, 4096),
            struct.pack('<II', 1, 0)) + data,
            body(49, 112, struct.pack('<IIII', 112, 0, 112, len(answer)),
                 b'\0' * 8) + answer)

    def logoff(self):
        self.both(LOGOFF, struct.pack('<HH', 4, 0), struct.pack('<HH', 4, 0))


class Smb1:
    """The same for SMB 1."""

    def __init__(self, conn, uid=7, tid=3, seg=None):
        self.conn, self.uid, self.tid, self.seg = conn, uid, tid, seg
        self.mid = 0

    def message(self, command, words, data, reply=False, status=0, uid=None,
                tid=None, unicode=True):
        flags2 = 0x4001 | (0x8000 if unicode else 0)
        return (b'\xffSMB' + struct.pack(
            '<BIBHHQHHHHH', command, status, 0x98 if reply else 0x18, flags2,
            0, 0, 0, self.tid if tid is None else tid, 99,
            self.uid if uid is None else uid, self.mid) +
            struct.pack('<B', len(words) // 2) + words +
            struct.pack('<H', len(data) & 0xffff) + data)

    def both(self, command, words, data, rwords, rdata, status=0, **kw):
        ask = {k: v for k, v in kw.items() if not k.startswith('r_')}
        answer = dict(ask)
        answer.update({k[2:]: v for k, v in kw.items() if k.startswith('r_')})
        self.conn.c(frame(self.message(command, words, data, **ask)),
                    seg=self.seg)
        self.conn.s(frame(self.message(command, rwords, rdata, True, status,
                                       **answer)), seg=self.seg)
        self.mid += 1

    def negotiate(self):
        self.both(0x72, b'', b'\2LANMAN1.0\0\2NT LM 0.12\0',
                  struct.pack('<HBHHIIIIQHB', 1, 3, 50, 1, 16644, 65536, 0,
                              0x8000f3fd, 0, 0, 8), b'challeng', uid=0, tid=0)

    def setup(self, user, domain, status=0):
        data = b'p' * 24 + b'q' * 24 + b'\0' + utf16(
            user + '\0' + domain + '\0Unix\0Samba\0')
        self.both(0x73, b'\xff\0\0\0' + struct.pack(
            '<HHHIHHII', 16644, 2, 1, 0, 24, 24, 0, 0xd4), data,
            b'' if status else b'\xff\0\0\0' + struct.pack('<H', 0),
            b'' if status else b'\0' + utf16('Windows\0LM\0WG\0'), status,
            uid=0, tid=0, r_uid=self.uid)

    def connect(self, path, service='?????', answer='A:', fs='NTFS'):
        self.both(0x75, b'\xff\0\0\0' + struct.pack('<HH', 0, 1),
                  b'\0' + utf16(path + '\0') + service.encode() + b'\0',
                  b'\xff\0\0\0' + struct.pack('<H', 1),
                  answer.encode() + b'\0' + (b'\0' if len(answer) % 2 else
                                             b'') + utf16(fs + '\0'),
                  tid=0, r_tid=self.tid)

    def create(self, name, n, size=0, options=0, kind=0, status=0):
        t = filetime(1600000000)
        text = utf16(name)
        self.both(0xa2, b'\xff\0\0\0' + struct.pack(
            '<BHIIIQIIIIIB', 0, len(text), 0, 0, 0x20089, 0, 0, 7, 1, options,
            2, 0), b'\0' + text + b'\0\0',
            b'' if status else b'\xff\0\0\0' + struct.pack(
                '<BHIQQQQIQQHHB', 0, n, 1, t, t, t, t, 0x80, 0, size, kind, 7,
                0), b'', status)

    def close(self, n):
        self.both(4, struct.pack('<HI', n, 0), b'', b'', b'')

    def read(self, n, offset, data):
        self.both(0x2e, b'\xff\0\0\0' + struct.pack(
            '<HIHHIHI', n, offset, len(data) & 0xffff, 0, 0, 0, 0), b'',
            b'\xff\0\0\0' + struct.pack(
                '<HHHHHI', 0, 0, 0, len(data) & 0xffff, 60,
                len(data) >> 16) + b'\0' * 6, b'\0' + data)

    def write(self, n, offset, data):
        self.both(0x2f, b'\xff\0\0\0' + struct.pack(
            '<HIIHHHHHI', n, offset, 0, 0, 0, len(data) >> 16,
            len(data) & 0xffff, 64, 0), b'\0' + data,
            b'\xff\0\0\0' + struct.pack('<HHI', len(data) & 0xffff, 0, 0),
            b'')

    def trans(self, command, setup, params, data, rparams=b'', rdata=b'',
              name=b'\0\0'):
        words = struct.pack('<HHHHBBHIH', len(params), len(data), 64, 4096, 0,
                            0, 0, 0, 0)
        at = 32 + 1 + len(words) + 10 + len(setup) + 2 + len(name)
        words += struct.pack('<HHHHBB', len(params), at, len(data),
                             at + len(params), len(setup) // 2, 0) + setup
        back = 32 + 1 + 20 + 2
        self.both(command, words, name + params + data, struct.pack(
            '<HHHHHHHHHBB', len(rparams), len(rdata), 0, len(rparams), back, 0,
            len(rdata), back + len(rparams), 0, 0, 0), rparams + rdata)
