/*
 * builder.c - rows into columns, as they come. Sorting and packing waits until
 * a segment is finished (seal.c).
 */
#include <stdlib.h>
#include <sys/random.h>

#include "engine/event/community.h"
#include "engine/store/bloom_priv.h"
#include "engine/store/builder_priv.h"

enum {
	ROWS_FIRST = 1024,
	BYTES_MAX = 64 * 1024 * 1024,
	ELEMS_FIRST = 1024,
	ELEMS_MAX = NJ_SEG_ELEMS_MAX - NJ_ROW_BYTES_MAX
};

static uint8_t
community_field(const struct nj_event_desc *desc)
{
	for (unsigned i = 0; i < desc->count; i++)
		if (desc->fields[i].type == NJ_T_STR &&
			!strcmp(desc->fields[i].member, "community_id"))
			return desc->fields[i].id;
	return 0;
}

enum nj_err
nj_seg_builder_create(
	struct nj_seg_builder **out, const struct nj_event_desc *desc)
{
	struct nj_seg_builder *b = calloc(1, sizeof(*b));

	*out = NULL;
	if (!b)
		return NJ_E_NOMEM;
	b->desc = desc;
	b->type = nj_event_type(desc);
	b->community = community_field(desc);
	b->derived = true;
	if (!nj_coder_init(&b->coder)) {
		nj_seg_builder_destroy(&b);
		return NJ_E_NOMEM;
	}
	if (getrandom(b->seed, sizeof(b->seed), 0) != sizeof(b->seed)) {
		nj_seg_builder_destroy(&b);
		return NJ_E_SYSTEM;
	}
	*out = b;
	return NJ_OK;
}

void
nj_seg_builder_destroy(struct nj_seg_builder **b)
{
	if (!*b)
		return;
	for (unsigned id = 0; id < NJ_COL_END; id++) {
		struct nj_build_column *c = &(*b)->column[id];

		free(c->u);
		free(c->code);
		free(c->elem_u);
		free(c->elem_code);
		nj_intern_fini(&c->dict);
	}
	nj_coder_fini(&(*b)->coder);
	free((*b)->seen);
	free((*b)->head_seen);
	free((*b)->order);
	nj_buf_free(&(*b)->sort);
	nj_buf_free(&(*b)->work);
	nj_buf_free(&(*b)->hashes);
	free(*b);
	*b = NULL;
}

uint32_t
nj_seg_builder_rows(const struct nj_seg_builder *b)
{
	return b->rows;
}

uint64_t
nj_seg_builder_passed(const struct nj_seg_builder *b)
{
	return b->passed;
}

/* ---- Room ---- */

static bool
array_grow(void *array, size_t n, size_t bytes)
{
	void **p = array, *more = realloc(*p, n * bytes);

	if (more)
		*p = more;
	return more != NULL;
}

/* Kinds differ in which arrays they have; a community id has both. */
static bool
column_grow(
	const struct nj_seg_builder *b, struct nj_build_column *c, uint32_t cap)
{
	bool u = c->kind != NJ_SEG_CODE || c->id == b->community;
	bool code = c->kind != NJ_SEG_NUMBER;

	return (!u || array_grow(&c->u, cap, sizeof(*c->u))) &&
	       (!code || array_grow(&c->code, cap, sizeof(*c->code)));
}

static bool
rows_grow(struct nj_seg_builder *b)
{
	uint32_t cap = b->cap ? 4 * b->cap : ROWS_FIRST;

	if (!array_grow(&b->seen, cap, sizeof(*b->seen)) ||
		!array_grow(&b->head_seen, cap, sizeof(*b->head_seen)) ||
		!array_grow(&b->order, cap, sizeof(*b->order)))
		return false;
	for (unsigned id = 0; id < NJ_COL_END; id++) {
		struct nj_build_column *c = &b->column[id];

		if ((c->u || c->code) && !column_grow(b, c, cap))
			return false;
	}
	b->cap = cap;
	return true;
}

/* Before the first value of a segment. */
static bool
column_open(struct nj_seg_builder *b, uint8_t id, uint8_t type)
{
	struct nj_build_column *c = &b->column[id];

	if (!c->u && !c->code) {
		c->id = id;
		c->type = type;
		c->kind = nj_seg_kind(id, type);
		memcpy(c->dict.seed, b->seed, sizeof(b->seed));
		if (!column_grow(b, c, b->cap))
			return false;
	}
	c->used = true;
	return true;
}

static inline struct nj_build_column *
column_of(struct nj_seg_builder *b, uint8_t id, uint8_t type)
{
	struct nj_build_column *c = &b->column[id];

	if (nj_unlikely(!c->used) && !column_open(b, id, type))
		return NULL;
	return c;
}

/* ---- Heads ---- */

static inline bool
head_number(struct nj_seg_builder *b, uint8_t id, uint32_t row, uint64_t v)
{
	struct nj_build_column *c = column_of(b, id, nj_seg_head_type(id));

	if (!c)
		return false;
	c->u[row] = v;
	return true;
}

static struct nj_view
addr_view(const struct nj_addr *a)
{
	return (struct nj_view){ a->bytes, a->family == 4   ? 4
					   : a->family == 6 ? 16
							    : 0 };
}

