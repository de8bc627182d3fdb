/*
 * zabbix.c - Zabbix's protocol between servers, proxies and agents (Zabbix
 * documentation, "Protocols"): which host is asked for, or reports, what.
 *
 * A record for each question with its answer. Data are looked at from their
 * beginning, unpacked where they are compressed; what is measured is not kept.
 */
#include "engine/io/inflate.h"
#include "dissectors/shared/pass.h"

#define ZABBIX(F, tag)                                                         \
	F(tag, 1, STR, command, NJ_INDEX | NJ_LEARN,                           \
		"agent data, proxy config ...; passive check: an item is "     \
		"asked for")                                                   \
	F(tag, 2, STR, host, NJ_INDEX, "Host that it is about")                \
	F(tag, 3, STR, item, NJ_INDEX, "Item that is asked for")               \
	F(tag, 4, BOOL, success, NJ_OPT | NJ_INDEX, "Did the other agree?")    \
	F(tag, 5, STR, info, 0, "What the answer says besides")                \
	F(tag, 6, BOOL, compressed, 0, "Is the question compressed?")          \
	F(tag, 7, IVAL, latency, NJ_OPT | NJ_LEARN, "From question to answer") \
	F(tag, 8, U64, request_bytes, NJ_LEARN, "Bytes of the question")       \
	F(tag, 9, U64, response_bytes, NJ_OPT | NJ_LEARN, "Bytes of the answer")

NJ_EVENT(zabbix, ZABBIX, "A question between Zabbix hosts");

enum {
	HEAD = 13,
	HEAD_LARGE = 21,
	LOOK_BYTES = 2048, /* of a message's data */
	TEXT_BYTES = 256,
	INFO_BYTES = 512,
	PROTOCOL = 1, /* flags */
	COMPRESSED = 2,
	LARGE = 4
};

enum { ODD_FLAGS, ODD_COMPRESSION };
static const struct nj_oddity oddities[] = {
	[ODD_FLAGS] = { "zabbix_header", "A header that cannot be" },
	[ODD_COMPRESSION] = { "zabbix_compression",
		"Data that are not compressed as they say" },
	{ 0 },
};

struct zabbix {
	bool open, sure;
	enum nj_dir asker;
	struct nj_view command, host, item; /* kept */
	bool compressed;
	uint64_t asked;
	int64_t ts_ns;
};

struct head {
	uint8_t bytes, flags;
	uint64_t len;
};

/* What an answer says. */
struct answer {
	bool judged, success;
	struct nj_view info;
	uint64_t bytes;
};

/* ---- Records ---- */

static void
finish(struct nj_dctx *d, struct zabbix *s, const struct answer *a)
{
	struct zabbix_event ev = { .command = s->command,
		.host = s->host,
		.item = s->item,
		.compressed = s->compressed,
		.request_bytes = s->asked };

	if (!s->open)
		return;
	if (a) {
		ev.info = a->info;
		nj_set(&ev, zabbix, latency, nj_now(d) - s->ts_ns);
		nj_set(&ev, zabbix, response_bytes, a->bytes);
	}
	if (a && a->judged)
		nj_set(&ev, zabbix, success, a->success);
	(void)nj_emit_at(d, &zabbix_desc, &ev, s->ts_ns);
	nj_drop(d, (void *)(uintptr_t)s->command.data);
	nj_drop(d, (void *)(uintptr_t)s->host.data);
	nj_drop(d, (void *)(uintptr_t)s->item.data);
	s->command = s->host = s->item = (struct nj_view){ 0 };
	s->open = false;
}

/* ---- Data ---- */

/* The text that stands at a name in JSON, wherever that is; without looking
 * at what is escaped in it. */
static struct nj_view
text_at(struct nj_view v, const char *name)
{
	size_t at = nj_view_find(v, nj_str(name));

	if (at == SIZE_MAX)
		return (struct nj_view){ 0 };
	v = nj_sub(v, at + strlen(name), v.len);
	while (v.len && (*v.data == ' ' || *v.data == ':'))
		v = nj_sub(v, 1, v.len);
	if (!v.len || *v.data != '"')
		return (struct nj_view){ 0 };
	v = nj_sub(v, 1, v.len);
	return nj_sub(v, 0, nj_view_chr(v, '"'));
}

struct unpacked {
	uint8_t *to;
	size_t len;
};

static void
unpack_more(void *ctx, struct nj_view v)
{
	struct unpacked *u = ctx;
	size_t n = nj_min(v.len, (size_t)LOOK_BYTES - u->len);

	memcpy(u->to + u->len, v.data, n);
	u->len += n;
}

