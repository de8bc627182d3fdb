/*
 * series.c - sums by minute, made from the columns of a segment.
 *
 * A block: u32 crc32c of what follows; LEB128 count of services, each with
 * its length before it; LEB128 count of entries, each: u8 direction, u8
 * bytes of the address (0, 4, 16), the address, LEB128 service, LEB128 sums.
 */
#include "engine/store/series.h"

#include <stdlib.h>

#include "engine/base/crc.h"
#include "engine/base/cur.h"
#include "engine/base/hash.h"

static const char *const direction_names[NJ_DIRECTION_COUNT] = {
#define D(name, text) [NJ_DIRECTION_##name] = #name,
	NJ_DIRECTIONS(D)
#undef D
};

const char *
nj_direction_name(unsigned direction)
{
	return direction < NJ_DIRECTION_COUNT ? direction_names[direction]
					      : "unknown";
}

/* ---- Columns of conn ---- */

enum column {
	COL_TS,
	COL_ORIG_H,
	COL_RESP_H,
	COL_SERVICE,
	COL_LOCAL_ORIG,
	COL_LOCAL_RESP,
	COL_ORIG_BYTES,
	COL_RESP_BYTES,
	COL_ORIG_PKTS,
	COL_RESP_PKTS,
	COL_COUNT
};
/* A field by its name, or a column of the head. */
static const struct {
	const char *name;
	uint8_t id;
} columns[COL_COUNT] = {
	[COL_TS] = { NULL, NJ_COL_TS },
	[COL_ORIG_H] = { NULL, NJ_COL_ORIG_H },
	[COL_RESP_H] = { NULL, NJ_COL_RESP_H },
	[COL_SERVICE] = { "service", 0 },
	[COL_LOCAL_ORIG] = { "local_orig", 0 },
	[COL_LOCAL_RESP] = { "local_resp", 0 },
	[COL_ORIG_BYTES] = { "orig_bytes", 0 },
	[COL_RESP_BYTES] = { "resp_bytes", 0 },
	[COL_ORIG_PKTS] = { "orig_pkts", 0 },
	[COL_RESP_PKTS] = { "resp_pkts", 0 },
};

static uint8_t
field_id(const struct nj_event_desc *desc, const char *name)
{
	for (unsigned i = 0; i < desc->count; i++)
		if (!strcmp(desc->fields[i].member, name))
			return desc->fields[i].id;
	return 0;
}

static enum nj_err
read_columns(struct nj_column out[COL_COUNT], const struct nj_seg_header *h,
	const struct nj_seg_source *from, struct nj_seg_arena *arena)
{
	const struct nj_event_desc *desc = nj_event_by_type(h->type);
	enum nj_err err = NJ_OK;

	for (unsigned i = 0; i < COL_COUNT && !err; i++) {
		uint8_t id = columns[i].name ? field_id(desc, columns[i].name)
					     : columns[i].id;

		out[i] = (struct nj_column){ 0 };
		err = nj_segment_column(&out[i], h, from, id, arena);
		if (err == NJ_E_NOENT)
			err = NJ_OK;
	}
	return err;
}

static bool
has(const struct nj_column *c, uint32_t row)
{
	return c->rows &&
	       (!c->present || (c->present[row / 64] >> row % 64 & 1));
}

static uint64_t
number(const struct nj_column *c, uint32_t row)
{
	return has(c, row) && c->u ? c->u[row] : 0;
}

/* ---- Summing ---- */

/* What makes an entry. Codes are those of the segment's dictionaries, plus 1;
 * resp says which of both addresses the device's is in. */
struct key {
	int64_t minute;
	uint32_t device, service;
	uint8_t direction;
	bool resp;
};
struct entry {
	struct key key;
	uint64_t sum[NJ_SERIES_SUM_COUNT];
};
struct table {
	struct entry *entry; /* NJ_SEGMENT_ROWS_MAX */
	uint32_t n;
	uint32_t *slot; /* place plus 1 */
};
enum { SLOTS = 2 * NJ_SEGMENT_ROWS_MAX };

static bool
is_same(const struct key *a, const struct key *b)
{
	return a->minute == b->minute && a->device == b->device &&
	       a->service == b->service && a->direction == b->direction &&
	       a->resp == b->resp;
}

static struct entry *
entry_of(struct table *t, const struct key *k)
{
	uint64_t hash =
		nj_mix64((uint64_t)k->minute << 20 ^ (uint64_t)k->device << 3 ^
			 k->direction ^ (uint64_t)k->service << 44);
	uint32_t i = (uint32_t)hash % SLOTS;

	for (; t->slot[i]; i = (i + 1) % SLOTS)
		if (is_same(&t->entry[t->slot[i] - 1].key, k))
			return &t->entry[t->slot[i] - 1];
	t->entry[t->n] = (struct entry){ .key = *k };
	t->slot[i] = ++t->n;
	return &t->entry[t->n - 1];
}