static inline bool
put_code(struct nj_build_column *c, uint32_t row, struct nj_view v)
{
	int64_t code = nj_intern_get(&c->dict, v);

	c->code[row] = (uint32_t)code;
	return code != NJ_INTERN_NONE;
}

static bool
head_addr(struct nj_seg_builder *b, uint8_t id, uint32_t row,
	const struct nj_addr *a)
{
	struct nj_build_column *c = column_of(b, id, NJ_T_ADDR);

	return c && put_code(c, row, addr_view(a));
}

static bool
head_uid(struct nj_seg_builder *b, uint32_t row, const uint64_t uid[2])
{
	struct nj_build_column *c = column_of(b, NJ_COL_UID, NJ_T_STR);

	if (!c)
		return false;
	c->u[row] = uid[0];
	c->code[row] = (uint32_t)uid[1];
	return true;
}

static uint64_t
mac_number(const uint8_t mac[6])
{
	uint64_t v = 0;

	memcpy(&v, mac, 6);
	return __builtin_bswap64(v) >> 16;
}

/* A bit for each NJ_COL_* that the head has. */
static uint16_t
head_bits(const struct nj_head *h)
{
	static const uint8_t no_macs[sizeof(h->mac)];
	bool uid = h->uid[0] | (uint32_t)h->uid[1];
	bool macs = memcmp(h->mac, no_macs, sizeof(no_macs)) != 0;
	const bool has[NJ_COL_END - NJ_COL_TS] = { true, uid, h->orig.family,
		h->resp.family, h->orig.family || h->orig_p,
		h->resp.family || h->resp_p, h->vlan[0], h->vlan[1],
		h->ip_proto, macs, macs };
	unsigned bits = 0;

	for (unsigned i = 0; i < nj_countof(has); i++)
		bits |= (unsigned)has[i] << i;
	return (uint16_t)bits;
}

/* Those of the others: most heads have none. */
static bool
put_head_more(struct nj_seg_builder *b, const struct nj_head *h, uint32_t row,
	uint16_t bits)
{
	const uint64_t v[] = { h->vlan[0], h->vlan[1], h->ip_proto,
		mac_number(h->mac[0]), mac_number(h->mac[1]) };
	bool ok = true;

	for (unsigned i = 0; i < nj_countof(v); i++)
		if (bits >> (NJ_COL_VLAN + i - NJ_COL_TS) & 1)
			ok &= head_number(
				b, (uint8_t)(NJ_COL_VLAN + i), row, v[i]);
	return ok;
}

static bool
put_head(struct nj_seg_builder *b, const struct nj_head *h, uint32_t row)
{
	uint16_t bits = head_bits(h);
	bool ok = head_number(b, NJ_COL_TS, row, (uint64_t)h->ts_ns);

	b->head_seen[row] = bits;
	if (bits >> (NJ_COL_UID - NJ_COL_TS) & 1)
		ok &= head_uid(b, row, h->uid);
	if (h->orig.family)
		ok &= head_addr(b, NJ_COL_ORIG_H, row, &h->orig);
	if (h->resp.family)
		ok &= head_addr(b, NJ_COL_RESP_H, row, &h->resp);
	if (bits >> (NJ_COL_ORIG_P - NJ_COL_TS) & 1)
		ok &= head_number(b, NJ_COL_ORIG_P, row, h->orig_p);
	if (bits >> (NJ_COL_RESP_P - NJ_COL_TS) & 1)
		ok &= head_number(b, NJ_COL_RESP_P, row, h->resp_p);
	return ok && put_head_more(b, h, row, bits);
}

static uint64_t
head_get(const struct nj_seg_builder *b, uint8_t id, uint32_t row)
{
	return b->head_seen[row] >> (id - NJ_COL_TS) & 1 ? b->column[id].u[row]
							 : 0;
}

static struct nj_addr
head_get_addr(const struct nj_seg_builder *b, uint8_t id, uint32_t row)
{
	const struct nj_build_column *c = &b->column[id];
	struct nj_view v;

	if (!(b->head_seen[row] >> (id - NJ_COL_TS) & 1))
		return (struct nj_addr){ 0 };
	v = nj_intern_value(&c->dict, c->code[row]);
	return v.len == 4 ? nj_addr4(v.data) : nj_addr6(v.data);
}

void
nj_build_head(
	const struct nj_seg_builder *b, uint32_t row, struct nj_head *head)
{
	*head = (struct nj_head){
		.orig = head_get_addr(b, NJ_COL_ORIG_H, row),
		.resp = head_get_addr(b, NJ_COL_RESP_H, row),
		.orig_p = (uint16_t)head_get(b, NJ_COL_ORIG_P, row),
		.resp_p = (uint16_t)head_get(b, NJ_COL_RESP_P, row),
		.ip_proto = (uint8_t)head_get(b, NJ_COL_IP_PROTO, row),
	};
}

/* ---- Fields ---- */

/* The first community id that is another than the head says: from here on
 * they are kept as text, and so are those before. */
