/*
 * body.c - message bodies on their way to files and parts.
 *
 * The length after decoding is a field of the log. Decoding all of a long
 * gzip stream for it would cost more than the whole rest of the packet's way,
 * so only its beginning is decoded, which also shows the type of the content;
 * the length stands in the stream's last four bytes (RFC 1952 2.3.1).
 */
#include "dissectors/shared/body.h"

#include "dissectors/shared/dns_eve.h"

struct flow_of_bytes {
	struct nj_body *b;
	struct nj_dctx *d;
	const struct nj_body_spec *spec;
};

static void
take_name(struct nj_body *b, struct nj_dctx *d, struct nj_view value,
	const char *param)
{
	uint8_t out[NJ_ENTITY_NAME_MAX];
	size_t n = nj_field_filename(value, param, out, sizeof(out));
	struct nj_view kept;

	if (!n)
		return;
	kept = nj_keep_view(d, (struct nj_view){ out, n }, sizeof(out));
	if (!kept.len)
		return;
	if (b->name)
		nj_drop(d, b->name);
	b->name = (uint8_t *)(uintptr_t)kept.data;
	b->name_len = (uint16_t)kept.len;
}

/* Containers have their parts read; that takes memory only they need. */
static void
content_type(struct nj_body *b, struct nj_dctx *d, struct nj_view value)
{
	struct nj_view type, subtype, rest;

	take_name(b, d, value, "name");
	if (!nj_field_media(value, &type, &subtype, &rest))
		return;
	if (nj_view_caseeq(type, NJ_LIT("application")) &&
		nj_view_caseeq(subtype, NJ_LIT("dns-message")) && !b->dns &&
		nj_wanted(d, &eve_dns_desc))
		b->dns = nj_keep(d, NJ_BODY_DNS_MAX);
	if (!nj_view_caseeq(type, NJ_LIT("multipart")) &&
		!nj_view_caseeq(type, NJ_LIT("message")))
		return;
	if (!b->parts) {
		b->parts = nj_keep(d, sizeof(*b->parts));
		if (!b->parts)
			return;
		memset(b->parts, 0, sizeof(*b->parts));
	}
	nj_entity_field(b->parts, d, NJ_LIT("content-type"), value);
}

void
nj_body_field(struct nj_body *b, struct nj_dctx *d, struct nj_view name,
	struct nj_view value)
{
	struct nj_view token = value;

	if (nj_view_caseeq(name, NJ_LIT("content-type"))) {
		content_type(b, d, value);
	} else if (nj_view_caseeq(name, NJ_LIT("content-disposition"))) {
		take_name(b, d, value, "filename");
	} else if (nj_view_caseeq(name, NJ_LIT("content-encoding"))) {
		token = nj_field_token(&token);
		if (nj_view_caseeq(token, NJ_LIT("gzip")) ||
			nj_view_caseeq(token, NJ_LIT("x-gzip")))
			b->coding = NJ_BODY_GZIP;
		if (nj_view_caseeq(token, NJ_LIT("deflate")))
			b->coding = NJ_BODY_DEFLATE;
	}
}

bool
nj_body_is_container(const struct nj_body *b)
{
	return b->parts && nj_entity_is_container(b->parts);
}

/* A further range of a file that is open: what lies between them is missing,
 * so far. */
static void
range_resume(
	struct nj_body *b, struct nj_dctx *d, const struct nj_body_spec *spec)
{
	uint64_t at = b->file.seen + b->file.missing;

	if (spec->ops->file)
		spec->ops->file(spec->ctx, d, &b->file, false);
	b->file.told = false; /* EVE is told of each range */
	if (spec->range_first > at)
		nj_file_gap(&b->file, d, spec->range_first - at);
}

void
nj_body_start(
	struct nj_body *b, struct nj_dctx *d, const struct nj_body_spec *spec)
{
	b->partial = spec->partial;
	b->range_first = spec->range_first;
	if (b->file.open)
		range_resume(b, d, spec);
	if (b->parts && !nj_entity_is_container(b->parts)) {
		nj_drop(d, b->parts); /* a multipart without a boundary */
		b->parts = NULL;
	}
	if (b->parts) {
		b->parts->ops = spec->ops;
		b->parts->ctx = spec->ctx;
		b->parts->spec = spec->file;
		b->parts->spec.sized = false;
		nj_entity_body(b->parts, d);
	}
	if (b->coding == NJ_BODY_PLAIN)
		return;
	b->inflate = nj_keep(d, sizeof(*b->inflate));
	if (b->inflate)
		nj_inflate_begin(b->inflate,
			b->coding == NJ_BODY_GZIP ? NJ_INFLATE_GZIP
						  : NJ_INFLATE_ZLIB,
			b->coding == NJ_BODY_GZIP ? NJ_BODY_GZIP_MAX
						  : NJ_BODY_DEFLATE_MAX);
	else
		b->full = true;
}

static void
file_open(struct nj_body *b, struct nj_dctx *d, const struct nj_body_spec *spec)
{
	struct nj_file_spec file = spec->file;

	file.name = (struct nj_view){ b->name, b->name_len };
	/* Only what was sent is announced, not what it unfolds to. */
	if (b->coding != NJ_BODY_PLAIN)
		file.sized = false;
	if (spec->ops->number)
		spec->ops->number(spec->ctx, d, &file);
	nj_file_open(&b->file, d, &file);
	if (spec->ops->file)
		spec->ops->file(spec->ctx, d, &b->file, false);
	/* What lies before a range was never asked for. */
	if (b->partial && b->range_first)
		nj_file_gap(&b->file, d, b->range_first);
}

static void
dns_drop(struct nj_body *b, struct nj_dctx *d)
{
	if (b->dns)
		nj_drop(d, b->dns);
	b->dns = NULL;
	b->dns_len = 0;
}

