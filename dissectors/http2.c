/*
 * http2.c - HTTP/2 in the clear (RFC 9113): by its preface, after an upgrade
 * of HTTP/1.1, and by the first frames where the preface was not seen.
 *
 * Why we parse it: gRPC and most of what services say to each other inside of
 * a network is HTTP/2 without TLS; its requests belong into the http log as
 * those of any other version do.
 * Frames are read here, header blocks by libnghttp2 (shared/hpack.h), streams
 * become requests in shared/h2_stream.h. Not done: priorities, flow control;
 * what is inside of TLS.
 */
#include "engine/dissect/dissector.h"

#include "dissectors/shared/dns_eve.h"
#include "dissectors/shared/h2_stream.h"
#include "dissectors/shared/hpack.h"
#include "dissectors/shared/http_eve.h"
#include "dissectors/shared/http_odd.h"
#include "dissectors/shared/odd_eve.h"

enum {
	HEAD_BYTES = 9,
	WHOLE_MAX = 32 * 1024 - HEAD_BYTES, /* frames that are read whole */
	SETTING_BYTES = 6,
	SETTING_TABLE_SIZE = 1,
	SETTING_FRAME_SIZE = 5,
	FRAME_MAX = 16384, /* unless that setting says more */
	STREAM_MASK = 0x7fffffff
};

/* RFC 9113 section 6. */
enum frame {
	DATA,
	HEADERS,
	PRIORITY,
	RST_STREAM,
	SETTINGS,
	PUSH_PROMISE,
	PING,
	GOAWAY,
	WINDOW_UPDATE,
	CONTINUATION
};

enum {
	FLAG_ACK = 0x01,
	FLAG_END_STREAM = 0x01,
	FLAG_END_HEADERS = 0x04,
	FLAG_PADDED = 0x08,
	FLAG_PRIORITY = 0x20
};

enum { ODD_HPACK = NJ_HTTP_ODD_REPLY + 1, ODD_FRAME, ODD_STREAMS };

static const struct nj_oddity oddities[] = {
#define O(id, name, text) [NJ_HTTP_ODD_##id] = { name, text },
	NJ_HTTP_ODDITIES(O)
#undef O
		[ODD_HPACK] = { "http2_header_block",
			"A header block that cannot be decoded, or too big" },
	[ODD_FRAME] = { "http2_frame", "A frame that may not stand there" },
	[ODD_STREAMS] = { "http2_streams", "More open streams than are kept" },
	{ 0 }
};

enum step { PREFACE, FRAME, BODY, PAD, LOST };

struct half {
	uint8_t step;
	bool any;          /* something of this protocol was read */
	bool framed;       /* a whole frame was */
	uint8_t flags;     /* of the DATA frame in hand, or of the block */
	uint8_t pad;       /* bytes behind its body */
	uint8_t block_dir; /* whose fields the open header block has */
	uint32_t left;     /* of it, body bytes */
	uint32_t stream;
	uint32_t block;     /* stream of an open header block, else 0 */
	uint32_t frame_max; /* that the other side said it takes, or 0 */
	struct nj_hpack *hpack;
};

struct http2_state {
	struct half half[2];
	struct nj_h2 h2;
	bool begun;
};

struct frame_head {
	uint32_t len, stream;
	uint8_t type, flags;
};

static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/* What http leaves of it when it read the first line. */
enum { PREFACE_BYTES = 24, PREFACE_LINE = 16 };

static struct frame_head
head_read(struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	struct frame_head f;

	f.len = nj_cur_u24(&c);
	f.type = nj_cur_u8(&c);
	f.flags = nj_cur_u8(&c);
	f.stream = nj_cur_u32(&c) & STREAM_MASK;
	return f;
}

/* Could this be a frame? Lengths and streams that RFC 9113 fixes. */
static bool
head_is_sane(const struct frame_head *f)
{
	switch (f->type) {
	case DATA:
	case HEADERS:
	case CONTINUATION:
		return f->stream;
	case PRIORITY:
		return f->stream && f->len == 5;
	case RST_STREAM:
		return f->stream && f->len == 4;
	case SETTINGS:
		return !f->stream && f->len % SETTING_BYTES == 0 &&
		       (!(f->flags & FLAG_ACK) || !f->len);
	case PUSH_PROMISE:
		return f->stream && f->len >= 4;
	case PING:
		return !f->stream && f->len == 8;
	case GOAWAY:
		return !f->stream && f->len >= 8;
	case WINDOW_UPDATE:
		return f->len == 4;
	default:
		return true; /* extensions are to be passed over */
	}
}

