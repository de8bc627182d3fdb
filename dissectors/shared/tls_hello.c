/*
 * tls_hello.c - ClientHello and ServerHello taken apart.
 */
#include "dissectors/shared/tls_hello.h"

/* A list with its length in front of it; empty where the two disagree. */
static struct nj_view
counted(struct nj_view v, size_t length_bytes)
{
	struct nj_cur c = nj_cur(v);
	size_t n = length_bytes == 1 ? nj_cur_u8(&c) : nj_cur_u16(&c);

	return nj_cur_take(&c, n);
}

static void
server_name(struct nj_tls_hello *h, struct nj_view v)
{
	struct nj_cur c = nj_cur(counted(v, 2));

	while (nj_cur_left(&c)) {
		uint8_t type = nj_cur_u8(&c);
		struct nj_view name = nj_cur_take(&c, nj_cur_u16(&c));

		if (c.bad)
			return;
		if (type)
			continue;
		if (h->server_name.len)
			h->many_names = true;
		else
			h->server_name = name;
	}
}

static void
extension(struct nj_tls_hello *h, uint16_t type, struct nj_view v)
{
	switch (type) {
	case NJ_EXT_SERVER_NAME:
		server_name(h, v);
		break;
	case NJ_EXT_GROUPS:
		h->groups = counted(v, 2);
		break;
	case NJ_EXT_POINT_FORMATS:
		h->point_formats = counted(v, 1);
		break;
	case NJ_EXT_SIG_ALGS:
		h->sig_algs = counted(v, 2);
		break;
	case NJ_EXT_ALPN:
		h->alpn = counted(v, 2);
		break;
	case NJ_EXT_VERSIONS:
		h->versions = h->client ? counted(v, 1) : v;
		break;
	case NJ_EXT_KEY_SHARE:
		if (!h->client)
			h->group = nj_tls_u16(v, 0);
		break;
	case NJ_EXT_ECH:
		/* RFC 9849: an inner hello says 1 and nothing else. */
		h->ech_outer = h->client && v.len > 1 && !v.data[0];
		break;
	default:
		break;
	}
}

static void
extensions(struct nj_tls_hello *h, struct nj_cur *c)
{
	struct nj_cur in;
	size_t len;

	if (nj_cur_left(c) < 2)
		return;
	h->has_ext = true;
	len = nj_cur_u16(c);
	in = nj_cur(nj_cur_take(c, nj_min(len, nj_cur_left(c))));
	while (nj_cur_left(&in)) {
		uint16_t type = nj_cur_u16(&in);
		struct nj_view v = nj_cur_take(&in, nj_cur_u16(&in));

		if (in.bad)
			return;
		if (h->ext_count == NJ_TLS_EXT_MAX) {
			h->more_ext = true;
			return;
		}
		h->ext[h->ext_count] = type;
		h->ext_body[h->ext_count++] = v;
		extension(h, type, v);
	}
}

static void
start(struct nj_tls_hello *h, bool client)
{
	/* The arrays count only up to ext_count. */
	memset(h, 0, offsetof(struct nj_tls_hello, ext));
	h->client = client;
}

bool
nj_tls_client_hello(struct nj_tls_hello *out, struct nj_view body, bool dtls)
{
	struct nj_cur c = nj_cur(body);

	start(out, true);
	out->version = nj_cur_u16(&c);
	out->random = nj_cur_take(&c, 32);
	out->session_id = nj_cur_take(&c, nj_cur_u8(&c));
	if (dtls)
		nj_cur_skip(&c, nj_cur_u8(&c)); /* the cookie */
	out->ciphers = nj_cur_take(&c, nj_cur_u16(&c));
	nj_cur_skip(&c, nj_cur_u8(&c)); /* compression methods */
	if (c.bad || out->session_id.len > 32 || out->ciphers.len % 2)
		return false;
	extensions(out, &c);
	return true;
}

bool
nj_tls_server_hello(struct nj_tls_hello *out, struct nj_view body)
{
	struct nj_cur c = nj_cur(body);

	start(out, false);
	out->version = nj_cur_u16(&c);
	out->random = nj_cur_take(&c, 32);
	/* Drafts of TLS 1.3 up to 21 have neither session nor compression. */
	if (out->version >> 8 == 0x7f && out->version < 0x7f16) {
		out->cipher = nj_cur_u16(&c);
	} else {
		out->session_id = nj_cur_take(&c, nj_cur_u8(&c));
		out->cipher = nj_cur_u16(&c);
		nj_cur_skip(&c, 1); /* the compression method */
	}
	if (c.bad || out->session_id.len > 32)
		return false;
	extensions(out, &c);
	return true;
}

struct nj_view
nj_tls_ext(const struct nj_tls_hello *h, uint16_t type)
{
	for (unsigned i = 0; i < h->ext_count; i++)
		if (h->ext[i] == type)
			return h->ext_body[i];
	return (struct nj_view){ 0 };
}

uint16_t
nj_tls_u16(struct nj_view list, size_t i)
{
	if (list.len / 2 <= i)
		return 0;
	return (uint16_t)(list.data[2 * i] << 8 | list.data[2 * i + 1]);
}

bool
nj_tls_alpn_next(struct nj_cur *c, struct nj_view *name)
{
	*name = nj_cur_take(c, nj_cur_u8(c));
	return !c->bad;
}

bool
nj_tls_is_retry(const struct nj_tls_hello *h)
{
	/* RFC 8446 section 4.1.3: the SHA-256 of "HelloRetryRequest". */
	return nj_view_eq(
		h->random, NJ_LIT("\xcf\x21\xad\x74\xe5\x9a\x61\x11"
				  "\xbe\x1d\x8c\x02\x1e\x65\xb8\x91"
				  "\xc2\xa2\x11\x16\x7a\xbb\x8c\x5e"
				  "\x07\x9e\x09\xe2\xc8\xa8\x33\x9c"));
}
