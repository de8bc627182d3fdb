/*
 * gss.c - see gss.h.
 */
#include "dissectors/shared/gss.h"

#include "dissectors/shared/der.h"
#include "dissectors/shared/krb.h"
#include "engine/crypt/base64.h"

enum { TAG_GSS = 0x60, TAG_INIT = 0xa0, TAG_RESP = 0xa1, TAG_ENUM = 0x0a };
/* RFC 4120 5.10 */
enum { TAG_AP_REQ = 0x6e, TAG_AP_REP = 0x6f, TAG_KRB_ERROR = 0x7e };
enum { ACCEPTED = 0, REJECTED = 2 };

static const uint8_t oid_spnego[] = { 0x2b, 6, 1, 5, 5, 2 };
/* Kerberos 5, and the spelling that early Windows gave it. */
static const uint8_t oid_krb5[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 1, 2,
	2 };
static const uint8_t oid_ms_krb5[] = { 0x2a, 0x86, 0x48, 0x82, 0xf7, 0x12, 1, 2,
	2 };

static bool
oid_starts(struct nj_view oid, const uint8_t *want, size_t len)
{
	return oid.len >= len && !memcmp(oid.data, want, len);
}

static bool
is_krb5(struct nj_view oid)
{
	return oid_starts(oid, oid_krb5, sizeof(oid_krb5)) ||
	       oid_starts(oid, oid_ms_krb5, sizeof(oid_ms_krb5));
}

static bool
kerberos(struct nj_gss *g, struct nj_dctx *d, struct nj_view v)
{
	struct nj_krb m;

	g->mech = NJ_GSS_KERBEROS;
	nj_confirm_as(d, "krb_ap");
	if (!nj_krb_parse(&m, v))
		return false;
	if (!g->krb) {
		g->krb = nj_keep(d, sizeof(*g->krb));
		if (!g->krb)
			return true;
		memset(g->krb, 0, sizeof(*g->krb));
	}
	nj_krb_log(g->krb, d, &m, v);
	return true;
}

/* A mechanism's own token, bare. */
static bool
mechanism(
	struct nj_gss *g, struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	if (nj_ntlm_is(v)) {
		g->mech = NJ_GSS_NTLM;
		return nj_ntlm_message(&g->ntlm, d, v);
	}
	if (v.len && (v.data[0] == TAG_AP_REQ || v.data[0] == TAG_AP_REP ||
			     v.data[0] == TAG_KRB_ERROR))
		return kerberos(g, d, v);
	if (nj_view_starts(v, NJ_LIT("NEGOEXTS"))) {
		g->mech = NJ_GSS_NEGOEX;
		return true;
	}
	return false;
}

/* A framed token, past its tag and length. *inner is the token of SPNEGO, or
 * unset where the mechanism's own token was within. */
static bool
framed(struct nj_gss *g, struct nj_dctx *d, enum nj_dir dir, struct nj_view v,
	struct nj_view *inner)
{
	struct nj_cur c = nj_cur(v);
	struct nj_view oid = nj_der_take(&c, NJ_DER_OID);

	*inner = (struct nj_view){ 0 };
	if (c.bad)
		return false;
	nj_confirm_as(d, "gssapi");
	if (oid_starts(oid, oid_spnego, sizeof(oid_spnego))) {
		*inner = nj_cur_rest(&c);
		return true;
	}
	if (!is_krb5(oid))
		return mechanism(g, d, dir, nj_cur_rest(&c));
	/* RFC 4121 4.1: two bytes say which message follows. */
	nj_cur_skip(&c, 2);
	return !c.bad && mechanism(g, d, dir, nj_cur_rest(&c));
}

/* What SPNEGO carries may be framed once more, or bare. */
static bool
carried(struct nj_gss *g, struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	struct nj_view inner;

	if (!v.len || v.data[0] != TAG_GSS)
		return mechanism(g, d, dir, v);
	return framed(g, d, dir, nj_der_next(&c).body, &inner);
}

static void
judge(struct nj_gss *g, struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	struct nj_view state = nj_der_take(&c, TAG_ENUM);

	if (dir != NJ_RESP || state.len != 1)
		return;
	if (state.data[0] == ACCEPTED || state.data[0] == REJECTED)
		nj_gss_result(g, d, state.data[0] == ACCEPTED);
}

/* RFC 4178 4.2: in both messages element 2 is the mechanism's token; in the
 * answer element 0 says how the negotiation stands. */
static bool
spnego(struct nj_gss *g, struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	struct nj_der e = nj_der_next(&c);
	bool answer = e.tag == TAG_RESP;
	struct nj_view state = { 0 };

	if (e.tag != TAG_INIT && !answer)
		return false;
	c = nj_cur(e.body);
	c = nj_cur(nj_der_take(&c, NJ_DER_SEQUENCE));
	if (!c.at)
		return false;
	g->spnego = true;
	nj_confirm_as(d, "gssapi");
	for (unsigned i = 0; i < 5 && nj_cur_left(&c); i++) {
		struct nj_der part = nj_der_next(&c);
		struct nj_cur in = nj_cur(part.body);

		if (part.tag == NJ_DER_CONTEXT_CONS && answer)
			state = part.body;
		if (part.tag == (NJ_DER_CONTEXT_CONS | 2))
			(void)carried(g, d, dir,
				nj_der_take(&in, NJ_DER_OCTET_STRING));
	}
	judge(g, d, dir, state);
	return !c.bad;
}

bool
nj_gss_token(
	struct nj_gss *g, struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	struct nj_view inner;

	if (!v.len)
		return false;
	if (v.data[0] == TAG_GSS) {
		if (!framed(g, d, dir, nj_der_next(&c).body, &inner))
			return false;
		return !inner.len || spnego(g, d, dir, inner);
	}
	if (v.data[0] == TAG_INIT || v.data[0] == TAG_RESP)
		return spnego(g, d, dir, v);
	return mechanism(g, d, dir, v);
}

bool
nj_gss_base64(struct nj_gss *g, struct nj_dctx *d, enum nj_dir dir,
	struct nj_view text)
{
	uint8_t *out = nj_arena(d, text.len / 4 * 3 + 3);
	size_t n = out ? nj_base64_decode(text, out, text.len / 4 * 3 + 3)
		       : SIZE_MAX;

	if (n == SIZE_MAX)
		return false;
	return nj_gss_token(g, d, dir, (struct nj_view){ out, n });
}

void
nj_gss_result(struct nj_gss *g, struct nj_dctx *d, bool success)
{
	nj_ntlm_result(&g->ntlm, d, success);
	if (g->krb)
		nj_krb_log_result(g->krb, d, success);
}

void
nj_gss_end(struct nj_gss *g, struct nj_dctx *d)
{
	nj_ntlm_end(&g->ntlm, d);
	if (!g->krb)
		return;
	nj_krb_log_end(g->krb, d);
	nj_drop(d, g->krb);
	g->krb = NULL;
}