/* ---- Frames ---- */

struct block_ctx {
	struct nj_h2_stream *stream;
	enum nj_dir dir;
};

static void
on_field(
	void *ctx, struct nj_dctx *d, struct nj_view name, struct nj_view value)
{
	struct block_ctx *b = ctx;

	if (b->stream)
		nj_h2_field(b->stream, d, b->dir,
			(const struct nj_view[]){ name, value });
}

/* Bytes of a header block. Each must be decoded, whatever becomes of its
 * stream, as later blocks refer to it. */
static bool
block(struct nj_dctx *d, struct http2_state *st, enum nj_dir dir,
	struct nj_view v)
{
	struct half *h = &st->half[dir];
	struct block_ctx ctx = { nj_h2_find(&st->h2, h->block),
		(enum nj_dir)h->block_dir };
	const struct nj_hpack_to to = { on_field, &ctx };
	bool last = h->flags & FLAG_END_HEADERS;

	if (!h->hpack)
		h->hpack = nj_hpack_open(d);
	if (!h->hpack || !nj_hpack_block(h->hpack, d, v, last, &to)) {
		nj_odd(d, ODD_HPACK);
		return false;
	}
	if (!last)
		return true;
	h->block = 0;
	if (!ctx.stream)
		return true;
	nj_h2_head_done(ctx.stream, d, ctx.dir, h->flags & FLAG_END_STREAM);
	nj_h2_settle(&st->h2, d, ctx.stream, false);
	return true;
}

/* HEADERS, or PUSH_PROMISE, whose fields are those of a request. */
static bool
headers(struct nj_dctx *d, struct http2_state *st, enum nj_dir dir,
	const struct frame_head *f, struct nj_view v)
{
	struct half *h = &st->half[dir];
	struct nj_cur c = nj_cur(v);
	struct nj_h2_stream *s;
	size_t pad = f->flags & FLAG_PADDED ? nj_cur_u8(&c) : 0;

	h->block = f->stream;
	h->block_dir = (uint8_t)dir;
	h->flags = f->flags;
	if (f->type == PUSH_PROMISE) {
		h->block = nj_cur_u32(&c) & STREAM_MASK;
		h->block_dir = NJ_ORIG;
		/* What asks for a promised response is complete. */
		h->flags = (f->flags & FLAG_END_HEADERS) | FLAG_END_STREAM;
	} else if (f->flags & FLAG_PRIORITY) {
		nj_cur_skip(&c, 5);
	}
	if (c.bad || pad > nj_cur_left(&c) || !h->block)
		return false;
	s = nj_h2_open(&st->h2, d, h->block);
	if (st->h2.overflowed) {
		st->h2.overflowed = false;
		nj_odd(d, ODD_STREAMS);
	}
	if (s)
		nj_h2_head(&st->h2, s, (enum nj_dir)h->block_dir);
	v = nj_cur_rest(&c);
	return block(d, st, dir, nj_sub(v, 0, v.len - pad));
}

/* What this side wants, which the other's encoder keeps to. */
static bool
settings(struct nj_dctx *d, struct http2_state *st, enum nj_dir dir,
	struct nj_view v)
{
	struct half *other = &st->half[!dir];
	struct nj_cur c = nj_cur(v);

	while (nj_cur_left(&c)) {
		uint16_t id = nj_cur_u16(&c);
		uint32_t value = nj_cur_u32(&c);

		if (!c.bad && id == SETTING_FRAME_SIZE)
			other->frame_max = nj_max(value, (uint32_t)FRAME_MAX);
		if (c.bad || id != SETTING_TABLE_SIZE)
			continue;
		if (!other->hpack)
			other->hpack = nj_hpack_open(d);
		if (!other->hpack || !nj_hpack_resize(other->hpack, d, value))
			return false;
	}
	return true;
}

