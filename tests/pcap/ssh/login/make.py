"""Logins: at the first attempt, at the third, never; without any password;
with a banner; compressed, where sizes say nothing; cut into small segments of
one instant."""
from sshkit import *

LOGS = ['ssh', 'weird']
C, S = '10.0.0.1', '10.0.0.2'
OUT = '192.0.2.7'


def auth(t, *answers):
    t.c(sealed(52))
    t.s(sealed(52))      # the service is accepted
    for n in answers:
        t.c(sealed(100))
        t.s(sealed(n))
    t.c(sealed(200))
    t.s(sealed(300))
    t.close()


def make(cap):
    t = cap.tcp(C, 40001, S, 22)
    upto_newkeys(t)
    auth(t, 84, 36)

    t = cap.tcp(C, 40002, OUT, 2222)
    upto_newkeys(t)
    auth(t, 84, 84, 84, 36)

    t = cap.tcp(OUT, 40003, S, 22)
    upto_newkeys(t)
    auth(t, 84, 84, 84, 84)

    t = cap.tcp(C, 40004, S, 22)
    upto_newkeys(t)
    auth(t, 36)

    t = cap.tcp(C, 40005, S, 22)
    upto_newkeys(t)
    auth(t, 900, 84, 84, 36)

    t = cap.tcp(C, 40006, S, 22)
    upto_newkeys(t, comp='zlib@openssh.com,none')
    auth(t, 84, 36)

    t = cap.tcp(C, 40007, S, 22)
    upto_newkeys(t)
    cap.step = 0
    t.c(sealed(52), seg=20)
    cap.wait(0.001)
    t.s(sealed(52), seg=20)
    cap.wait(0.001)
    t.c(sealed(100), seg=20)
    cap.wait(0.001)
    t.s(sealed(36), seg=20)
    cap.step = 1000000
    cap.wait(0.001)
    t.c(sealed(100))
    t.close()
