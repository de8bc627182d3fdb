/*
 * tls_ja.c - JA3, JA3S (Salesforce, 2017) and JA4 (FoxIO, 2023; only the
 * client's TLS part, which is free for all): which program speaks.
 */
#include "dissectors/shared/tls_hello.h"

#include <stdio.h>

#include "dissectors/shared/tls_names.h"
#include "engine/crypt/hash.h"

/* Text that goes into a hash by way of a small buffer. */
struct feed {
	struct nj_hasher h;
	size_t len;
	char buf[256];
};

static void
feed_flush(struct feed *f)
{
	nj_hasher_add(&f->h, (struct nj_view){ (uint8_t *)f->buf, f->len });
	f->len = 0;
}

static void
feed_char(struct feed *f, char ch)
{
	if (f->len == sizeof(f->buf))
		feed_flush(f);
	f->buf[f->len++] = ch;
}

static void
feed_decimal(struct feed *f, unsigned x)
{
	char digits[10];
	unsigned n = 0;

	do
		digits[n++] = (char)('0' + x % 10);
	while (x /= 10);
	while (n)
		feed_char(f, digits[--n]);
}

static void
feed_hex4(struct feed *f, uint16_t x)
{
	uint8_t bytes[2] = { (uint8_t)(x >> 8), (uint8_t)x };

	if (f->len + 4 > sizeof(f->buf))
		feed_flush(f);
	nj_hex((struct nj_view){ bytes, 2 }, f->buf + f->len);
	f->len += 4;
}

static void
feed_list(struct feed *f, struct nj_view list)
{
	bool first = true;

	for (size_t i = 0; i < list.len / 2; i++) {
		uint16_t x = nj_tls_u16(list, i);

		if (nj_tls_grease(x))
			continue;
		if (!first)
			feed_char(f, '-');
		feed_decimal(f, x);
		first = false;
	}
}

void
nj_ja3(const struct nj_tls_hello *h, char out[NJ_JA3_TEXT])
{
	struct feed f = { .len = 0 };
	uint8_t md5[NJ_SHA256_BYTES];
	bool first = true;

	nj_hasher_start(&f.h, NJ_HASH_MD5);
	feed_decimal(&f, h->version);
	feed_char(&f, ',');
	if (h->client)
		feed_list(&f, h->ciphers);
	else
		feed_decimal(&f, h->cipher);
	feed_char(&f, ',');
	for (unsigned i = 0; i < h->ext_count; i++) {
		if (nj_tls_grease(h->ext[i]))
			continue;
		if (!first)
			feed_char(&f, '-');
		feed_decimal(&f, h->ext[i]);
		first = false;
	}
	if (h->client) {
		feed_char(&f, ',');
		feed_list(&f, h->groups);
		feed_char(&f, ',');
		for (size_t i = 0; i < h->point_formats.len; i++) {
			if (i)
				feed_char(&f, '-');
			feed_decimal(&f, h->point_formats.data[i]);
		}
	}
	feed_flush(&f);
	nj_hasher_end(&f.h, md5);
	nj_hex((struct nj_view){ md5, NJ_MD5_BYTES }, out);
}

/* Shell sort: the lists are short, and a hostile one must not cost much. */
static void
sort(uint16_t *a, size_t n)
{
	static const uint16_t gaps[] = { 1750, 701, 301, 132, 57, 23, 10, 4,
		1 };

	for (size_t g = 0; g < nj_countof(gaps); g++) {
		for (size_t i = gaps[g]; i < n; i++) {
			uint16_t x = a[i];
			size_t k = i;

			for (; k >= gaps[g] && a[k - gaps[g]] > x; k -= gaps[g])
				a[k] = a[k - gaps[g]];
			a[k] = x;
		}
	}
}

static void
feed_sorted(struct feed *f, uint16_t *a, size_t n)
{
	sort(a, n);
	for (size_t i = 0; i < n; i++) {
		if (i)
			feed_char(f, ',');
		feed_hex4(f, a[i]);
	}
}

static void
feed_end12(struct feed *f, bool empty, char out[12])
{
	uint8_t hash[NJ_SHA256_BYTES];

	if (empty) {
		memset(out, '0', 12);
		return;
	}
	feed_flush(f);
	nj_hasher_end(&f->h, hash);
	nj_hex((struct nj_view){ hash, 6 }, out);
}

