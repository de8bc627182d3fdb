/*
 * gss.h - tokens with which clients and servers make themselves known, in
 * whatever protocol carries them: GSS-API framing (RFC 2743 section 3.1),
 * negotiation of the mechanism (SPNEGO, RFC 4178), NTLM (MS-NLMP) and
 * Kerberos (RFC 4121, RFC 4120) within or bare. Who carries them puts a struct
 * nj_gss into its state, gives each token, and what came of it:
 *
 *	nj_gss_token(&s->gss, d, dir, blob);
 *	nj_gss_result(&s->gss, d, status == 0);
 *	nj_gss_end(&s->gss, d);		from its end()
 *
 * The services gssapi, ntlm and krb are confirmed on the flow; the ntlm and
 * kerberos records are emitted in the carrier's name.
 */
#ifndef NJ_DISSECTORS_SHARED_GSS_H
#define NJ_DISSECTORS_SHARED_GSS_H

#include "dissectors/shared/ntlm.h"

struct nj_krb_log;

enum nj_gss_mech {
	NJ_GSS_NONE, /* not known yet, or none of these */
	NJ_GSS_NTLM,
	NJ_GSS_KERBEROS,
	NJ_GSS_NEGOEX
};

struct nj_gss {
	struct nj_ntlm ntlm;
	struct nj_krb_log *krb; /* kept, when first needed */
	uint8_t mech; /* of the last token that told: enum nj_gss_mech */
	bool spnego;  /* negotiation was seen */
};

/* One whole token of a side, empty ones too. False when it is none of those
 * above. Safe on any bytes. */
bool nj_gss_token(struct nj_gss *g, struct nj_dctx *d, enum nj_dir dir,
	struct nj_view token);
/* The carrier says by its own means that the log-in was accepted or refused.
 * Not to be called while the exchange goes on. */
void nj_gss_result(struct nj_gss *g, struct nj_dctx *d, bool success);
/* The session or the flow ends: what is pending is emitted. */
void nj_gss_end(struct nj_gss *g, struct nj_dctx *d);
/* The same for a token in base 64, as text protocols carry it. */
bool nj_gss_base64(struct nj_gss *g, struct nj_dctx *d, enum nj_dir dir,
	struct nj_view text);

#endif