/* A frame that is there as a whole. False: nothing more can be read. */
static bool
frame(struct nj_dctx *d, struct http2_state *st, enum nj_dir dir,
	const struct frame_head *f, struct nj_view v)
{
	struct nj_h2_stream *s;

	switch (f->type) {
	case HEADERS:
	case PUSH_PROMISE:
		return headers(d, st, dir, f, v);
	case CONTINUATION:
		st->half[dir].flags |= f->flags & FLAG_END_HEADERS;
		return block(d, st, dir, v);
	case RST_STREAM:
		s = nj_h2_find(&st->h2, f->stream);
		if (s)
			nj_h2_settle(&st->h2, d, s, true);
		return true;
	case SETTINGS:
		if (!(f->flags & FLAG_ACK))
			nj_http_eve_frame(d, dir, NJ_HTTP_EVE_SETTINGS, v);
		return settings(d, st, dir, v);
	case GOAWAY:
		nj_http_eve_frame(d, dir, NJ_HTTP_EVE_GOAWAY, v);
		return true;
	default:
		return true;
	}
}

static void
data_over(struct nj_dctx *d, struct http2_state *st, enum nj_dir dir)
{
	struct half *h = &st->half[dir];
	struct nj_h2_stream *s = nj_h2_find(&st->h2, h->stream);

	h->step = FRAME;
	if (!s || !(h->flags & FLAG_END_STREAM))
		return;
	nj_h2_over(s, d, dir);
	nj_h2_settle(&st->h2, d, s, false);
}

/* ---- Steps: each gives how many bytes of v it is done with ---- */

static size_t
step_preface(struct nj_dctx *d, struct half *h, struct nj_view v)
{
	const char *parent = nj_parent(d);
	size_t from = parent && !strcmp(parent, "http") && v.data[0] != 'P'
			      ? PREFACE_LINE
			      : 0;

	if (v.len < PREFACE_BYTES - from)
		return 0;
	h->step = FRAME;
	if (memcmp(v.data, preface + from, PREFACE_BYTES - from))
		return 0;
	/* Nothing else begins like this. */
	h->any = true;
	nj_confirm(d);
	return PREFACE_BYTES - from;
}

static size_t
data_begin(struct nj_dctx *d, struct http2_state *st, enum nj_dir dir,
	const struct frame_head *f, struct nj_view v)
{
	struct half *h = &st->half[dir];
	bool padded = f->flags & FLAG_PADDED;

	if (padded && v.len <= HEAD_BYTES)
		return 0;
	/* RFC 9113 4.2: an error to its receiver. */
	if (f->len > nj_max(h->frame_max, (uint32_t)FRAME_MAX))
		nj_odd_eve(d, "http2", "long_frame_data", dir);
	h->stream = f->stream;
	h->flags = f->flags;
	h->left = f->len;
	h->pad = padded ? v.data[HEAD_BYTES] : 0;
	if (h->left < (uint32_t)h->pad + padded) {
		nj_odd(d, ODD_FRAME);
		h->step = LOST;
		return 0;
	}
	h->left -= (uint32_t)h->pad + padded;
	h->step = BODY;
	return HEAD_BYTES + padded;
}

static size_t
step_frame(struct nj_dctx *d, struct http2_state *st, enum nj_dir dir,
	struct nj_view v)
{
	struct half *h = &st->half[dir];
	size_t mark = nj_arena_mark(d);
	struct frame_head f;

	if (v.len < HEAD_BYTES)
		return 0;
	f = head_read(v);
	/* Nothing may come between the frames of a header block. */
	if (!head_is_sane(&f) || (!h->framed && f.type != SETTINGS) ||
		(h->block != 0) != (f.type == CONTINUATION) ||
		(h->block && f.stream != h->block && f.type != CONTINUATION)) {
		if (h->any)
			nj_odd(d, ODD_FRAME);
		h->step = LOST;
		return 0;
	}
	h->any = h->framed = true;
	if (f.type == DATA)
		return data_begin(d, st, dir, &f, v);
	if (f.len > WHOLE_MAX) {
		nj_odd(d, ODD_FRAME);
		h->step = LOST;
		return 0;
	}
	if (v.len < HEAD_BYTES + f.len) {
		nj_want(d, HEAD_BYTES + f.len);
		return 0;
	}
	if (!frame(d, st, dir, &f, nj_sub(v, HEAD_BYTES, f.len)))
		h->step = LOST;
	nj_arena_release(d, mark);
	return HEAD_BYTES + f.len;
}