static const char *
ja4_version(const struct nj_tls_hello *h)
{
	uint16_t best = 0;

	for (size_t i = 0; i < h->versions.len / 2; i++) {
		uint16_t x = nj_tls_u16(h->versions, i);

		/* DTLS counts downwards. */
		if (nj_tls_grease(x))
			continue;
		if (!best || (best >> 8 == 0xfe ? x < best : x > best))
			best = x;
	}
	switch (best ? best : h->version) {
	case NJ_TLS_13:
		return "13";
	case NJ_TLS_12:
		return "12";
	case NJ_TLS_11:
		return "11";
	case NJ_TLS_10:
		return "10";
	case NJ_SSL_30:
		return "s3";
	case NJ_SSL_20:
		return "s2";
	case NJ_DTLS_10:
		return "d1";
	case NJ_DTLS_12:
		return "d2";
	case NJ_DTLS_13:
		return "d3";
	default:
		return "00";
	}
}

static bool
is_alnum(uint8_t ch)
{
	return (ch >= '0' && ch <= '9') || (ch >= 'a' && ch <= 'z') ||
	       (ch >= 'A' && ch <= 'Z');
}

/* First and last character of the first protocol offered. */
static void
ja4_alpn(const struct nj_tls_hello *h, char out[2])
{
	struct nj_cur c = nj_cur(h->alpn);
	struct nj_view name;
	char hex[4];

	out[0] = out[1] = '0';
	if (!nj_tls_alpn_next(&c, &name) || !name.len)
		return;
	if (is_alnum(name.data[0]) && is_alnum(name.data[name.len - 1])) {
		out[0] = (char)name.data[0];
		out[1] = (char)name.data[name.len - 1];
		return;
	}
	nj_hex(nj_sub(name, 0, 1), hex);
	nj_hex(nj_sub(name, name.len - 1, 1), hex + 2);
	out[0] = hex[0];
	out[1] = hex[3];
}

enum { LIST_MAX = 1024 };

void
nj_ja4(const struct nj_tls_hello *h, char transport, char out[NJ_JA4_TEXT])
{
	uint16_t list[LIST_MAX];
	struct feed f = { .len = 0 };
	size_t ciphers = 0, exts = 0, named = 0, sigs = 0;
	char head[16], alpn[2];

	nj_hasher_start(&f.h, NJ_HASH_SHA256);
	for (size_t i = 0; i < h->ciphers.len / 2 && ciphers < LIST_MAX; i++) {
		uint16_t x = nj_tls_u16(h->ciphers, i);

		if (!nj_tls_grease(x))
			list[ciphers++] = x;
	}
	feed_sorted(&f, list, ciphers);
	feed_end12(&f, !ciphers, out + 11);

	f.len = 0;
	nj_hasher_start(&f.h, NJ_HASH_SHA256);
	for (unsigned i = 0; i < h->ext_count; i++) {
		if (nj_tls_grease(h->ext[i]))
			continue;
		exts++;
		if (h->ext[i] != NJ_EXT_SERVER_NAME && h->ext[i] != NJ_EXT_ALPN)
			list[named++] = h->ext[i];
	}
	feed_sorted(&f, list, named);
	for (size_t i = 0; i < h->sig_algs.len / 2; i++) {
		uint16_t x = nj_tls_u16(h->sig_algs, i);

		if (nj_tls_grease(x))
			continue;
		feed_char(&f, sigs++ ? ',' : '_');
		feed_hex4(&f, x);
	}
	feed_end12(&f, !exts, out + 24);

	ja4_alpn(h, alpn);
	(void)snprintf(head, sizeof(head), "%c%s%c%02u%02u%c%c", transport,
		ja4_version(h),
		nj_tls_ext(h, NJ_EXT_SERVER_NAME).data ? 'd' : 'i',
		(unsigned)nj_min(ciphers, 99u), (unsigned)nj_min(exts, 99u),
		alpn[0], alpn[1]);
	memcpy(out, head, 10);
	out[10] = out[23] = '_';
}
