/*
 * krb_ap.c - Kerberos messages by which a client shows its ticket to a server
 * (RFC 4120 section 3.2), as other protocols carry them inside GSS-API tokens
 * (RFC 4121 4.1): the name of that in conn.service, and the messages, framed
 * or bare, for a dissector that unpacks them and has no use for the reader
 * itself (shared/krb.h). No traffic begins with such tokens.
 */
#include "engine/dissect/dissector.h"

#include "dissectors/shared/krb.h"
#include "dissectors/shared/x509.h"

static enum nj_verdict
krb_ap_datagram(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct nj_view message = nj_krb_unwrap(v);
	struct nj_krb m;

	(void)dir;
	/* Sealed data and user-to-user tokens come this way, too. */
	if (message.len && nj_krb_parse(&m, message)) {
		nj_confirm(d);
		nj_krb_log(nj_state(d), d, &m, message);
	}
	return NJ_MORE;
}

static void
krb_ap_end(struct nj_dctx *d)
{
	nj_krb_log_end(nj_state(d), d);
}

const struct nj_dissector nj_dissector_krb_ap = {
	.name = "krb_ap",
	.title = "Kerberos in GSSAPI",
	.service = "krb",
	.events = (const struct nj_event_desc *const[]){ &kerberos_desc,
		&x509_desc, NULL },
	.state_bytes = sizeof(struct nj_krb_log),
	.datagram = krb_ap_datagram,
	.end = krb_ap_end,
};
