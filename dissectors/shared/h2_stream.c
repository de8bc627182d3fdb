/*
 * h2_stream.c - streams of HTTP/2 as requests with responses.
 */
#include "dissectors/shared/h2_stream.h"

#include "dissectors/shared/http_eve.h"

static const struct nj_http1_version version2 = { 2, 0 };

struct nj_h2_stream *
nj_h2_find(const struct nj_h2 *h, uint32_t id)
{
	struct nj_h2_stream *s = h->first;

	while (s && s->id != id)
		s = s->next;
	return s;
}

struct nj_h2_stream *
nj_h2_open(struct nj_h2 *h, struct nj_dctx *d, uint32_t id)
{
	struct nj_h2_stream *s = nj_h2_find(h, id);

	if (s)
		return s;
	if (h->count == NJ_H2_STREAMS_MAX) {
		h->overflowed = true;
		nj_h2_settle(h, d, h->first, true);
	}
	s = nj_keep(d, sizeof(*s));
	if (!s)
		return NULL;
	memset(s, 0, sizeof(*s));
	s->id = id;
	s->tx = nj_http_tx_open(d, ++h->depth);
	if (s->tx)
		s->tx->eve.stream = id;
	if (h->last)
		h->last->next = s;
	else
		h->first = s;
	h->last = s;
	h->count++;
	return s;
}

void
nj_h2_head(struct nj_h2 *h, struct nj_h2_stream *s, enum nj_dir dir)
{
	struct nj_http_msg *m = &s->msg[dir];

	s->trailer = s->begun[dir];
	s->code = 0;
	if (s->trailer)
		return;
	m->files = &h->files;
	m->ranged = &h->ranged;
	m->gss = &h->gss;
	m->software = &h->software;
	nj_http_msg_begin(m, dir, version2, s->tx);
}

static void
status(struct nj_h2_stream *s, struct nj_view value)
{
	struct nj_http_tx *t = s->tx;
	uint64_t code;

	if (!nj_view_u64(value, &code) || code > 999)
		return;
	s->code = s->msg[NJ_RESP].code = (uint16_t)code;
	if (!t)
		return;
	t->has_status = true;
	t->status = s->code;
	t->major = version2.major;
	t->minor = version2.minor;
	if (code >= 100 && code < 200) {
		t->has_info = true;
		t->info = s->code;
	}
}

static void
target(struct nj_http_tx *t, struct nj_dctx *d, struct nj_view value)
{
	struct nj_http1_request r = { .target = value, .version = version2 };
	uint8_t *out = nj_arena(d, value.len);
	unsigned odd;

	if (!out)
		return;
	t->uri = nj_pad_text(&t->pad, d,
		(struct nj_view){ out, nj_http1_unescape(value, out, &odd) });
	nj_http_eve_request(t, d, &r);
}

/* The fields that stand for a start line (RFC 9113 8.3). */
static void
pseudo(struct nj_h2_stream *s, struct nj_dctx *d, enum nj_dir dir,
	const struct nj_view field[2])
{
	struct nj_http_tx *t = s->tx;

	if (dir == NJ_RESP) {
		if (nj_view_eq(field[0], NJ_LIT(":status")))
			status(s, field[1]);
	} else if (!t) {
		return;
	} else if (nj_view_eq(field[0], NJ_LIT(":method"))) {
		t->method = nj_pad_text(&t->pad, d, field[1]);
		t->is_head = nj_view_eq(field[1], NJ_LIT("HEAD"));
		t->is_connect = nj_view_eq(field[1], NJ_LIT("CONNECT"));
	} else if (nj_view_eq(field[0], NJ_LIT(":path"))) {
		target(t, d, field[1]);
	} else if (nj_view_eq(field[0], NJ_LIT(":authority"))) {
		t->host = nj_pad_text(&t->pad, d, field[1]);
	}
}

void
nj_h2_field(struct nj_h2_stream *s, struct nj_dctx *d, enum nj_dir dir,
	const struct nj_view field[2])
{
	if (s->trailer)
		return;
	if (s->tx)
		nj_http_eve_header(s->tx, d, dir, field);
	if (field[0].len && field[0].data[0] == ':')
		pseudo(s, d, dir, field);
	else
		nj_http_msg_field(&s->msg[dir], d, field[0], field[1]);
}

void
nj_h2_head_done(
	struct nj_h2_stream *s, struct nj_dctx *d, enum nj_dir dir, bool over)
{
	/* After 1xx the response is still to come. */
	if (!s->trailer && dir == NJ_RESP && s->code >= 100 && s->code < 200)
		return;
	if (!s->trailer) {
		s->begun[dir] = true;
		nj_http_msg_framed(&s->msg[dir], d, !over);
	}
	if (over)
		nj_h2_over(s, d, dir);
}

void
nj_h2_data(struct nj_h2_stream *s, struct nj_dctx *d, enum nj_dir dir,
	struct nj_view v)
{
	if (s->msg[dir].state == NJ_HTTP_CLOSE)
		(void)nj_http_msg_step(&s->msg[dir], d, v);
}

void
nj_h2_gap(
	struct nj_h2_stream *s, struct nj_dctx *d, enum nj_dir dir, uint64_t n)
{
	if (s->msg[dir].state == NJ_HTTP_CLOSE)
		(void)nj_http_msg_gap(&s->msg[dir], d, n);
}

void
nj_h2_over(struct nj_h2_stream *s, struct nj_dctx *d, enum nj_dir dir)
{
	if (s->msg[dir].state != NJ_HTTP_NONE)
		nj_http_msg_end(&s->msg[dir], d);
	s->ended[dir] = true;
}

static void
take_out(struct nj_h2 *h, struct nj_h2_stream *s)
{
	struct nj_h2_stream **at = &h->first, *before = NULL;

	while (*at != s) {
		before = *at;
		at = &before->next;
	}
	*at = s->next;
	if (h->last == s)
		h->last = before;
	h->count--;
}

void
nj_h2_settle(
	struct nj_h2 *h, struct nj_dctx *d, struct nj_h2_stream *s, bool now)
{
	if (!now && !(s->ended[NJ_ORIG] && s->ended[NJ_RESP]))
		return;
	nj_h2_over(s, d, NJ_ORIG);
	nj_h2_over(s, d, NJ_RESP);
	take_out(h, s);
	/* A stream that carried nothing but control frames is none. */
	if (s->tx && (s->tx->method.len || s->tx->has_status))
		nj_http_tx_emit(s->tx, d);
	else if (s->tx)
		nj_http_tx_drop(s->tx, d);
	nj_drop(d, s);
}

void
nj_h2_finish(struct nj_h2 *h, struct nj_dctx *d)
{
	while (h->first)
		nj_h2_settle(h, d, h->first, true);
	if (h->gss)
		nj_gss_end(h->gss, d);
	nj_file_close(&h->ranged.file, d, false);
}
