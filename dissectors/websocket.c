/*
 * websocket.c - what goes through a WebSocket (RFC 6455 section 5) once HTTP
 * has opened it: frames are taken apart and unmasked, and what the messages
 * carry is given to the dissector that knows it, as if it came alone.
 *
 * Tunnels go this way to pass proxies, and brokers to reach browsers. The
 * record of the opening is http's (shared/websocket_log.h).
 *
 * Not done: compressed messages (RFC 7692) are counted, not read.
 */
#include "dissectors/shared/http1.h"
#include "dissectors/shared/pass.h"
#include "dissectors/shared/websocket_log.h"

#define EVE_WEBSOCKET(F, tag)                                                  \
	F(tag, 1, BOOL, websocket__fin, 0, "Is it the last of its message?")   \
	F(tag, 2, U32, websocket__mask, NJ_OPT, "Key of the mask")             \
	F(tag, 3, STR, websocket__opcode, 0, "text, binary, ping ...")

NJ_EVENT_X(eve_websocket, EVE_WEBSOCKET, NJ_EV_EVE, "A frame of a WebSocket");

enum {
	HEAD_MAX = 14,
	PIECE_BYTES = 4096,
	LOOK_BYTES = 8, /* of a message, to know what it carries */
	LOOKS_MAX = 8,
	CONTROL = 8, /* opcodes from here on may stand within a message */
	CLOSE = 8,
	PONG = 10
};

enum {
	ODD_RESERVED,
	ODD_OPCODE,
	ODD_CONTROL,
	ODD_MASK,
	ODD_CONTINUE,
	ODD_LENGTH
};
static const struct nj_oddity oddities[] = {
	[ODD_RESERVED] = { "websocket_reserved",
		"A reserved bit without an extension that gives it a sense" },
	[ODD_OPCODE] = { "websocket_opcode", "An opcode that there is not" },
	[ODD_CONTROL] = { "websocket_control",
		"A control frame that is long, or in pieces" },
	[ODD_MASK] = { "websocket_mask",
		"A client that does not mask, or a server that does" },
	[ODD_CONTINUE] = { "websocket_continuation",
		"A message that goes on without having begun, or the other "
		"way round" },
	[ODD_LENGTH] = { "websocket_length", "A frame of more than 2^63" },
	{ 0 },
};

struct half {
	bool in_frame, in_message, wanted, closed;
	bool first; /* the frame begins a message */
	bool masked;
	uint8_t mask[4];
	uint64_t at, left; /* of the frame's payload */
};

struct state {
	struct half half[2];
	unsigned child;
	uint8_t looks; /* at messages, for what they carry */
};

struct frame {
	bool fin, masked;
	uint8_t reserved, opcode, bytes;
	uint64_t len;
	uint8_t mask[4];
};

/* False: not all of the header is here. */
static bool
frame_head(struct nj_view v, struct frame *f)
{
	struct nj_cur c = nj_cur(nj_sub(v, 0, HEAD_MAX));
	uint8_t first = nj_cur_u8(&c), second = nj_cur_u8(&c);
	struct nj_view mask;

	*f = (struct frame){ .fin = first & 0x80,
		.reserved = first >> 4 & 7,
		.opcode = first & 15,
		.masked = second & 0x80,
		.len = second & 0x7f };
	if (f->len == 126)
		f->len = nj_cur_u16(&c);
	else if (f->len == 127)
		f->len = nj_cur_u64(&c);
	if (f->masked) {
		mask = nj_cur_take(&c, 4);
		if (!c.bad)
			memcpy(f->mask, mask.data, 4);
	}
	f->bytes = c.bad ? 0 : (uint8_t)(c.at - v.data);
	return !c.bad;
}

/* Does it begin like a request, as far as can be told by so little? */
static bool
is_request(struct nj_view v)
{
	bool more;

	return nj_http1_looks_request(v, &more) &&
	       nj_http1_known_method(nj_sub(v, 0, nj_view_chr(v, ' ')));
}

/* What the first message begins with. */
static const char *
carried(uint64_t param, struct nj_view v)
{
	bool more;

	if (param & NJ_WEBSOCKET_MQTT)
		return "mqtt";
	if (param & NJ_WEBSOCKET_AMQP)
		return "amqp";
	if (v.len >= 3 && v.data[0] == 0x16 && v.data[1] == 3)
		return "ssl";
	if (nj_view_starts(v, NJ_LIT("SSH-")))
		return "ssh";
	if (is_request(v) || nj_http1_looks_reply(v, &more))
		return "http";
	return NULL;
}

/* What the dissector of what is carried is told: HTTP counts on. */
static uint64_t
carried_param(uint64_t param)
{
	return param >> NJ_WEBSOCKET_DEPTH_SHIFT;
}

static void
child_feed(
	struct nj_dctx *d, struct state *s, enum nj_dir dir, struct nj_view v)
{
	struct half *h = &s->half[dir];
	const char *name;

	if (!s->child && h->first && !h->at && s->looks < LOOKS_MAX) {
		s->looks++;
		/* So much is there, or all of the frame; by more it would
		 * depend on how the stream was cut. */
		name = carried(nj_param(d), nj_sub(v, 0, LOOK_BYTES));
		s->child = name ? nj_child_open(
					  d, name, carried_param(nj_param(d)))
				: 0;
		if (s->child)
			s->looks = LOOKS_MAX;
	}
	if (s->child && nj_child_feed(d, s->child, dir, v) != NJ_MORE)
		s->child = 0;
}

