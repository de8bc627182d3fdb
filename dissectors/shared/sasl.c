/*
 * sasl.c - the mechanisms that show a user's name.
 */
#include "dissectors/shared/sasl.h"

#include "engine/crypt/base64.h"

/* GSS: NTLM, Kerberos (RFC 4752) and what chooses between them. */
enum kind { OTHER, PLAIN, LOGIN, CRAM, OAUTH, GSS };

enum { USER_MAX = 256, NAME_MAX_BYTES = 32 };

static void
keep(struct nj_dctx *d, struct nj_view *to, struct nj_view v, size_t max)
{
	if (to->data)
		nj_drop(d, (void *)(uintptr_t)to->data);
	*to = nj_keep_view(d, v, max);
}

/* The n-th piece of v between zero bytes. */
static struct nj_view
nul_piece(struct nj_view v, unsigned n)
{
	while (n--) {
		size_t at = nj_view_chr(v, 0);

		v = at == SIZE_MAX ? (struct nj_view){ 0 }
				   : nj_sub(v, at + 1, v.len);
	}
	return nj_sub(v, 0, nj_view_chr(v, 0));
}

static void
token(struct nj_sasl *s, struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	if (!s->gss) {
		s->gss = nj_keep(d, sizeof(*s->gss));
		if (!s->gss)
			return;
		memset(s->gss, 0, sizeof(*s->gss));
	}
	(void)nj_gss_token(s->gss, d, dir, v);
}

static void
text(struct nj_sasl *s, struct nj_dctx *d, struct nj_view v)
{
	size_t at;

	switch ((enum kind)s->kind) {
	case PLAIN: /* RFC 4616: identity, name, password */
		keep(d, &s->user, nul_piece(v, 1), USER_MAX);
		s->password |= nul_piece(v, 2).len > 0;
		break;
	case LOGIN:
		if (!s->step++)
			keep(d, &s->user, v, USER_MAX);
		else
			s->password |= v.len > 0;
		break;
	case CRAM: /* RFC 2195: name, blank, digest */
		at = nj_view_chr(v, ' ');
		if (at != SIZE_MAX)
			keep(d, &s->user, nj_sub(v, 0, at), USER_MAX);
		break;
	case OAUTH:
		at = nj_view_find(v, NJ_LIT("user="));
		if (at == SIZE_MAX)
			break;
		v = nj_sub(v, at + 5, v.len);
		keep(d, &s->user, nj_sub(v, 0, nj_view_chr(v, 1)), USER_MAX);
		break;
	case GSS:
		token(s, d, NJ_ORIG, v);
		if (s->gss && s->gss->ntlm.user.len)
			keep(d, &s->user, s->gss->ntlm.user, USER_MAX);
		break;
	case OTHER:
		break;
	}
}

void
nj_sasl_answer(struct nj_sasl *s, struct nj_dctx *d, struct nj_view line)
{
	uint8_t *out = nj_arena(d, line.len);
	size_t n = out ? nj_base64_decode(line, out, line.len) : SIZE_MAX;

	if (n == SIZE_MAX)
		return;
	text(s, d, (struct nj_view){ out, n });
	explicit_bzero(out, n);
}

void
nj_sasl_begin(struct nj_sasl *s, struct nj_dctx *d, struct nj_view arg)
{
	static const struct {
		const char *name;
		uint8_t kind;
	} known[] = { { "PLAIN", PLAIN }, { "LOGIN", LOGIN },
		{ "CRAM-MD5", CRAM }, { "XOAUTH2", OAUTH },
		{ "OAUTHBEARER", OAUTH }, { "NTLM", GSS }, { "GSSAPI", GSS },
		{ "GSS-SPNEGO", GSS } };
	struct nj_view name = nj_sub(arg, 0, nj_view_chr(arg, ' '));
	struct nj_view rest = nj_view_trim(nj_sub(arg, name.len, arg.len));

	s->kind = OTHER;
	s->step = 0;
	for (size_t i = 0; i < nj_countof(known); i++)
		if (nj_view_caseeq(name, nj_str(known[i].name)))
			s->kind = known[i].kind;
	keep(d, &s->mechanism, name, NAME_MAX_BYTES);
	if (rest.len)
		nj_sasl_answer(s, d, rest);
}

void
nj_sasl_challenge(struct nj_sasl *s, struct nj_dctx *d, struct nj_view line)
{
	uint8_t *out;
	size_t n;

	if (s->kind != GSS || !line.len)
		return;
	out = nj_arena(d, line.len);
	n = out ? nj_base64_decode(line, out, line.len) : SIZE_MAX;
	if (n != SIZE_MAX)
		token(s, d, NJ_RESP, (struct nj_view){ out, n });
}

void
nj_sasl_end(struct nj_sasl *s, struct nj_dctx *d, bool success)
{
	s->done = true;
	s->success = success;
	if (s->gss)
		nj_gss_result(s->gss, d, success);
}

void
nj_sasl_close(struct nj_sasl *s, struct nj_dctx *d)
{
	if (!s->gss)
		return;
	nj_gss_end(s->gss, d);
	nj_drop(d, s->gss);
	s->gss = NULL;
}