static int64_t
minute_of(int64_t ns)
{
	int64_t minute = ns / (60 * NJ_NS_PER_S);

	return ns % (60 * NJ_NS_PER_S) < 0 ? minute - 1 : minute;
}

static struct key
key_of(const struct nj_column c[COL_COUNT], uint32_t row)
{
	bool orig = number(&c[COL_LOCAL_ORIG], row);
	bool resp = number(&c[COL_LOCAL_RESP], row);
	struct key k = { .minute = minute_of((int64_t)c[COL_TS].u[row]),
		.direction = (uint8_t)(orig   ? resp ? NJ_DIRECTION_internal
						     : NJ_DIRECTION_out
				       : resp ? NJ_DIRECTION_in
					      : NJ_DIRECTION_external),
		.resp = resp && !orig };
	const struct nj_column *side = &c[k.resp ? COL_RESP_H : COL_ORIG_H];

	if ((orig || resp) && has(side, row))
		k.device = side->code[row] + 1;
	if (has(&c[COL_SERVICE], row))
		k.service = c[COL_SERVICE].code[row] + 1;
	return k;
}

static void
sum_up(struct table *t, const struct nj_column c[COL_COUNT], uint32_t rows)
{
	for (uint32_t row = 0; row < rows; row++) {
		struct key k = key_of(c, row);
		struct entry *e = entry_of(t, &k);

		e->sum[NJ_SERIES_conns]++;
		e->sum[NJ_SERIES_orig_bytes] += number(&c[COL_ORIG_BYTES], row);
		e->sum[NJ_SERIES_resp_bytes] += number(&c[COL_RESP_BYTES], row);
		e->sum[NJ_SERIES_orig_pkts] += number(&c[COL_ORIG_PKTS], row);
		e->sum[NJ_SERIES_resp_pkts] += number(&c[COL_RESP_PKTS], row);
	}
}

static int
by_key(const void *a, const void *b)
{
	const struct key *x = &((const struct entry *)a)->key;
	const struct key *y = &((const struct entry *)b)->key;

#define BY(member)                                                             \
	if (x->member != y->member)                                            \
	return x->member < y->member ? -1 : 1
	BY(minute);
	BY(service);
	BY(direction);
	BY(resp);
	BY(device);
#undef BY
	return 0;
}

/* ---- Blocks ---- */

static void
put_leb(struct nj_buf *b, uint64_t v)
{
	while (v >= 0x80) {
		nj_buf_char(b, (char)(v | 0x80));
		v >>= 7;
	}
	nj_buf_char(b, (char)v);
}

/* Entries are sorted by service: each new one gets the next number. */
static uint32_t
services_of(const struct entry *e, uint32_t n)
{
	uint32_t services = 0;

	for (uint32_t i = 0; i < n; i++)
		services += !i || e[i].key.service != e[i - 1].key.service;
	return services;
}

static void
put_services(struct nj_buf *b, const struct entry *e, uint32_t n,
	const struct nj_dict *d)
{
	put_leb(b, services_of(e, n));
	for (uint32_t i = 0; i < n; i++) {
		struct nj_view v = { 0 };

		if (i && e[i].key.service == e[i - 1].key.service)
			continue;
		if (e[i].key.service)
			v = nj_dict_get(d, e[i].key.service - 1);
		put_leb(b, v.len);
		nj_buf_put(b, v.data, v.len);
	}
}

static void
put_entries(struct nj_buf *b, const struct entry *e, uint32_t n,
	const struct nj_column c[COL_COUNT])
{
	uint32_t service = 0;

	put_leb(b, n);
	for (uint32_t i = 0; i < n; i++) {
		const struct key *k = &e[i].key;
		struct nj_view addr = { 0 };

		service += i && k->service != e[i - 1].key.service;
		if (k->device)
			addr = nj_dict_get(
				&c[k->resp ? COL_RESP_H : COL_ORIG_H].dict,
				k->device - 1);
		nj_buf_char(b, (char)k->direction);
		nj_buf_char(b, (char)addr.len);
		nj_buf_put(b, addr.data, addr.len);
		put_leb(b, service);
		for (unsigned s = 0; s < NJ_SERIES_SUM_COUNT; s++)
			put_leb(b, e[i].sum[s]);
	}
}