/* A piece of a data frame's payload. */
static void
payload(struct nj_dctx *d, struct state *s, enum nj_dir dir, struct nj_view v)
{
	struct half *h = &s->half[dir];
	uint8_t *out = nj_arena(d, v.len);

	if (!out)
		return;
	for (size_t i = 0; i < v.len; i++)
		out[i] = v.data[i] ^ (h->masked ? h->mask[(h->at + i) % 4] : 0);
	child_feed(d, s, dir, (struct nj_view){ out, v.len });
}

static const char *
opcode_name(uint8_t opcode)
{
	static const char *const names[] = { "continuation", "text", "binary" };

	if (opcode < nj_countof(names))
		return names[opcode];
	switch (opcode) {
	case CLOSE:
		return "connection_close";
	case CLOSE + 1:
		return "ping";
	case PONG:
		return "pong";
	default:
		return "reserved";
	}
}

static void
tell_eve(struct nj_dctx *d, enum nj_dir dir, const struct frame *f)
{
	struct eve_websocket_event ev = { .websocket__fin = f->fin };

	if (!nj_wanted(d, &eve_websocket_desc))
		return;
	ev.websocket__opcode = nj_str(opcode_name(f->opcode));
	if (f->masked)
		nj_set(&ev, eve_websocket, websocket__mask,
			(uint32_t)f->mask[0] << 24 |
				(uint32_t)f->mask[1] << 16 |
				(uint32_t)f->mask[2] << 8 | f->mask[3]);
	(void)nj_emit_dir(d, &eve_websocket_desc, &ev, dir);
}

/* RFC 6455 5.2: a new frame. False: nothing can follow. */
static bool
frame_begin(struct nj_dctx *d, struct state *s, enum nj_dir dir,
	const struct frame *f)
{
	uint64_t extended =
		nj_param(d) & (NJ_WEBSOCKET_DEFLATE | NJ_WEBSOCKET_EXTENDED);
	struct half *h = &s->half[dir];
	bool control = f->opcode >= CONTROL;

	if (f->len >> 63) {
		nj_odd(d, ODD_LENGTH);
		return false;
	}
	if (f->reserved && !extended)
		nj_odd(d, ODD_RESERVED);
	if ((f->opcode > 2 && !control) || f->opcode > PONG)
		nj_odd(d, ODD_OPCODE);
	if (control && (f->len > 125 || !f->fin))
		nj_odd(d, ODD_CONTROL);
	if (f->masked != (dir == NJ_ORIG))
		nj_odd(d, ODD_MASK);
	if (!control && !f->opcode != h->in_message)
		nj_odd(d, ODD_CONTINUE);
	nj_confirm(d);
	tell_eve(d, dir, f);
	if (!control) {
		/* Compression is a message's, marked in its first frame. */
		if (f->opcode)
			h->wanted = !f->reserved;
		h->in_message = !f->fin;
	}
	h->closed = f->opcode == CLOSE;
	h->masked = f->masked;
	memcpy(h->mask, f->mask, sizeof(h->mask));
	h->at = 0;
	h->left = f->len;
	h->first = f->opcode && !control;
	h->in_frame =
		!control && h->wanted && (s->child || s->looks < LOOKS_MAX);
	return true;
}

/* In a frame: how much of v is done with; 0: more is needed. */
static size_t
frame_more(
	struct nj_dctx *d, struct state *s, enum nj_dir dir, struct nj_view v)
{
	struct half *h = &s->half[dir];
	size_t n = (size_t)nj_min(h->left, (uint64_t)PIECE_BYTES);

	/* So much at once as tells what it is, however it was cut. */
	if (!h->at && v.len < nj_min(n, (size_t)LOOK_BYTES))
		return 0;
	n = nj_min(n, v.len);
	payload(d, s, dir, nj_sub(v, 0, n));
	h->at += n;
	h->left -= n;
	h->in_frame = h->left > 0;
	return n;
}

static enum nj_verdict
websocket_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct state *s = nj_state(d);
	struct half *h = &s->half[dir];

	while (v.len && !h->closed) {
		struct frame f;
		size_t n;

		if (h->in_frame) {
			n = frame_more(d, s, dir, v);
			if (!n)
				break;
			nj_pass(d, &v, n);
			continue;
		}
		if (!frame_head(v, &f))
			break;
		if (!frame_begin(d, s, dir, &f))
			return NJ_BROKEN;
		nj_pass(d, &v, f.bytes + (h->in_frame && f.len ? 0 : f.len));
		h->in_frame = h->in_frame && f.len;
	}
	/* Nothing comes behind a close. */
	if (h->closed)
		nj_consume(d, v.len);
	return s->half[NJ_ORIG].closed && s->half[NJ_RESP].closed ? NJ_DONE
								  : NJ_MORE;
}

const struct nj_dissector nj_dissector_websocket = {
	.name = "websocket",
	.title = "WebSocket",
	.events = (const struct nj_event_desc *const[]){ &eve_websocket_desc,
		NULL },
	.oddities = oddities,
	.state_bytes = sizeof(struct state),
	.stream = websocket_stream,
};
