/*
 * seal.c - a builder's rows to a segment: sorted by ts, column after column
 * into parts, each with its checksum, and filters beside those that are
 * searched for single values.
 */
#include <stdlib.h>

#include "engine/base/crc.h"
#include "engine/store/bloom_priv.h"
#include "engine/store/builder_priv.h"
#include "engine/store/radix_priv.h"

/* What is at hand while a segment is being made. */
struct seal {
	struct nj_seg_builder *b;
	const struct nj_seg_out *out;
	struct nj_seg_header header;
	const uint32_t *order;
	uint32_t rows;
	/* Bits of fields, and of NJ_COL_*, that all rows have. */
	uint64_t all;
	uint16_t head_all;
	bool bad; /* out of memory */
};

/* ---- Order ---- */

/* Times that lie within three days leave room for the row's number in the
 * same word. */
static void
order_near(struct nj_seg_builder *b, int64_t least)
{
	const uint64_t *ts = b->column[NJ_COL_TS].u;
	uint64_t *words = (uint64_t *)(void *)b->sort.data;

	_Static_assert(NJ_SEGMENT_ROWS_MAX <= 1 << NJ_RADIX_LOW, "it fits");
	for (uint32_t i = 0; i < b->rows; i++)
		words[i] = (ts[i] - (uint64_t)least) << NJ_RADIX_LOW | i;
	nj_radix_sort_words(words, b->rows);
	for (uint32_t i = 0; i < b->rows; i++)
		b->order[i] = words[i] & ((1u << NJ_RADIX_LOW) - 1);
}

static void
order_far(struct nj_seg_builder *b)
{
	const uint64_t *ts = b->column[NJ_COL_TS].u;
	struct nj_radix_item *items =
		(struct nj_radix_item *)(void *)b->sort.data;

	for (uint32_t i = 0; i < b->rows; i++)
		items[i] =
			(struct nj_radix_item){ ts[i] ^ UINT64_C(1) << 63, i };
	nj_radix_sort(items, b->rows);
	for (uint32_t i = 0; i < b->rows; i++)
		b->order[i] = items[i].number;
}

static bool
order_make(struct nj_seg_builder *b)
{
	const uint64_t *ts = b->column[NJ_COL_TS].u;
	int64_t least = INT64_MAX, most = INT64_MIN;
	bool sorted = true;

	for (uint32_t i = 0; i < b->rows; i++) {
		b->order[i] = i;
		sorted &= (int64_t)ts[i] >= most;
		least = nj_min(least, (int64_t)ts[i]);
		most = nj_max(most, (int64_t)ts[i]);
	}
	if (sorted)
		return true;
	nj_buf_reset(&b->sort);
	if (!nj_buf_room(&b->sort, 2 * b->rows * sizeof(struct nj_radix_item)))
		return false;
	if (((uint64_t)most - (uint64_t)least) >> (64 - NJ_RADIX_LOW))
		order_far(b);
	else
		order_near(b, least);
	return true;
}

/* ---- Presence ---- */

static void
all_find(struct seal *s)
{
	s->all = UINT64_MAX;
	s->head_all = UINT16_MAX;
	for (uint32_t i = 0; i < s->rows; i++) {
		s->all &= s->b->seen[i];
		s->head_all &= s->b->head_seen[i];
	}
}

/* Of the i-th row as they came. */
static inline uint32_t
has(const struct nj_seg_builder *b, uint8_t id, uint32_t row)
{
	return id < NJ_COL_TS ? b->seen[row] >> id & 1
			      : b->head_seen[row] >> (id - NJ_COL_TS) & 1u;
}

static bool
all_have(const struct seal *s, uint8_t id)
{
	return id < NJ_COL_TS ? s->all >> id & 1
			      : s->head_all >> (id - NJ_COL_TS) & 1;
}

/* Writes which rows have the column and gives how many. */
static uint32_t
put_presence(struct seal *s, uint8_t id)
{
	struct nj_coder *k = &s->b->coder;
	struct nj_buf *bits = &s->b->work;
	size_t bytes = ((size_t)s->rows + 7) / 8;
	uint32_t count = 0;

	nj_put_u8(&k->out, !all_have(s, id));
	if (all_have(s, id))
		return s->rows;
	nj_buf_reset(bits);
	if (!nj_buf_room(bits, bytes)) {
		s->bad = true;
		return 0;
	}
	memset(bits->data, 0, bytes);
	for (uint32_t i = 0; i < s->rows; i++) {
		uint32_t bit = has(s->b, id, s->order[i]);

		bits->data[i / 8] |= (uint8_t)(bit << i % 8);
		count += bit;
	}
	nj_zip_put(k, (struct nj_view){ bits->data, bytes }, true);
	return count;
}