static void
dns_add(struct nj_body *b, struct nj_dctx *d, struct nj_view v)
{
	if (!b->dns)
		return;
	if (v.len > (size_t)NJ_BODY_DNS_MAX - b->dns_len) {
		dns_drop(b, d);
		return;
	}
	memcpy(b->dns + b->dns_len, v.data, v.len);
	b->dns_len = (uint16_t)(b->dns_len + v.len);
}

/* DNS over HTTP (RFC 8484): the body is a message as it is over UDP. */
static void
dns_tell(struct nj_body *b, struct nj_dctx *d, enum nj_dir dir)
{
	enum { DNS_HEADER = 12 };
	struct nj_dns_which which = { NJ_DNS_PLAIN, dir, 0 };

	if (b->dns && b->dns_len >= DNS_HEADER)
		nj_dns_eve(d, &which, (struct nj_view){ b->dns, b->dns_len });
	dns_drop(b, d);
}

static void
clear_data(void *ctx, struct nj_view v)
{
	struct flow_of_bytes *to = ctx;
	struct nj_body *b = to->b;

	b->clear += v.len;
	dns_add(b, to->d, v);
	if (b->parts) {
		nj_entity_bytes(b->parts, to->d, v);
		return;
	}
	if (!b->file.open)
		file_open(b, to->d, to->spec);
	nj_file_data(&b->file, to->d, v);
}

static void
inflate_drop(struct nj_body *b, struct nj_dctx *d)
{
	if (b->inflate)
		nj_drop(d, b->inflate);
	b->inflate = NULL;
}

static void
tail_add(struct nj_body *b, struct nj_view v)
{
	size_t n = nj_min(v.len, (size_t)NJ_BODY_TAIL);

	memmove(b->tail, b->tail + n, NJ_BODY_TAIL - n);
	memcpy(b->tail + NJ_BODY_TAIL - n, v.data + v.len - n, n);
}

void
nj_body_data(struct nj_body *b, struct nj_dctx *d,
	const struct nj_body_spec *spec, struct nj_view v)
{
	struct flow_of_bytes to = { b, d, spec };

	if (!v.len)
		return;
	b->wire += v.len;
	if (b->coding == NJ_BODY_PLAIN) {
		clear_data(&to, v);
		return;
	}
	tail_add(b, v);
	if (!b->inflate)
		return;
	switch (nj_inflate_feed(b->inflate, &v, clear_data, &to)) {
	case NJ_INFLATE_MORE:
		return;
	case NJ_INFLATE_FULL:
		b->full = true;
		break;
	case NJ_INFLATE_BAD:
		b->bad_coding = true;
		break;
	case NJ_INFLATE_DONE:
		break;
	}
	inflate_drop(b, d);
}

void
nj_body_gap(struct nj_body *b, struct nj_dctx *d,
	const struct nj_body_spec *spec, uint64_t n)
{
	b->wire += n;
	b->clear += n;
	b->lost = true;
	dns_drop(b, d);
	inflate_drop(b, d);
	if (b->parts) {
		nj_entity_gap(b->parts, d, n);
		return;
	}
	if (!b->file.open)
		file_open(b, d, spec);
	nj_file_gap(&b->file, d, n);
}

bool
nj_body_idle(const struct nj_body *b)
{
	return !b->inflate && !b->parts && !b->dns &&
	       (b->coding != NJ_BODY_PLAIN ||
		       (b->file.open && !nj_file_wants(&b->file)));
}

void
nj_body_pass(struct nj_body *b, struct nj_dctx *d, uint64_t n)
{
	b->wire += n;
	if (b->coding != NJ_BODY_PLAIN)
		return;
	b->clear += n;
	nj_file_pass(&b->file, d, n);
}

void
nj_body_unpass(struct nj_body *b, uint64_t left, uint64_t lost)
{
	b->wire -= nj_min(b->wire, left);
	b->lost |= lost > 0;
	if (b->coding != NJ_BODY_PLAIN)
		return;
	b->clear -= nj_min(b->clear, left);
	nj_file_unpass(&b->file, left, lost);
}

/* What a gzip stream holds beyond what was decoded of it: its length stands
 * in the last bytes, modulo 2^32. */
static void
tail_count(struct nj_body *b, struct nj_dctx *d)
{
	uint32_t said = (uint32_t)b->tail[0] | (uint32_t)b->tail[1] << 8 |
			(uint32_t)b->tail[2] << 16 | (uint32_t)b->tail[3] << 24;
	uint32_t more = said - (uint32_t)b->clear;

	/* DEFLATE gives at most 1032 bytes for one. */
	if (more / 1032 > b->wire)
		return;
	b->clear += more;
	nj_file_pass(&b->file, d, more);
}

void
nj_body_end(struct nj_body *b, struct nj_dctx *d,
	const struct nj_body_spec *spec, bool whole)
{
	if (b->full && whole && !b->lost && b->coding == NJ_BODY_GZIP)
		tail_count(b, d);
	inflate_drop(b, d);
	dns_tell(b, d, spec->file.dir);
	if (b->parts) {
		nj_entity_end(b->parts, d, whole);
		nj_drop(d, b->parts);
		b->parts = NULL;
	}
	if (b->file.open) {
		(void)nj_file_sniff(&b->file, d);
		if (spec->ops->file)
			spec->ops->file(spec->ctx, d, &b->file, true);
		if (!b->partial || nj_file_is_complete(&b->file))
			nj_file_close_told(&b->file, d, whole, spec->ops->about,
				spec->ctx);
		else
			nj_file_eve(&b->file, d, whole, spec->ops->about,
				spec->ctx);
	}
	if (b->name)
		nj_drop(d, b->name);
	b->name = NULL;
	b->name_len = 0;
}
