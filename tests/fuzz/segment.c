/*
 * segment.c - fuzzes the readers of stored segments: header, every column,
 * filters, rows. The input is a header and parts, each behind its number (0
 * for the header) and a u16 length; checksums are put right, which a fuzzer
 * would have to guess.
 */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

#include "engine/base/crc.h"
#include "engine/base/cur.h"
#include "engine/store/segment.h"

#define FUZZSEG(F, tag)                                                        \
	F(tag, 1, BOOL, a, 0, "")                                              \
	F(tag, 2, U8, b, NJ_OPT | NJ_INDEX, "")                                \
	F(tag, 3, U16, c, NJ_OPT, "")                                          \
	F(tag, 4, U32, d, NJ_OPT, "")                                          \
	F(tag, 5, U64, e, NJ_OPT | NJ_INDEX, "")                               \
	F(tag, 6, I64, f, NJ_OPT, "")                                          \
	F(tag, 7, F64, g, NJ_OPT, "")                                          \
	F(tag, 8, TIME, h, NJ_OPT, "")                                         \
	F(tag, 9, IVAL, i, NJ_OPT, "")                                         \
	F(tag, 10, STR, j, NJ_INDEX, "")                                       \
	F(tag, 11, ADDR, k, NJ_INDEX, "")                                      \
	F(tag, 12, VSTR, l, NJ_INDEX, "")                                      \
	F(tag, 13, VU64, m, NJ_INDEX, "")                                      \
	F(tag, 14, VIVAL, n, 0, "")                                            \
	F(tag, 15, VADDR, o, NJ_INDEX, "")                                     \
	F(tag, 16, STR, community_id, NJ_INDEX, "")
NJ_EVENT(fuzzseg, FUZZSEG, "Every type once");

enum { ARENA_BYTES = 16 * 1024 * 1024, ROWS_MAX = 50 };

static struct nj_seg_arena *arena;
static struct nj_buf rows;

/* Copies of just the size of each part, so that a sanitizer sees every step
 * over their ends. */
struct parts {
	uint8_t *data[256];
	size_t len[256];
	unsigned lent;
};

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	NJ_ASSERT(!nj_event_register(&fuzzseg_desc));
	return nj_seg_arena_create(&arena, ARENA_BYTES);
}

static void
let_go(void *held)
{
	struct parts *p = held;

	NJ_ASSERT(p->lent-- > 0);
}

static enum nj_err
get(void *ctx, uint8_t part, struct nj_view *out, void **held)
{
	struct parts *p = ctx;

	if (!p->data[part])
		return NJ_E_NOENT;
	*out = (struct nj_view){ p->data[part], p->len[part] };
	*held = p;
	p->lent++;
	return NJ_OK;
}

static void
split(struct parts *p, const uint8_t *data, size_t size)
{
	struct nj_cur in = nj_cur((struct nj_view){ data, size });

	while (nj_cur_left(&in) > 3) {
		uint8_t part = nj_cur_u8(&in);
		struct nj_view v = nj_cur_take(&in, nj_cur_le16(&in));
		uint32_t crc;

		if (in.bad || p->data[part] || v.len < 4)
			continue;
		p->data[part] = malloc(v.len);
		if (!p->data[part])
			continue;
		memcpy(p->data[part], v.data, v.len);
		p->len[part] = v.len;
		crc = nj_crc32c(0, p->data[part] + 4, v.len - 4);
		memcpy(p->data[part], &crc, 4);
	}
}

/* All codes lead into the dictionary, all places into the elements. */
static void
check_column(const struct nj_column *c)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; c->first && i < c->rows; i++)
		NJ_ASSERT(c->first[i] <= c->first[i + 1] &&
			  c->first[i + 1] <= c->n);
	for (uint32_t i = 0; i < c->n; i++)
		sum += c->u ? c->u[i] : 0;
	for (uint32_t i = 0; c->dict.n && i < c->n; i++) {
		struct nj_view v;

		NJ_ASSERT(c->code[i] < c->dict.n);
		v = nj_dict_get(&c->dict, c->code[i]);
		sum += v.len ? v.data[0] + v.data[v.len - 1] : 0;
	}
	__asm__ volatile("" : : "r"(sum));
}

static void
read_all(const struct nj_seg_header *h, const struct nj_seg_source *from)
{
	static const uint8_t value[16] = "value";
	uint32_t some[ROWS_MAX];
	struct nj_column c;
	struct nj_row row;

	for (unsigned i = 0; i < h->columns; i++) {
		uint8_t id = h->column[i].id;

		nj_seg_arena_reset(arena);
		if (!nj_segment_column(&c, h, from, id, arena))
			check_column(&c);
		for (size_t n = 4; n <= sizeof(value); n += 4)
			(void)nj_segment_may_hold(
				h, from, id, (struct nj_view){ value, n });
	}
	for (uint32_t i = 0; i < ROWS_MAX; i++)
		some[i] = i;
	nj_seg_arena_reset(arena);
	nj_buf_reset(&rows);
	if (nj_segment_rows(&rows, h, from,
		    (struct nj_seg_pick){ some, nj_min(h->rows, ROWS_MAX) },
		    arena))
		return;
	for (size_t at = 0; at < rows.len; at += row.len)
		NJ_ASSERT(nj_row_parse(&row,
			(struct nj_view){ rows.data + at, rows.len - at }));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct parts p = { 0 };
	struct nj_seg_source from = { &p, get, let_go };
	struct nj_seg_header h;

	split(&p, data, size);
	if (p.data[0] && nj_seg_header_parse(
				 &h, (struct nj_view){ p.data[0], p.len[0] }))
		read_all(&h, &from);
	NJ_ASSERT(!p.lent);
	for (unsigned i = 0; i < nj_countof(p.data); i++)
		free(p.data[i]);
	return 0;
}