static bool
community_underive(struct nj_seg_builder *b, struct nj_build_column *c)
{
	char text[NJ_COMMUNITY_TEXT];
	struct nj_head head;

	b->derived = false;
	for (uint32_t row = 0; row < b->rows; row++) {
		struct nj_view v = { (const uint8_t *)text, 0 };

		if (!(b->seen[row] >> c->id & 1))
			continue;
		nj_build_head(b, row, &head);
		v.len = nj_community_id(
			&head, nj_flow_has_ports(head.ip_proto), text);
		if (!put_code(c, row, v))
			return false;
	}
	return true;
}

static bool
put_community(struct nj_seg_builder *b, struct nj_build_column *c,
	const struct nj_head *head, struct nj_view v)
{
	char text[NJ_COMMUNITY_TEXT];
	size_t n =
		nj_community_id(head, nj_flow_has_ports(head->ip_proto), text);

	if (n == v.len && !memcmp(text, v.data, n)) {
		c->u[b->rows] = nj_bloom_bytes(v, true);
		return true;
	}
	return community_underive(b, c) && put_code(c, b->rows, v);
}

static bool
elem_room(struct nj_build_column *c)
{
	uint32_t cap = c->elems_cap ? 2 * c->elems_cap : ELEMS_FIRST;

	if (c->elems < c->elems_cap)
		return true;
	if (c->kind == NJ_SEG_NUMBERS
			? !array_grow(&c->elem_u, cap, sizeof(*c->elem_u))
			: !array_grow(
				  &c->elem_code, cap, sizeof(*c->elem_code)))
		return false;
	c->elems_cap = cap;
	return true;
}

/* Gives NJ_E_FORMAT for elements that are broken: what the row said of this
 * field would be lost in silence otherwise. */
static enum nj_err
put_elems(struct nj_seg_builder *b, struct nj_build_column *c,
	struct nj_row_field *f)
{
	struct nj_row_field e;
	size_t left = f->bytes.len;
	int64_t code;

	c->u[b->rows] = c->elems;
	while (nj_row_elem(f, &e)) {
		if (!elem_room(c))
			return NJ_E_NOMEM;
		if (c->kind == NJ_SEG_NUMBERS) {
			c->elem_u[c->elems++] =
				c->type == NJ_T_VIVAL ? (uint64_t)e.i : e.u;
		} else {
			code = nj_intern_get(&c->dict,
				e.type == NJ_T_STR ? e.bytes
						   : addr_view(&e.addr));
			if (code == NJ_INTERN_NONE)
				return NJ_E_NOMEM;
			c->elem_code[c->elems++] = (uint32_t)code;
		}
		left = f->bytes.len;
	}
	c->code[b->rows] = c->elems - (uint32_t)c->u[b->rows];
	b->elems += c->code[b->rows];
	return left ? NJ_E_FORMAT : NJ_OK;
}

static inline enum nj_err
put_field(struct nj_seg_builder *b, struct nj_build_column *c,
	struct nj_row_field *f, const struct nj_head *head)
{
	uint32_t row = b->rows;
	bool ok;

	switch (c->kind) {
	case NJ_SEG_NUMBER:
		c->u[row] = nj_seg_is_signed(f->type) ? (uint64_t)f->i : f->u;
		return NJ_OK;
	case NJ_SEG_CODE:
		if (f->type == NJ_T_ADDR)
			ok = put_code(c, row, addr_view(&f->addr));
		else if (f->id == b->community && b->derived)
			ok = put_community(b, c, head, f->bytes);
		else
			ok = put_code(c, row, f->bytes);
		return ok ? NJ_OK : NJ_E_NOMEM;
	default:
		return put_elems(b, c, f);
	}
}

static enum nj_err
put_fields(struct nj_seg_builder *b, const struct nj_row *row)
{
	struct nj_row_iter it;
	struct nj_row_field f;
	enum nj_err err = NJ_OK;

	nj_row_iter_init(&it, row);
	while (!err && nj_row_next(&it, &f)) {
		struct nj_build_column *c = column_of(b, f.id, f.type);

		err = c ? put_field(b, c, &f, &row->head) : NJ_E_NOMEM;
	}
	b->seen[b->rows] = it.seen;
	b->passed += it.passed;
	return err ? err : it.bad ? NJ_E_FORMAT : NJ_OK;
}

static bool
is_full(const struct nj_seg_builder *b, const struct nj_row *row)
{
	return b->rows == NJ_SEGMENT_ROWS_MAX ||
	       (b->rows && b->bytes + row->len > BYTES_MAX) ||
	       b->elems > ELEMS_MAX;
}

enum nj_err
nj_seg_builder_add(struct nj_seg_builder *b, const struct nj_row *row)
{
	enum nj_err err;

	if (row->type != b->type)
		return NJ_E_FORMAT;
	if (is_full(b, row))
		return NJ_E_FULL;
	if (b->rows == b->cap && !rows_grow(b))
		return NJ_E_NOMEM;
	if (!put_head(b, &row->head, b->rows))
		return NJ_E_NOMEM;
	err = put_fields(b, row);
	if (err)
		return err;
	b->bytes += row->len;
	b->rows++;
	return NJ_OK;
}
