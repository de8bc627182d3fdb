"""EVE events: DATA frames longer than their receiver takes are odd: more than
16384 bytes, unless its SETTINGS say so."""
from h2kit import *

ARGS = ['--format', 'eve']
LOGS = ['anomaly', 'fileinfo']
BODY = frame(DATA, END_STREAM, 1, b'x' * 20000)


def make(cap):
    for port, most in ((40000, None), (40001, 20000)):
        t = talk(cap, port)
        if most:
            t.c(frame(SETTINGS, 0, 0, u16(5) + u32(most)))
        t.c(frame(HEADERS, END_HEADERS | END_STREAM, 1, request('/long')))
        t.s(frame(HEADERS, END_HEADERS, 1, reply(200)) + BODY)
        t.close()
