"""sipkit.py - SIP messages and RTP packets for golden cases."""
from pk import u8, u16, u32


def sdp(host, port, extra=''):
    return ('v=0\r\no=- 1 1 IN IP4 %s\r\ns=-\r\nc=IN IP4 %s\r\nt=0 0\r\n'
            'm=audio %d RTP/AVP 8 96\r\na=rtpmap:96 opus/48000/2\r\n%s' %
            (host, host, port, extra)).encode()


def message(first, headers=(), body=b'', length=None):
    lines = [first] + list(headers)
    lines.append('Content-Length: %d' % (len(body) if length is None
                                         else length))
    return '\r\n'.join(lines).encode() + b'\r\n\r\n' + body


def request(method, seq=1, more=(), body=b'', to='bob', **kw):
    return message('%s sip:%s@example.org SIP/2.0' % (method, to), [
        'Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK%d' % seq,
        'From: "Alice" <sip:alice@example.org>;tag=1',
        'To: <sip:%s@example.org>' % to, 'Call-ID: 1@10.0.0.1',
        'CSeq: %d %s' % (seq, method), 'User-Agent: phone/1'] + list(more),
        body, **kw)


def response(code, text, method='INVITE', seq=1, more=(), body=b'', **kw):
    return message('SIP/2.0 %d %s' % (code, text), [
        'v: SIP/2.0/UDP 10.0.0.1:5060; branch=z9hG4bK%d' % seq,
        'f: "Alice" <sip:alice@example.org>;tag=1',
        't: <sip:bob@example.org>;tag=2', 'i: 1@10.0.0.1',
        'CSeq: %d %s' % (seq, method), 'Server: exchange/2'] + list(more),
        body, **kw)


def rtp(seq, stamp, ssrc=0x11223344, kind=8, payload=b'\xd5' * 160, first=0x80,
        marker=0):
    return u8(first, marker << 7 | kind) + u16(seq & 0xffff) + \
        u32(stamp & 0xffffffff, ssrc) + payload


def report(ssrc, cname=None):
    """A sender's report without blocks, and perhaps a name."""
    data = u8(0x80, 200) + u16(6) + u32(ssrc, 1, 2, 3, 4, 5)
    if cname:
        item = u32(ssrc) + u8(1, len(cname)) + cname
        item += b'\0' * (4 - len(item) % 4)
        data += u8(0x81, 202) + u16(len(item) // 4) + item
    return data
