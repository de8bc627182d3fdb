"""Tickets asked for over UDP and TCP: granted, refused with and without words
of the KDC's own, asked for twice, not answered; S4U2self and S4U2proxy; a
reply whose request was not seen; a port that is not Kerberos' own; changes of
passwords."""
from berkit import *

C, S = '10.0.0.1', '10.0.0.2'
ANN, TGT = 'ann', 'krbtgt/EXAMPLE.ORG'


def make(cap):
    def ask(port, *messages, server=88):
        for i, m in enumerate(messages):
            if m and i % 2:
                cap.udp(S, server, C, port, m)
            elif m:
                cap.udp(C, port, S, server, m)

    as_req = kdc_req(10, ANN, TGT, addresses=[(2, b'\x0a\0\0\1'),
                                              (20, b'WKS1           ')])
    as_rep = kdc_rep(11, ANN, ticket(TGT, cipher=b'tgt'))
    # Windows says by the code alone that it wants pre-authentication, MIT
    # says so in words that are not worth a record.
    ask(40001, as_req, krb_error(25, TGT))
    ask(40002, as_req, krb_error(25, TGT, 'NEEDED_PREAUTH'),
        kdc_req(10, ANN, TGT, pa=[padata(2, b'stamp'), padata(128, b'pac')]),
        as_rep)
    ask(40003, as_req, None, as_req, as_rep)
    ask(40004, as_req, krb_error(6, TGT, 'CLIENT_NOT_FOUND', ANN))
    ask(40005, kdc_req(10, ANN, TGT, start='20230101000000Z',
                       till='99991231235959Z', options=0, etypes=[23, 3]))
    tgs = kdc_req(12, None, 'cifs/files.example.org',
                  pa=[padata(1, ap_req(ticket(TGT, cipher=b'tgt')))])
    rep = kdc_rep(13, ANN, ticket('cifs/files.example.org', etype=23,
                                  cipher=b'service'))
    t = cap.tcp(C, 40006, S, 88)
    t.open()
    t.c(pre32(tgs), seg=[3, 2, 50])
    t.s(pre32(rep), seg=7)
    for_user = padata(129, seq(ctx(0, name('bob')), ctx(1, gstring('EX.ORG'))))
    t.c(pre32(kdc_req(12, None, 'svc', pa=[for_user])))
    t.s(pre32(krb_error(7, 'svc')))
    t.c(pre32(kdc_req(12, None, 'svc', options=0x00020000,
                      more=ctx(11, seq(ticket('svc'))))))
    t.s(pre32(krb_error(4711, 'svc')))
    t.close()
    # Only the KDC's side; it is found to be the server.
    cap.udp(S, 8888, C, 40007, as_rep)
    ask(40008, as_req, as_rep, server=8888)
    ask(40009, ap_req(ticket('host/a')), krb_error(37, 'host/a'))

    def change(version, ticket_part, rest):
        body = u16(version, len(ticket_part)) + ticket_part + rest
        return u16(len(body) + 2) + body

    pw = ticket('kadmin/changepw')
    sealed = tlv(0x75, seq(ctx(0, integer(5)), ctx(1, integer(21))))
    ask(40010, change(1, ap_req(pw), sealed), change(1, ap_rep(), sealed),
        server=464)
    t = cap.tcp(C, 40011, S, 464)
    t.open()
    t.c(pre32(change(0xff80, ap_req(pw), sealed)), seg=[5, 2, 1, 60])
    t.s(pre32(change(1, b'', krb_error(60, 'kadmin/changepw'))), seg=3)
    t.close()