static struct nj_view
unpack(struct nj_dctx *d, struct nj_view v)
{
	struct nj_inflate *z = nj_keep(d, sizeof(*z));
	struct unpacked u = { nj_arena(d, LOOK_BYTES), 0 };
	enum nj_inflate_status status = NJ_INFLATE_BAD;

	if (z && u.to) {
		nj_inflate_begin(z, NJ_INFLATE_ZLIB, LOOK_BYTES);
		status = nj_inflate_feed(z, &v, unpack_more, &u);
	}
	if (status == NJ_INFLATE_BAD && z && u.to)
		nj_odd(d, ODD_COMPRESSION);
	nj_drop(d, z);
	return (struct nj_view){ u.to, u.len };
}

static void
asked(struct nj_dctx *d, struct zabbix *s, const struct head *h,
	struct nj_view v)
{
	struct nj_view command = text_at(v, "\"request\"");

	finish(d, s, NULL);
	s->open = true;
	s->compressed = h->flags & COMPRESSED;
	s->asked = h->bytes + h->len;
	s->ts_ns = nj_now(d);
	if (v.len && *v.data != '{') {
		s->item = nj_keep_view(
			d, nj_sub(v, 0, nj_view_chr(v, '\n')), TEXT_BYTES);
		command = NJ_LIT("passive check");
	} else {
		s->host = nj_keep_view(d, text_at(v, "\"host\""), TEXT_BYTES);
		s->item = nj_keep_view(d, text_at(v, "\"key\""), TEXT_BYTES);
	}
	s->command = nj_keep_view(d, command, TEXT_BYTES);
}

static void
answered(struct nj_dctx *d, struct zabbix *s, const struct head *h,
	struct nj_view v)
{
	struct nj_view word = text_at(v, "\"response\"");
	struct answer a = { .bytes = h->bytes + h->len };

	if (word.len) {
		a.judged = true;
		a.success = nj_view_eq(word, NJ_LIT("success"));
		a.info = nj_sub(text_at(v, "\"info\""), 0, INFO_BYTES);
	} else if (nj_view_eq(s->command, NJ_LIT("passive check"))) {
		a.judged = true;
		a.success = !nj_view_starts(v, NJ_LIT("ZBX_NOTSUPPORTED"));
		if (!a.success)
			a.info = nj_sub(v, 17, INFO_BYTES);
	}
	finish(d, s, &a);
}

/* ---- Messages ---- */

/* False: there is no such header. bytes 0: more are needed. */
static bool
head_read(struct nj_view v, struct head *h)
{
	struct nj_cur c = nj_cur(v);
	struct nj_view mark = nj_cur_take(&c, nj_min(v.len, (size_t)4));

	*h = (struct head){ 0 };
	if (memcmp(mark.data, "ZBXD", mark.len))
		return false;
	if (v.len < 5)
		return true;
	h->flags = nj_cur_u8(&c);
	if (!(h->flags & PROTOCOL) ||
		h->flags & ~(PROTOCOL | COMPRESSED | LARGE))
		return false;
	h->len = h->flags & LARGE ? nj_cur_le64(&c) : nj_cur_le32(&c);
	nj_cur_skip(&c, h->flags & LARGE ? 8 : 4);
	if (!c.bad)
		h->bytes = h->flags & LARGE ? HEAD_LARGE : HEAD;
	return h->len < UINT64_C(1) << 40;
}

static void
message(struct nj_dctx *d, enum nj_dir dir, const struct head *h,
	struct nj_view v)
{
	struct zabbix *s = nj_state(d);

	if (!s->sure) {
		s->sure = true;
		s->asker = dir;
		nj_confirm(d);
	}
	if (h->flags & COMPRESSED)
		v = unpack(d, v);
	if (dir == s->asker)
		asked(d, s, h, v);
	else
		answered(d, s, h, v);
}

static enum nj_verdict
zabbix_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct zabbix *s = nj_state(d);

	while (v.len) {
		struct head h;
		size_t want;

		if (!head_read(v, &h)) {
			if (!s->sure)
				return NJ_REJECT;
			nj_odd(d, ODD_FLAGS);
			return NJ_BROKEN;
		}
		if (!h.bytes)
			break;
		want = (size_t)nj_min(h.len, (uint64_t)LOOK_BYTES);
		if (v.len - h.bytes < want) {
			nj_want(d, h.bytes + want);
			break;
		}
		message(d, dir, &h, nj_sub(v, h.bytes, want));
		nj_pass(d, &v, h.bytes + h.len);
	}
	return NJ_MORE;
}

static void
zabbix_end(struct nj_dctx *d)
{
	finish(d, nj_state(d), NULL);
}

const struct nj_dissector nj_dissector_zabbix = {
	.name = "zabbix",
	.title = "Zabbix",
	.ports = (const struct nj_port[]){ { NJ_TCP, 10050 }, { NJ_TCP, 10051 },
		{ 0 } },
	.sigs = (const struct nj_sig[]){ { "^ZBXD[\\x01\\x03\\x05\\x07]", 0 },
		{ 0 } },
	.events = (const struct nj_event_desc *const[]){ &zabbix_desc, NULL },
	.oddities = oddities,
	.state_bytes = sizeof(struct zabbix),
	.stream = zabbix_stream,
	.end = zabbix_end,
};
