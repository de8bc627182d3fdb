/*
 * rows.c - records put together from columns, in the row encoding.
 */
#include "engine/event/community.h"
#include "engine/store/read_priv.h"

/* ---- Heads ---- */

enum nj_err
nj_seg_heads_read(struct nj_seg_heads *out, const struct nj_seg_header *h,
	const struct nj_seg_source *from, struct nj_seg_arena *arena)
{
	*out = (struct nj_seg_heads){ 0 };
	for (unsigned id = NJ_COL_TS; id < NJ_COL_END; id++) {
		const struct nj_seg_column *c = nj_seg_header_column(h, id);
		enum nj_err err;

		if (!c)
			continue;
		err = nj_seg_read(
			&out->column[id - NJ_COL_TS], h, from, c, arena);
		if (err)
			return err;
	}
	return NJ_OK;
}

static uint64_t
number_of(const struct nj_seg_heads *heads, uint8_t id, uint32_t row)
{
	const struct nj_column *c = &heads->column[id - NJ_COL_TS];

	return nj_seg_has(c, row) ? c->u[row] : 0;
}

static struct nj_addr
addr_of(struct nj_view v)
{
	return v.len == 4    ? nj_addr4(v.data)
	       : v.len == 16 ? nj_addr6(v.data)
			     : (struct nj_addr){ 0 };
}

static struct nj_addr
head_addr(const struct nj_seg_heads *heads, uint8_t id, uint32_t row)
{
	const struct nj_column *c = &heads->column[id - NJ_COL_TS];

	if (!nj_seg_has(c, row))
		return (struct nj_addr){ 0 };
	return addr_of(nj_dict_get(&c->dict, c->code[row]));
}

static void
mac_of(uint64_t v, uint8_t out[6])
{
	for (unsigned i = 0; i < 6; i++)
		out[i] = (uint8_t)(v >> (40 - 8 * i));
}

void
nj_seg_head(const struct nj_seg_heads *heads, uint32_t row, struct nj_head *out)
{
	const struct nj_column *uid = &heads->column[NJ_COL_UID - NJ_COL_TS];
	int64_t ts = (int64_t)number_of(heads, NJ_COL_TS, row);

	*out = (struct nj_head){ .order_ns = ts,
		.ts_ns = ts,
		.orig = head_addr(heads, NJ_COL_ORIG_H, row),
		.resp = head_addr(heads, NJ_COL_RESP_H, row),
		.orig_p = (uint16_t)number_of(heads, NJ_COL_ORIG_P, row),
		.resp_p = (uint16_t)number_of(heads, NJ_COL_RESP_P, row),
		.vlan = { (uint16_t)number_of(heads, NJ_COL_VLAN, row),
			(uint16_t)number_of(heads, NJ_COL_VLAN_INNER, row) },
		.ip_proto = (uint8_t)number_of(heads, NJ_COL_IP_PROTO, row) };
	if (nj_seg_has(uid, row))
		nj_seg_uid(uid, row, out->uid);
	mac_of(number_of(heads, NJ_COL_MAC_ORIG, row), out->mac[0]);
	mac_of(number_of(heads, NJ_COL_MAC_RESP, row), out->mac[1]);
}

/* ---- Fields ---- */

/* All that rows are made of. */
struct making {
	struct nj_seg_heads heads;
	const struct nj_event_desc *desc;
	struct nj_seg_arena *arena;
	struct nj_column fields[NJ_COL_TS];
	bool derived[NJ_COL_TS];
};

static enum nj_err
fields_read(struct making *m, const struct nj_seg_header *h,
	const struct nj_seg_source *from)
{
	for (unsigned i = 0; m->desc && i < m->desc->count; i++) {
		const struct nj_field *f = &m->desc->fields[i];
		const struct nj_seg_column *c = nj_seg_header_column(h, f->id);
		enum nj_err err;

		/* A later version may have given the id another type. */
		if (!c || c->type != f->type)
			continue;
		err = nj_seg_read(&m->fields[f->id], h, from, c, m->arena);
		if (err)
			return err;
		m->derived[f->id] = c->derived;
	}
	return NJ_OK;
}

static enum nj_err
put_texts(struct nj_row_writer *w, const struct nj_field *f,
	const struct nj_column *c, uint32_t row, struct nj_seg_arena *arena)
{
	struct nj_decoder d = { .arena = arena };
	uint32_t n = c->first[row + 1] - c->first[row];
	const uint32_t *code = c->code + c->first[row];
	struct nj_view *v = nj_decoder_room(&d, n, sizeof(*v));

	if (!v)
		return d.err;
	for (uint32_t i = 0; i < n; i++)
		v[i] = nj_dict_get(&c->dict, code[i]);
	nj_row_put(w, f, &(struct nj_vstr){ v, n });
	return NJ_OK;
}

