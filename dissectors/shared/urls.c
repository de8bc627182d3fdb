/*
 * urls.c - see urls.h. Between two pieces either the URL so far is kept or,
 * outside of one, the last bytes, in which a scheme may have begun.
 */
#include "dissectors/shared/urls.h"

static const char *const schemes[] = { "http://", "https://", "ftp://" };

enum { SCHEME_MAX = 8 };

static bool
ends_url(uint8_t c)
{
	return c <= ' ' || c == '"' || c == '\'' || c == '<' || c == '>' ||
	       c == ']' || c == 0x7f;
}

static void
tell(struct nj_urls *u, nj_url_fn *found, void *ctx)
{
	if (u->open)
		found(ctx, (struct nj_view){ u->kept, u->len });
	u->open = false;
	u->len = 0;
}

/* Goes on with the URL; gives how many bytes of v belong to it. */
static size_t
grow(struct nj_urls *u, struct nj_view v)
{
	size_t n = 0, kept;

	while (n < v.len && !ends_url(v.data[n]))
		n++;
	kept = nj_min(n, (size_t)NJ_URL_MAX - u->len);
	memcpy(u->kept + u->len, v.data, kept);
	u->len = (uint16_t)(u->len + kept);
	return n;
}

/* Keeps the last bytes of what was kept and v. */
static void
keep_last(struct nj_urls *u, struct nj_view v)
{
	size_t n = nj_min(v.len, (size_t)SCHEME_MAX);
	size_t old = nj_min((size_t)u->len, SCHEME_MAX - n);

	memmove(u->kept, u->kept + u->len - old, old);
	memcpy(u->kept + old, v.data + v.len - n, n);
	u->len = (uint16_t)(old + n);
}

/* Does what is kept end in a scheme? Then that begins a URL. */
static bool
begins(struct nj_urls *u)
{
	struct nj_view last = { u->kept, u->len };

	for (size_t i = 0; i < nj_countof(schemes); i++) {
		struct nj_view s = nj_str(schemes[i]);

		if (last.len < s.len ||
			!nj_view_casestarts(
				nj_sub(last, last.len - s.len, s.len), s))
			continue;
		memmove(u->kept, u->kept + u->len - s.len, s.len);
		u->len = (uint16_t)s.len;
		return true;
	}
	return false;
}

/* Outside of a URL: up to the next slash, with which a scheme may end. */
static size_t
seek(struct nj_urls *u, struct nj_view v)
{
	size_t n = nj_view_chr(v, '/');

	n = n == SIZE_MAX ? v.len : n + 1;
	keep_last(u, nj_sub(v, 0, n));
	u->open = begins(u);
	return n;
}

void
nj_urls_find(struct nj_urls *u, struct nj_view v, nj_url_fn *found, void *ctx)
{
	while (v.len) {
		size_t n = u->open ? grow(u, v) : seek(u, v);

		v = nj_sub(v, n, v.len);
		if (u->open && v.len && ends_url(v.data[0]))
			tell(u, found, ctx);
	}
}

void
nj_urls_end(struct nj_urls *u, nj_url_fn *found, void *ctx)
{
	tell(u, found, ctx);
}