static enum nj_err
hand_out(struct table *t, const struct nj_column c[COL_COUNT],
	const struct nj_series_out *out)
{
	struct nj_buf b = { 0 };
	uint32_t from = 0, crc;

	qsort(t->entry, t->n, sizeof(*t->entry), by_key);
	for (uint32_t i = 1; i <= t->n; i++) {
		if (i < t->n &&
			t->entry[i].key.minute == t->entry[from].key.minute)
			continue;
		nj_buf_reset(&b);
		nj_buf_put(&b, "\0\0\0\0", 4);
		put_services(
			&b, &t->entry[from], i - from, &c[COL_SERVICE].dict);
		put_entries(&b, &t->entry[from], i - from, c);
		if (b.bad)
			break;
		crc = nj_crc32c(0, b.data + 4, b.len - 4);
		memcpy(b.data, &crc, 4);
		out->block(out->ctx, t->entry[from].key.minute,
			(struct nj_view){ b.data, b.len });
		from = i;
	}
	nj_buf_free(&b);
	return from == t->n ? NJ_OK : NJ_E_NOMEM;
}

enum nj_err
nj_series_of_segment(const struct nj_seg_header *h,
	const struct nj_seg_source *from, struct nj_seg_arena *arena,
	const struct nj_series_out *out)
{
	const struct nj_event_desc *desc = nj_event_by_type(h->type);
	struct nj_column c[COL_COUNT];
	struct table t = { 0 };
	enum nj_err err;

	if (!desc || strcmp(desc->name, "conn") != 0 || !h->rows)
		return NJ_OK;
	err = read_columns(c, h, from, arena);
	if (err)
		return err;
	if (!c[COL_TS].u)
		return NJ_E_FORMAT;
	t.entry = calloc(h->rows, sizeof(*t.entry));
	t.slot = calloc(SLOTS, sizeof(*t.slot));
	err = t.entry && t.slot ? NJ_OK : NJ_E_NOMEM;
	if (!err) {
		sum_up(&t, c, h->rows);
		err = hand_out(&t, c, out);
	}
	free(t.entry);
	free(t.slot);
	return err;
}

/* ---- Reading ---- */

static uint64_t
take_leb(struct nj_cur *c)
{
	uint64_t v = 0;
	uint8_t byte;

	for (unsigned shift = 0; shift < 64; shift += 7) {
		byte = nj_cur_u8(c);
		v |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80)
			return v;
	}
	c->bad = true;
	return 0;
}

/* Moves past the services. */
static uint64_t
skip_services(struct nj_cur *c)
{
	uint64_t n = take_leb(c);

	for (uint64_t i = 0; i < n && !c->bad; i++)
		nj_cur_skip(c, take_leb(c));
	return n;
}

static struct nj_addr
take_addr(struct nj_cur *c)
{
	uint8_t len = nj_cur_u8(c);
	struct nj_view v = nj_cur_take(c, len);

	if (!len)
		return (struct nj_addr){ 0 };
	if (!v.data || (len != 4 && len != 16)) {
		c->bad = true;
		return (struct nj_addr){ 0 };
	}
	return len == 4 ? nj_addr4(v.data) : nj_addr6(v.data);
}

static void
take_entry(struct nj_cur *c, struct nj_series_entry *e, uint64_t *service)
{
	e->direction = nj_cur_u8(c);
	e->device = take_addr(c);
	*service = take_leb(c);
	for (unsigned s = 0; s < NJ_SERIES_SUM_COUNT; s++)
		e->sum[s] = take_leb(c);
	if (e->direction >= NJ_DIRECTION_COUNT)
		c->bad = true;
}

/* Entries come in the order of services, so one cursor follows their names. */
static bool
walk(struct nj_view v, int64_t minute,
	void (*fn)(void *ctx, const struct nj_series_entry *e), void *ctx)
{
	struct nj_cur names = nj_cur(v), c = nj_cur(v);
	struct nj_series_entry e = { .minute = minute };
	uint64_t services = skip_services(&c), n = take_leb(&c);
	uint64_t service, named = 0;

	(void)take_leb(&names);
	for (uint64_t i = 0; i < n; i++) {
		take_entry(&c, &e, &service);
		if (c.bad || service >= services)
			return false;
		while (named <= service) {
			e.service = nj_cur_take(&names, take_leb(&names));
			named++;
		}
		if (service + 1 != named)
			return false;
		if (fn)
			fn(ctx, &e);
	}
	return !c.bad && !nj_cur_left(&c);
}

enum nj_err
nj_series_walk(struct nj_view block, int64_t minute,
	void (*fn)(void *ctx, const struct nj_series_entry *e), void *ctx)
{
	struct nj_view rest = nj_sub(block, 4, SIZE_MAX);
	uint32_t crc;

	if (block.len < 4)
		return NJ_E_FORMAT;
	memcpy(&crc, block.data, 4);
	/* Once to see that it is sound, and then for good. */
	if (crc != nj_crc32c(0, rest.data, rest.len) ||
		!walk(rest, minute, NULL, NULL))
		return NJ_E_FORMAT;
	(void)walk(rest, minute, fn, ctx);
	return NJ_OK;
}