/* ---- Values in order ---- */

/* Room for n numbers in the builder's work buffer. */
static uint64_t *
work_room(struct seal *s, struct nj_buf *buf, size_t n)
{
	nj_buf_reset(buf);
	if (!nj_buf_room(buf, (n + 1) * sizeof(uint64_t))) {
		s->bad = true;
		return NULL;
	}
	return (uint64_t *)(void *)buf->data;
}

/* The values of rows that have one, in order. */
static uint64_t *
numbers_of(struct seal *s, const struct nj_build_column *c)
{
	uint64_t *w = work_room(s, &s->b->work, s->rows);
	uint32_t n = 0;

	if (!w)
		return NULL;
	if (all_have(s, c->id)) {
		for (uint32_t i = 0; i < s->rows; i++)
			w[i] = c->u[s->order[i]];
		return w;
	}
	for (uint32_t i = 0; i < s->rows; i++) {
		w[n] = c->u[s->order[i]];
		n += has(s->b, c->id, s->order[i]);
	}
	return w;
}

/* The same of codes (rank NULL: of counts of elements). */
static uint64_t *
codes_of(struct seal *s, const struct nj_build_column *c, const uint32_t *rank)
{
	uint64_t *w = work_room(s, &s->b->work, s->rows);
	uint32_t n = 0;

	if (!w)
		return NULL;
	for (uint32_t i = 0; i < s->rows; i++) {
		uint32_t row = s->order[i];

		if (!has(s->b, c->id, row))
			continue;
		w[n++] = rank ? rank[c->code[row]] : c->code[row];
	}
	return w;
}

/* All elements of all rows in order; gives how many in *n. */
static uint64_t *
elems_of(struct seal *s, const struct nj_build_column *c, const uint32_t *rank,
	uint32_t *n)
{
	uint64_t *w = work_room(s, &s->b->work, c->elems);

	*n = 0;
	if (!w)
		return NULL;
	for (uint32_t i = 0; i < s->rows; i++) {
		uint32_t row = s->order[i], first, last;

		if (!has(s->b, c->id, row))
			continue;
		first = (uint32_t)c->u[row];
		last = first + c->code[row];
		for (uint32_t e = first; e < last; e++)
			w[(*n)++] = rank ? rank[c->elem_code[e]] : c->elem_u[e];
	}
	return w;
}

/* ---- Least and greatest ---- */

static void
range_floats(struct nj_seg_column *h, const uint64_t *w, uint32_t n)
{
	double v;

	for (uint32_t i = 0; i < n; i++) {
		memcpy(&v, &w[i], 8);
		if (v != v) /* no number is no bound */
			continue;
		h->min.f = !h->ranged || v < h->min.f ? v : h->min.f;
		h->max.f = !h->ranged || v > h->max.f ? v : h->max.f;
		h->ranged = true;
	}
}

static void
range_numbers(struct nj_seg_column *h, const uint64_t *w, uint32_t n)
{
	uint64_t flip = nj_seg_is_signed(h->type) ? UINT64_C(1) << 63 : 0;
	uint64_t min = UINT64_MAX, max = 0;

	if (h->type == NJ_T_F64) {
		range_floats(h, w, n);
		return;
	}
	for (uint32_t i = 0; i < n; i++) {
		min = nj_min(min, w[i] ^ flip);
		max = nj_max(max, w[i] ^ flip);
	}
	h->ranged = n != 0;
	h->min.u = min ^ flip;
	h->max.u = max ^ flip;
}

/* ---- Parts ---- */

/* Hands out what the coder has written behind a place for the checksum. */
static void
part_end(struct seal *s, struct nj_seg_column *h, uint8_t part)
{
	struct nj_buf *out = &s->b->coder.out;
	uint32_t crc;

	if (out->bad || s->bad) {
		s->bad = true;
		return;
	}
	crc = nj_crc32c(0, out->data + 4, out->len - 4);
	memcpy(out->data, &crc, 4);
	h->bytes += (uint32_t)out->len;
	s->out->part(
		s->out->ctx, part, (struct nj_view){ out->data, out->len });
}

static void
part_begin(struct seal *s)
{
	nj_buf_reset(&s->b->coder.out);
	nj_put_u32(&s->b->coder.out, 0);
}