static enum nj_err
put_addrs(struct nj_row_writer *w, const struct nj_field *f,
	const struct nj_column *c, uint32_t row, struct nj_seg_arena *arena)
{
	struct nj_decoder d = { .arena = arena };
	uint32_t n = c->first[row + 1] - c->first[row];
	const uint32_t *code = c->code + c->first[row];
	struct nj_addr *v = nj_decoder_room(&d, n, sizeof(*v));

	if (!v)
		return d.err;
	for (uint32_t i = 0; i < n; i++)
		v[i] = addr_of(nj_dict_get(&c->dict, code[i]));
	nj_row_put(w, f, &(struct nj_vaddr){ v, n });
	return NJ_OK;
}

static void
put_numbers(struct nj_row_writer *w, const struct nj_field *f,
	const struct nj_column *c, uint32_t row)
{
	const uint64_t *v = c->u + c->first[row];
	uint32_t n = c->first[row + 1] - c->first[row];

	if (f->type == NJ_T_VIVAL)
		nj_row_put(w, f, &(struct nj_vival){ (const int64_t *)v, n });
	else
		nj_row_put(w, f, &(struct nj_vu64){ v, n });
}

/* A number as a struct of the log type has it: on a little-endian machine the
 * first bytes are the smaller number. */
union number {
	uint64_t u64;
	int64_t i64;
	double f64;
	uint32_t u32;
	uint16_t u16;
	uint8_t u8;
};

static enum nj_err
put_value(struct nj_row_writer *w, const struct nj_field *f,
	const struct nj_column *c, uint32_t row, struct nj_seg_arena *arena)
{
	union number number;
	struct nj_view text;
	struct nj_addr addr;

	switch ((enum nj_type)f->type) {
	case NJ_T_STR:
		text = nj_dict_get(&c->dict, c->code[row]);
		nj_row_put(w, f, &text);
		break;
	case NJ_T_ADDR:
		addr = addr_of(nj_dict_get(&c->dict, c->code[row]));
		nj_row_put(w, f, &addr);
		break;
	case NJ_T_VSTR:
		return put_texts(w, f, c, row, arena);
	case NJ_T_VADDR:
		return put_addrs(w, f, c, row, arena);
	case NJ_T_VU64:
	case NJ_T_VIVAL:
		put_numbers(w, f, c, row);
		break;
	default:
		number.u64 = c->u[row];
		nj_row_put(w, f, &number);
	}
	return NJ_OK;
}

static enum nj_err
put_fields(struct nj_row_writer *w, const struct making *m, uint32_t row,
	const struct nj_head *head)
{
	enum nj_err err = NJ_OK;

	for (unsigned i = 0; !err && m->desc && i < m->desc->count; i++) {
		const struct nj_field *f = &m->desc->fields[i];
		char text[NJ_COMMUNITY_TEXT];
		struct nj_view v = { (const uint8_t *)text, 0 };

		if (!nj_seg_has(&m->fields[f->id], row))
			continue;
		if (!m->derived[f->id]) {
			err = put_value(w, f, &m->fields[f->id], row, m->arena);
			continue;
		}
		v.len = nj_community_id(
			head, nj_flow_has_ports(head->ip_proto), text);
		nj_row_put(w, f, &v);
	}
	return err;
}

static enum nj_err
put_row(struct nj_buf *out, const struct making *m, uint32_t type, uint32_t row)
{
	struct nj_row_writer w;
	struct nj_head head;
	enum nj_err err;
	size_t n;

	if (!nj_buf_room(out, NJ_ROW_BYTES_MAX))
		return NJ_E_NOMEM;
	nj_seg_head(&m->heads, row, &head);
	nj_row_begin(&w, out->data + out->len, NJ_ROW_BYTES_MAX, type, &head);
	err = put_fields(&w, m, row, &head);
	n = nj_row_end(&w);
	if (!n)
		return NJ_E_FORMAT;
	out->len += n;
	return err;
}

enum nj_err
nj_segment_rows(struct nj_buf *out, const struct nj_seg_header *h,
	const struct nj_seg_source *from, struct nj_seg_pick pick,
	struct nj_seg_arena *arena)
{
	struct making m = { .desc = nj_event_by_type(h->type), .arena = arena };
	enum nj_err err = nj_seg_heads_read(&m.heads, h, from, arena);
	size_t used;

	if (!err)
		err = fields_read(&m, h, from);
	used = arena->used;
	for (uint32_t i = 0; !err && i < pick.n; i++) {
		err = pick.rows[i] < h->rows
			      ? put_row(out, &m, h->type, pick.rows[i])
			      : NJ_E_RANGE;
		arena->used = used;
	}
	return err;
}
