/*
 * http_auth.c - see http_auth.h.
 */
#include "dissectors/shared/http_auth.h"

enum { UNAUTHORIZED = 401, PROXY_UNAUTHORIZED = 407 };

/* Whose field it is: 0 or 1, or -1 for one that carries no token. */
static int
side(struct nj_view name)
{
	static const struct {
		const char *name;
		enum nj_dir dir;
	} fields[] = { { "authorization", NJ_ORIG },
		{ "proxy-authorization", NJ_ORIG },
		{ "www-authenticate", NJ_RESP },
		{ "proxy-authenticate", NJ_RESP } };

	for (size_t i = 0; i < nj_countof(fields); i++)
		if (nj_view_caseeq(name, nj_str(fields[i].name)))
			return (int)fields[i].dir;
	return -1;
}

/* The token behind the scheme's name; empty when there is none. */
static struct nj_view
token(struct nj_view value)
{
	static const char *const schemes[] = { "negotiate ", "ntlm ",
		"kerberos " };

	for (size_t i = 0; i < nj_countof(schemes); i++) {
		struct nj_view scheme = nj_str(schemes[i]);

		if (nj_view_casestarts(value, scheme))
			return nj_view_trim(
				nj_sub(value, scheme.len, value.len));
	}
	return (struct nj_view){ 0 };
}

void
nj_http_auth_field(struct nj_gss **g, struct nj_dctx *d, struct nj_view name,
	struct nj_view value)
{
	int dir = side(name);
	struct nj_view text;

	if (dir < 0)
		return;
	text = token(value);
	if (!text.len)
		return;
	if (!*g) {
		*g = nj_keep(d, sizeof(**g));
		if (!*g)
			return;
		memset(*g, 0, sizeof(**g));
	}
	(void)nj_gss_base64(*g, d, (enum nj_dir)dir, text);
}

void
nj_http_auth_reply(struct nj_gss *g, struct nj_dctx *d, uint16_t code)
{
	if (g && code >= 200)
		nj_gss_result(g, d,
			code != UNAUTHORIZED && code != PROXY_UNAUTHORIZED);
}