static void
put_filter(struct seal *s, struct nj_seg_column *h, const uint64_t *hashes,
	size_t n, size_t distinct)
{
	part_begin(s);
	nj_bloom_put(&s->b->coder.out, hashes, n, distinct);
	h->filter = true;
	part_end(s, h, h->id | NJ_PART_FILTER);
}

static bool
is_indexed(const struct seal *s, uint8_t id)
{
	const struct nj_event_desc *desc = s->b->desc;

	if (id >= NJ_COL_TS)
		return id == NJ_COL_ORIG_H || id == NJ_COL_RESP_H ||
		       id == NJ_COL_RESP_P;
	for (unsigned i = 0; i < desc->count; i++)
		if (desc->fields[i].id == id)
			return desc->fields[i].flags & NJ_INDEX;
	return false;
}

static bool
is_integer(uint8_t type)
{
	return (type >= NJ_T_U8 && type <= NJ_T_I64) || type == NJ_T_VU64;
}

/* A filter over the numbers in the work buffer, which it overwrites. Where
 * there is only one, least and greatest say so. */
static void
filter_numbers(struct seal *s, struct nj_seg_column *h, uint64_t *w, uint32_t n)
{
	if (!is_indexed(s, h->id) || !is_integer(h->type) ||
		(h->ranged && h->min.u == h->max.u))
		return;
	for (uint32_t i = 0; i < n; i++)
		w[i] = nj_bloom_number(w[i]);
	put_filter(s, h, w, n, nj_bloom_distinct(w, n));
}

/* Few values are found in the dictionary itself. */
static void
filter_dict(struct seal *s, struct nj_seg_column *h, const struct nj_intern *d)
{
	uint64_t *w;

	if (!is_indexed(s, h->id) ||
		(d->n <= NJ_SEG_FILTER_CODES_MIN &&
			d->bytes.len <= NJ_DICT_OPEN_BYTES))
		return;
	w = work_room(s, &s->b->hashes, d->n);
	if (!w)
		return;
	for (uint32_t i = 0; i < d->n; i++)
		w[i] = nj_bloom_bytes(
			nj_intern_value(d, i), nj_seg_is_text(h->type));
	put_filter(s, h, w, d->n, d->n);
}

static void
seal_numbers(struct seal *s, struct nj_build_column *c, struct nj_seg_column *h)
{
	struct nj_coder *k = &s->b->coder;
	bool vector = c->kind == NJ_SEG_NUMBERS;
	uint32_t n;
	uint64_t *w;

	nj_put_u8(&k->out, NJ_SEG_PLAIN);
	n = h->present = put_presence(s, c->id);
	if (vector) {
		w = codes_of(s, c, NULL);
		if (!w)
			return;
		nj_ints_put(k, w, n, false);
		w = elems_of(s, c, NULL, &n);
	} else {
		w = numbers_of(s, c);
	}
	if (!w)
		return;
	nj_ints_put(k, w, n, nj_seg_is_signed(c->type));
	range_numbers(h, w, n);
	part_end(s, h, c->id);
	filter_numbers(s, h, w, n);
}

/* Places in the sorted dictionary by numbers of coming; to be freed. */
static uint32_t *
dict_seal(struct seal *s, const struct nj_intern *d)
{
	uint32_t *order = calloc(2 * (size_t)d->n + 1, sizeof(*order));
	uint32_t *rank = order + d->n;

	if (!order || !nj_intern_sort(d, order)) {
		free(order);
		s->bad = true;
		return NULL;
	}
	nj_dict_put(&s->b->coder, d, order);
	for (uint32_t i = 0; i < d->n; i++)
		rank[order[i]] = i;
	memmove(order, rank, d->n * sizeof(*order));
	return order;
}

static void
seal_codes(struct seal *s, struct nj_build_column *c, struct nj_seg_column *h)
{
	struct nj_coder *k = &s->b->coder;
	uint32_t *rank, n;
	uint64_t *w;

	nj_put_u8(&k->out, NJ_SEG_PLAIN);
	rank = dict_seal(s, &c->dict);
	if (!rank)
		return;
	h->distinct = c->dict.n;
	n = h->present = put_presence(s, c->id);
	w = codes_of(s, c, c->kind == NJ_SEG_CODE ? rank : NULL);
	if (w)
		nj_ints_put(k, w, n, false);
	if (w && c->kind == NJ_SEG_CODES) {
		w = elems_of(s, c, rank, &n);
		if (w)
			nj_ints_put(k, w, n, false);
	}
	free(rank);
	part_end(s, h, c->id);
	filter_dict(s, h, &c->dict);
}