static size_t
step_body(struct nj_dctx *d, struct http2_state *st, enum nj_dir dir,
	struct nj_view v)
{
	struct half *h = &st->half[dir];
	struct nj_h2_stream *s = nj_h2_find(&st->h2, h->stream);
	size_t n = nj_min(v.len, (size_t)h->left);
	size_t mark = nj_arena_mark(d);

	if (s && n)
		nj_h2_data(s, d, dir, nj_sub(v, 0, n));
	nj_arena_release(d, mark);
	h->left -= (uint32_t)n;
	if (h->left)
		return n;
	h->left = h->pad;
	h->step = PAD;
	return n;
}

static size_t
step(struct nj_dctx *d, struct http2_state *st, enum nj_dir dir,
	struct nj_view v)
{
	struct half *h = &st->half[dir];
	size_t n;

	switch ((enum step)h->step) {
	case PREFACE:
		return step_preface(d, h, v);
	case FRAME:
		return step_frame(d, st, dir, v);
	case BODY:
		return step_body(d, st, dir, v);
	case PAD:
		n = nj_min(v.len, (size_t)h->left);
		h->left -= (uint32_t)n;
		if (!h->left)
			data_over(d, st, dir);
		return n;
	case LOST:
		break;
	}
	return v.len;
}

/* ---- Callbacks ---- */

static void
begin(struct nj_dctx *d, struct http2_state *st)
{
	const char *parent = nj_parent(d);

	st->begun = true;
	st->half[NJ_RESP].step = FRAME;
	/* An upgrade: files and requests are counted on. */
	if (!parent || strcmp(parent, "http"))
		return;
	st->h2.depth = (uint32_t)nj_param(d);
	st->h2.files = (uint32_t)(nj_param(d) >> 32);
}

static enum nj_verdict
http2_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct http2_state *st = nj_state(d);
	struct half *h = &st->half[dir];

	if (!st->begun)
		begin(d, st);
	for (;;) {
		uint8_t before = h->step;
		size_t n = v.len || h->step == PAD ? step(d, st, dir, v) : 0;

		nj_consume(d, n);
		v = nj_sub(v, n, v.len);
		if (!n && h->step == before)
			break;
	}
	if (h->step == LOST && !h->any)
		return NJ_REJECT;
	if (st->half[NJ_ORIG].step == LOST && st->half[NJ_RESP].step == LOST)
		return NJ_DONE;
	return NJ_MORE;
}

/* Within a body the place in it is known. Elsewhere header blocks may be lost,
 * without which no later one can be read. */
static enum nj_verdict
http2_gap(struct nj_dctx *d, enum nj_dir dir, struct nj_view v, uint64_t len)
{
	struct http2_state *st = nj_state(d);
	struct half *h = &st->half[dir];
	struct nj_h2_stream *s = nj_h2_find(&st->h2, h->stream);

	(void)v;
	if (h->step == BODY && len <= h->left) {
		if (s)
			nj_h2_gap(s, d, dir, len);
		h->left -= (uint32_t)len;
		if (!h->left) {
			h->left = h->pad;
			h->step = PAD;
		}
		return NJ_MORE;
	}
	h->step = LOST;
	return st->half[!dir].step == LOST ? NJ_DONE : NJ_MORE;
}

static void
http2_end(struct nj_dctx *d)
{
	struct http2_state *st = nj_state(d);

	nj_h2_finish(&st->h2, d);
}

const struct nj_dissector nj_dissector_http2 = {
	.name = "http2",
	.title = "HTTP/2",
	.sigs = (const struct nj_sig[]){ { "^PRI \\* HTTP/2\\.0\\r\\n\\r\\n"
					   "SM\\r\\n\\r\\n",
						 NJ_SIG_ORIG },
		{ 0 } },
	.events = (const struct nj_event_desc *const[]){ &http_desc,
		&eve_http_desc, &eve_anomaly_desc, &eve_dns_desc,
		NJ_FILE_EVENTS, &software_desc, 0 },
	.oddities = oddities,
	.state_bytes = sizeof(struct http2_state),
	.buffer_max = WHOLE_MAX + HEAD_BYTES,
	.stream = http2_stream,
	.gap = http2_gap,
	.end = http2_end,
};
