/*
 * header.c - the header of a segment as bytes. A column of a later version's
 * type is kept in mind, so that it can be told from one that is missing.
 */
#include "engine/base/crc.h"
#include "engine/store/segment_priv.h"

enum { MAGIC = 0x53474a4e /* NJGS */, VERSION = 1 };
enum { HAS_FILTER = 1, HAS_RANGE = 2, IS_DERIVED = 4 };

uint8_t
nj_seg_head_type(uint8_t id)
{
	/* In the order of ids.h. */
	static const uint8_t types[] = { NJ_T_TIME, NJ_T_STR, NJ_T_ADDR,
		NJ_T_ADDR, NJ_T_U16, NJ_T_U16, NJ_T_U16, NJ_T_U16, NJ_T_U8,
		NJ_T_U64, NJ_T_U64 };

	_Static_assert(nj_countof(types) == NJ_COL_END - NJ_COL_TS, "each");
	return types[id - NJ_COL_TS];
}

enum nj_seg_kind
nj_seg_kind(uint8_t id, uint8_t type)
{
	if (id == NJ_COL_UID)
		return NJ_SEG_UID;
	if (type >= NJ_T_COUNT)
		return NJ_SEG_KIND_COUNT;
	if (type == NJ_T_STR || type == NJ_T_ADDR)
		return NJ_SEG_CODE;
	if (type == NJ_T_VSTR || type == NJ_T_VADDR)
		return NJ_SEG_CODES;
	return type < NJ_T_VSTR ? NJ_SEG_NUMBER : NJ_SEG_NUMBERS;
}

static void
write_column(struct nj_buf *out, const struct nj_seg_column *c)
{
	nj_put_u8(out, c->id);
	nj_put_u8(out, c->type);
	nj_put_u8(out, (uint8_t)((c->filter ? HAS_FILTER : 0) |
				 (c->ranged ? HAS_RANGE : 0) |
				 (c->derived ? IS_DERIVED : 0)));
	nj_put_u32(out, c->present);
	nj_put_u32(out, c->distinct);
	nj_put_u32(out, c->bytes);
	if (!c->ranged)
		return;
	nj_put_u64(out, c->min.u);
	nj_put_u64(out, c->max.u);
}

void
nj_seg_header_write(struct nj_buf *out, const struct nj_seg_header *h)
{
	size_t at = out->len;
	uint32_t crc;

	nj_put_u32(out, 0);
	nj_put_u32(out, MAGIC);
	nj_put_u8(out, VERSION);
	nj_put_u32(out, h->type);
	nj_put_u32(out, h->rows);
	nj_put_u64(out, (uint64_t)h->from_ns);
	nj_put_u64(out, (uint64_t)h->to_ns);
	nj_put_u8(out, (uint8_t)h->columns);
	for (unsigned i = 0; i < h->columns; i++)
		write_column(out, &h->column[i]);
	if (out->bad)
		return;
	crc = nj_crc32c(0, out->data + at + 4, out->len - at - 4);
	memcpy(out->data + at, &crc, 4);
}

static bool
parse_column(struct nj_seg_column *c, struct nj_cur *in, uint32_t rows)
{
	uint8_t flags;

	*c = (struct nj_seg_column){ .id = nj_cur_u8(in) };
	c->type = nj_cur_u8(in);
	flags = nj_cur_u8(in);
	c->filter = flags & HAS_FILTER;
	c->ranged = flags & HAS_RANGE;
	c->derived = flags & IS_DERIVED;
	c->present = nj_cur_le32(in);
	c->distinct = nj_cur_le32(in);
	c->bytes = nj_cur_le32(in);
	if (c->ranged) {
		c->min.u = nj_cur_le64(in);
		c->max.u = nj_cur_le64(in);
	}
	if (in->bad || !c->id || c->id & NJ_PART_FILTER || !c->present ||
		c->present > rows)
		return false;
	return c->id < NJ_COL_TS || c->id >= NJ_COL_END ||
	       c->type == nj_seg_head_type(c->id);
}

static bool
parse_columns(struct nj_seg_header *out, struct nj_cur *in, unsigned n)
{
	uint64_t seen[2] = { 0 };

	for (unsigned i = 0; i < n; i++) {
		struct nj_seg_column *c = &out->column[out->columns];
		uint64_t bit;

		if (!parse_column(c, in, out->rows))
			return false;
		bit = UINT64_C(1) << c->id % 64;
		if (seen[c->id / 64] & bit)
			return false;
		seen[c->id / 64] |= bit;
		out->bytes += c->bytes;
		/* Of a later version: its bytes count, it is not read. */
		out->columns += c->id < NJ_COL_END;
	}
	return true;
}

bool
nj_seg_header_parse(struct nj_seg_header *out, struct nj_view bytes)
{
	struct nj_cur in = nj_cur(bytes);
	uint32_t crc = nj_cur_le32(&in);
	struct nj_view rest = nj_cur_rest(&in);
	unsigned columns;
	const struct nj_seg_column *ts;

	if (in.bad || crc != nj_crc32c(0, rest.data, rest.len) ||
		nj_cur_le32(&in) != MAGIC || nj_cur_u8(&in) != VERSION)
		return false;
	memset(out, 0, offsetof(struct nj_seg_header, column));
	out->type = nj_cur_le32(&in);
	out->rows = nj_cur_le32(&in);
	out->from_ns = (int64_t)nj_cur_le64(&in);
	out->to_ns = (int64_t)nj_cur_le64(&in);
	columns = nj_cur_u8(&in);
	if (in.bad || !out->rows || out->rows > NJ_SEGMENT_ROWS_MAX ||
		out->from_ns > out->to_ns || !parse_columns(out, &in, columns))
		return false;
	ts = nj_seg_header_column(out, NJ_COL_TS);
	return !nj_cur_left(&in) && ts && ts->present == out->rows;
}

const struct nj_seg_column *
nj_seg_header_column(const struct nj_seg_header *h, uint8_t id)
{
	for (unsigned i = 0; i < h->columns; i++)
		if (h->column[i].id == id)
			return &h->column[i];
	return NULL;
}
