/*
 * http_auth.h - logins to web servers and proxies by Negotiate and NTLM (RFC
 * 4559, MS-NTHT): the tokens in Authorization and WWW-Authenticate fields, and
 * in those of proxies.
 */
#ifndef NJ_DISSECTORS_SHARED_HTTP_AUTH_H
#define NJ_DISSECTORS_SHARED_HTTP_AUTH_H

#include "dissectors/shared/gss.h"

/* A header field of one side; any name and value. *g is made, in kept memory,
 * when the first token comes; NULL until then. */
void nj_http_auth_field(struct nj_gss **g, struct nj_dctx *d,
	struct nj_view name, struct nj_view value);
/* The header of a response has ended. */
void nj_http_auth_reply(struct nj_gss *g, struct nj_dctx *d, uint16_t code);

#endif
