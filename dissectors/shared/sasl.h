/*
 * sasl.h - logins that mail protocols carry as lines of base 64 (RFC 4422):
 * the name that is used, and whether a password could be read. The password
 * itself is looked at by nobody.
 */
#ifndef NJ_DISSECTORS_SHARED_SASL_H
#define NJ_DISSECTORS_SHARED_SASL_H

#include "dissectors/shared/gss.h"

struct nj_sasl {
	struct nj_view mechanism; /* as the client wrote it; kept */
	struct nj_view user;      /* kept */
	uint8_t kind, step;
	bool password;      /* one went over the wire in clear */
	bool done, success; /* as the server said */
	struct nj_gss *gss; /* kept; NULL unless such tokens are used */
};

/* "PLAIN <initial answer>": what stands behind AUTH or AUTHENTICATE. */
void nj_sasl_begin(struct nj_sasl *s, struct nj_dctx *d, struct nj_view arg);
/* A line of the client during the exchange. */
void nj_sasl_answer(struct nj_sasl *s, struct nj_dctx *d, struct nj_view line);
/* What the server asks during it, in base 64. */
void nj_sasl_challenge(
	struct nj_sasl *s, struct nj_dctx *d, struct nj_view line);
void nj_sasl_end(struct nj_sasl *s, struct nj_dctx *d, bool success);
/* The dissection ends, during an exchange perhaps. */
void nj_sasl_close(struct nj_sasl *s, struct nj_dctx *d);

#endif
