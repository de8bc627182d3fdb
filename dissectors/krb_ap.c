/*
 * krb_ap.c - Kerberos messages by which a client shows its ticket to a server
 * (RFC 4120 section 3.2), as other protocols carry them inside GSS-API
 * tokens: AP-REQ, AP-REP and KRB-ERROR, one a datagram, without a length
 * before them.
 */
#include "dissectors/shared/der.h"
#include "engine/dissect/dissector.h"

enum { TAG_AP_REQ = 0x6e, TAG_AP_REP = 0x6f, TAG_KRB_ERROR = 0x7e };

static enum nj_verdict
krb_ap_datagram(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	struct nj_der message = nj_der_next(&c);

	(void)dir;
	if (message.tag != TAG_AP_REQ && message.tag != TAG_AP_REP &&
		message.tag != TAG_KRB_ERROR)
		return NJ_REJECT;
	nj_confirm(d);
	return NJ_MORE;
}

const struct nj_dissector nj_dissector_krb_ap = {
	.name = "krb_ap",
	.title = "Kerberos inside other protocols",
	.service = "krb",
	.datagram = krb_ap_datagram,
};
