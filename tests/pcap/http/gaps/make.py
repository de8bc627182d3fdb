"""Lost segments: inside a body, inside a chunk, around the end of a message,
inside a header, and the place found again; a flow met in its middle."""
from webkit import *

LOGS = ['http', 'files']
ARGS = ['--midstream']
BODY = TEXT * 200


def make(cap):
    t = talk(cap, 40001)
    t.c(get('/body'))
    whole = ok(BODY)
    t.s(whole[:3000])
    t.skip('s', 2000)
    t.s(whole[5000:])
    t.c(get('/after'))
    t.s(ok(HTML))
    t.close()

    t = talk(cap, 40002)
    t.c(get('/end'))
    t.s(whole[:3000])
    t.skip('s', len(whole) - 3000 + 20)
    t.c(get('/lost'))
    t.s(b'X: rest of a header\r\n\r\n')
    t.c(get('/found'))
    t.s(ok(HTML))
    t.close()

    t = talk(cap, 40003)
    t.c(get('/request', 'X: ' + 'y' * 100)[:60])
    t.skip('c', 70)
    t.s(ok(TEXT))
    t.c(get('/again'))
    t.s(ok(HTML))
    t.close()

    t = talk(cap, 40004)
    t.c(get('/chunks'))
    whole = ok(chunks(BODY, 4000), 'Transfer-Encoding: chunked', length=False)
    t.s(whole[:1000])
    t.skip('s', 500)
    t.s(whole[1500:])
    t.close()

    # No SYN: begins with a whole request, ends in the middle of a body.
    t = cap.tcp(C, 40005, S, 80)
    t.c(get('/middle'))
    t.s(ok(BODY)[:2000])
