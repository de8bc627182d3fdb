/*
 * gssapi.c - the name of GSS-API negotiation (RFC 2743, RFC 4178) in
 * conn.service, and its tokens as messages of their own for a dissector that
 * unpacks them and has no use for the reader itself (shared/gss.h).
 *
 * No traffic begins with such tokens, so there is nothing to recognise.
 */
#include "dissectors/shared/gss.h"

static enum nj_verdict
gssapi_datagram(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	return nj_gss_token(nj_state(d), d, dir, v) ? NJ_MORE : NJ_BROKEN;
}

static void
gssapi_end(struct nj_dctx *d)
{
	nj_gss_end(nj_state(d), d);
}

const struct nj_dissector nj_dissector_gssapi = {
	.name = "gssapi",
	.title = "GSS-API",
	.state_bytes = sizeof(struct nj_gss),
	.datagram = gssapi_datagram,
	.end = gssapi_end,
};
