/*
 * names.c - protocols that are told by name alone: one row of names.def each,
 * no record but the service of the flow's conn record.
 *
 * Why: what a device speaks is half of what it is, and a name costs a row. A
 * row's pattern is written from the protocol's specification and says where
 * it is; where a length or a port has to agree, the row says that too, and
 * what a regular expression cannot say is a function of shared/names.h.
 * Whoever writes a dissector for one of these strikes its rows.
 */
#include "dissectors/shared/names.h"
#include "engine/dissect/dissector.h"

enum name {
#define NAME(id, word, text) NAME_##id,
#define SIG(id, flags, port, length, check, pattern)
#include "dissectors/names.def"
#undef NAME
#undef SIG
	NAME_COUNT
};

static const char *const words[] = {
#define NAME(id, word, text) word,
#define SIG(id, flags, port, length, check, pattern)
#include "dissectors/names.def"
#undef NAME
#undef SIG
	NULL
};

enum {
	T = NJ_SIG_TCP,
	U = NJ_SIG_UDP,
	TU = T | U,
	ORIG = NJ_SIG_ORIG,
	RESP = NJ_SIG_RESP,
	NOCASE = NJ_SIG_NOCASE,
	ANY = 0 /* port */
};

/* In order of the rows, as nj_matched counts them. */
static const struct nj_sig sigs[] = {
#define NAME(id, word, text)
#define SIG(id, flags, port, length, check, pattern) { pattern, flags, port },
#include "dissectors/names.def"
#undef NAME
#undef SIG
	{ 0 }
};

/* Where the message says how long it is: width bytes at offset at, and add
 * makes it the whole. */
struct length {
	uint8_t at, width; /* width 0: it does not say */
	bool little;
	int8_t add;
};
#define NONE                                                                   \
	{                                                                      \
		0                                                              \
	}
#define BE16(at, add)                                                          \
	{                                                                      \
		at, 2, false, add                                              \
	}
#define BE24(at, add)                                                          \
	{                                                                      \
		at, 3, false, add                                              \
	}
#define BE32(at, add)                                                          \
	{                                                                      \
		at, 4, false, add                                              \
	}
#define LE16(at, add)                                                          \
	{                                                                      \
		at, 2, true, add                                               \
	}
#define LE32(at, add)                                                          \
	{                                                                      \
		at, 4, true, add                                               \
	}

struct row {
	uint8_t name;
	struct length length;
	bool (*check)(const struct nj_dctx *d, struct nj_view v);
};

static const struct row rows[] = {
#define NAME(id, word, text)
#define SIG(id, flags, port, length, check, pattern)                           \
	{ NAME_##id, length, check },
#include "dissectors/names.def"
#undef NAME
#undef SIG
};

enum { STREAM_MESSAGE_MAX = 1 << 20 };

/* A datagram is the message; a stream may show less of it, or more. */
static bool
is_length(const struct nj_dctx *d, const struct length *l, struct nj_view v)
{
	uint64_t n = 0;

	if (!l->width)
		return true;
	if (v.len < (size_t)l->at + l->width)
		return false;
	for (unsigned i = 0; i < l->width; i++)
		n = n << 8 | v.data[l->at + (l->little ? l->width - 1 - i : i)];
	n += (uint64_t)(int64_t)l->add;
	if (nj_proto_of(d) == NJ_NAMES_UDP)
		return n == v.len;
	return n >= (size_t)l->at + l->width && n <= STREAM_MESSAGE_MAX;
}

static bool
is_row(const struct nj_dctx *d, const struct row *r, struct nj_view v)
{
	return is_length(d, &r->length, v) && (!r->check || r->check(d, v));
}

static enum nj_verdict
names_probe(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	(void)dir;
	for (unsigned i = 0; i < nj_countof(rows); i++) {
		if (!nj_matched(d, i) || !is_row(d, &rows[i], v))
			continue;
		nj_name_flow(d, rows[i].name);
		return NJ_DONE;
	}
	return NJ_REJECT;
}

/* Never called: what the probe does not name it rejects. It tells on what
 * transports the rows are. */
static enum nj_verdict
names_bytes(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	(void)d;
	(void)dir;
	(void)v;
	return NJ_REJECT;
}

const struct nj_dissector nj_dissector_names = {
	.name = "names",
	.title = "Protocols by name",
	.service = "",
	.services = words,
	.sigs = sigs,
	.probe = names_probe,
	.stream = names_bytes,
	.datagram = names_bytes,
};
