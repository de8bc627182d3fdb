"""Calls over TCP on ports of no meaning: two contexts, one refused; NTLM
inside; fragments; a fault; another context later; an operation and an
interface without names; calls that overlap; one without an answer; big-endian
numbers; the greeting of ncacn_http; a conversation seen from the middle."""
from gsskit import *
from pk import *
from rpckit import *

C, S = '10.0.0.1', '10.0.0.2'
LOGS = ['dce_rpc', 'ntlm', 'weird']


def login(cap):
    c = cap.tcp(C, 40000, S, 49667)
    c.open()
    c.c(bind(1, (0, SAMR, 1), (1, NOBODY, 3), verifier=auth(10, 6, negotiate())),
        seg=9)
    c.s(bound(1, 0, 2, name=b'49667\0', verifier=auth(10, 6,
                                                     challenge(SERVER))), seg=7)
    c.c(pdu(AUTH3, 1, b'\0\0\0\0', verifier=auth(
        10, 6, authenticate('OFFICE', 'ann', 'PC-7', nt=v2_answer(SERVER)))))
    c.c(request(2, 0, 64, b'x' * 40, FIRST) + request(2, 0, 64, b'y' * 30, LAST),
        seg=31)
    c.s(response(2, 0, b'z' * 3000, FIRST) + response(2, 0, b'z' * 10, LAST),
        seg=50)
    c.c(request(3, 0, 7, obj=NOBODY, verifier=auth(10, 6, b'sign' * 4)))
    c.s(fault(3, 0, 5))
    c.c(bind(4, (2, SVCCTL, 2), kind=ALTER))
    c.s(bound(4, 0, kind=ALTER_RESP))
    c.c(request(5, 2, 15) + request(6, 2, 12) + request(7, 1, 900))
    c.s(response(6, 2) + response(5, 2) + fault(7, 1, 0x1c010002))
    c.c(request(8, 2, 222))
    c.close()


def make(cap):
    login(cap)
    c = cap.tcp(C, 40001, S, 40500)
    c.open()
    c.c(bind(1, (0, EFS, 1), order='>'))
    c.s(bound(1, 0, name=b'\\PIPE\\lsass\0', order='>'))
    c.c(request(2, 0, 4, b'path', order='>'))
    c.s(response(2, 0, b'no', order='>'))
    c.close()
    c = cap.tcp(C, 40002, S, 593)
    c.open()
    c.s(b'ncacn_http/1.0', seg=5)
    c.c(bind(1, (0, DRSUAPI, 4)))
    c.s(bound(1, 0, name=b'593\0'))
    c.c(request(2, 0, 3))
    c.s(response(2, 0))
    c.close()
    c = cap.tcp(C, 40003, S, 49001)
    c.c(request(11, 0, 3))
    c.s(response(11, 0))
    c.c(bind(12, (5, SVCCTL, 2), kind=ALTER))
    c.s(bound(12, 0, kind=ALTER_RESP))
    c.c(request(13, 5, 12))
    c.s(response(13, 5))
    c.close()