/* Twelve bytes each; they only repeat where one flow has many rows. */
static void
seal_uids(struct seal *s, struct nj_build_column *c, struct nj_seg_column *h)
{
	struct nj_coder *k = &s->b->coder;
	struct nj_buf bytes = { 0 };
	uint64_t *hashes;
	uint32_t n = 0;

	nj_put_u8(&k->out, NJ_SEG_PLAIN);
	h->present = put_presence(s, c->id);
	hashes = work_room(s, &s->b->hashes, s->rows);
	if (!hashes || !nj_buf_room(&bytes, NJ_SEG_UID_KEY * (size_t)s->rows)) {
		s->bad = true;
		return;
	}
	for (uint32_t i = 0; i < s->rows; i++) {
		uint32_t row = s->order[i];
		uint64_t uid[2] = { c->u[row], c->code[row] };

		if (!has(s->b, c->id, row))
			continue;
		hashes[n++] = nj_bloom_uid(uid[0], (uint32_t)uid[1]);
		nj_seg_uid_key(uid, bytes.data + bytes.len);
		bytes.len += NJ_SEG_UID_KEY;
	}
	h->distinct = (uint32_t)nj_bloom_distinct(hashes, n);
	nj_zip_put(k, (struct nj_view){ bytes.data, bytes.len },
		h->distinct < n - n / 8);
	nj_buf_free(&bytes);
	part_end(s, h, c->id);
	put_filter(s, h, hashes, n, h->distinct);
}

static void
seal_derived(struct seal *s, struct nj_build_column *c, struct nj_seg_column *h)
{
	uint64_t *w;

	nj_put_u8(&s->b->coder.out, NJ_SEG_DERIVED);
	h->present = put_presence(s, c->id);
	h->derived = true;
	part_end(s, h, c->id);
	w = numbers_of(s, c);
	if (w && is_indexed(s, c->id))
		put_filter(
			s, h, w, h->present, nj_bloom_distinct(w, h->present));
}

static void
seal_column(struct seal *s, struct nj_build_column *c)
{
	struct nj_seg_column h = { .id = c->id, .type = c->type };

	part_begin(s);
	if (c->id == s->b->community && s->b->derived)
		seal_derived(s, c, &h);
	else if (c->kind == NJ_SEG_NUMBER || c->kind == NJ_SEG_NUMBERS)
		seal_numbers(s, c, &h);
	else if (c->kind == NJ_SEG_UID)
		seal_uids(s, c, &h);
	else
		seal_codes(s, c, &h);
	s->header.bytes += h.bytes;
	s->header.column[s->header.columns++] = h;
}

/* A column that only a broken row had opened has no rows. */
static bool
any_has(const struct seal *s, uint8_t id)
{
	for (uint32_t i = 0; i < s->rows; i++)
		if (has(s->b, id, i))
			return true;
	return false;
}

static void
begin_anew(struct nj_seg_builder *b)
{
	for (unsigned id = 0; id < NJ_COL_END; id++) {
		if (b->column[id].used)
			nj_intern_clear(&b->column[id].dict);
		b->column[id].used = false;
		b->column[id].elems = 0;
	}
	b->rows = 0;
	b->elems = 0;
	b->bytes = 0;
	b->derived = true;
}

enum nj_err
nj_seg_builder_finish(struct nj_seg_builder *b, const struct nj_seg_out *out,
	struct nj_buf *header)
{
	struct seal s = { .b = b, .out = out, .rows = b->rows };
	const uint64_t *ts = b->column[NJ_COL_TS].u;

	if (!b->rows)
		return NJ_E_STATE;
	s.bad = !order_make(b);
	s.order = b->order;
	all_find(&s);
	s.header.type = b->type;
	s.header.rows = b->rows;
	s.header.from_ns = (int64_t)ts[b->order[0]];
	s.header.to_ns = (int64_t)ts[b->order[b->rows - 1]];
	for (unsigned id = 0; id < NJ_COL_END && !s.bad; id++)
		if (b->column[id].used && any_has(&s, (uint8_t)id))
			seal_column(&s, &b->column[id]);
	if (!s.bad)
		nj_seg_header_write(header, &s.header);
	begin_anew(b);
	return s.bad || header->bad ? NJ_E_NOMEM : NJ_OK;
}
