"""Multipart bodies: a form with a file, parts in parts, a part without an end,
a boundary that is cut, base 64 in a part, ranges as parts."""
from webkit import *

LOGS = ['http', 'files', 'weird']

FORM = (b'preamble\r\n--AaB03x\r\nContent-Disposition: form-data; name="who"\r\n'
        b'\r\nLarry is here\r\n--AaB03x\r\nContent-Disposition: form-data; '
        b'name="file"; filename="dog.png"\r\nContent-Type: image/png\r\n\r\n' +
        PNG + b'\r\n--AaB03x--\r\n')


def post(content_type, body, *fields):
    return get('/post', 'Content-Type: ' + content_type,
               'Content-Length: %d' % len(body), *fields, method='POST',
               body=body)


def make(cap):
    for port, seg in ((40001, None), (40002, 1), (40003, 9)):
        t = talk(cap, port)
        t.c(post('multipart/form-data; boundary=AaB03x', FORM), seg=seg)
        t.s(ok())
        t.close()

    inner = (b'--in\r\n\r\nfirst inner part\r\n--in\r\nContent-Transfer-'
             b'Encoding: base64\r\n\r\nSGVsbG8sIHdvcmxkIQ==\r\n--in--\r\n')
    body = (b'--out\r\nContent-Type: multipart/mixed; boundary="in"\r\n\r\n' +
            inner + b'--out\r\n\r\nouter part, without an end\r\n')
    t = talk(cap, 40004)
    t.c(post('multipart/mixed; boundary="out"', body))
    t.s(ok())
    t.close()

    # Chunks cut the parts; the response is a message in a message.
    t = talk(cap, 40005)
    t.c(get('/post', 'Content-Type: multipart/form-data; boundary=AaB03x',
            'Transfer-Encoding: chunked', method='POST',
            body=chunks(FORM, 11)))
    t.s(ok(b'Subject: x\r\n\r\nThe text of a message.\r\n',
           'Content-Type: message/rfc822'))
    t.close()
