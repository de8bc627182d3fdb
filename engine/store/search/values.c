/*
 * values.c - values of matching rows, as text and as numbers.
 */
#include "engine/store/search/values_priv.h"

#include <stdio.h>

static bool
has_value(const struct nj_column *col, uint32_t row)
{
	return row < col->rows &&
	       (!col->present || (col->present[row / 64] >> row % 64 & 1));
}

uint32_t
nj_values_walk(const struct nj_found *f, const struct nj_column *col,
	void (*fn)(void *ctx, const struct nj_column *col, uint32_t at),
	void *ctx)
{
	uint32_t rows = f->segment->header->rows, without = 0;

	for (uint32_t w = 0; w * 64 < rows; w++) {
		for (uint64_t bits = f->rows->word[w]; bits; bits &= bits - 1) {
			uint32_t row = w * 64 + (uint32_t)__builtin_ctzll(bits);

			if (!has_value(col, row)) {
				without++;
				continue;
			}
			if (!col->first) {
				fn(ctx, col, row);
				continue;
			}
			for (uint32_t i = col->first[row];
				i < col->first[row + 1]; i++)
				fn(ctx, col, i);
		}
	}
	return without;
}

static bool
is_addr(const struct nj_column *col)
{
	return col->type == NJ_T_ADDR || col->type == NJ_T_VADDR;
}

void
nj_values_entry_text(
	struct nj_buf *out, const struct nj_column *col, uint32_t code)
{
	struct nj_view v = nj_dict_get(&col->dict, code);
	char text[NJ_ADDR_TEXT];
	struct nj_addr a;

	if (!is_addr(col)) {
		nj_buf_put(out, v.data, v.len);
		return;
	}
	a = v.len == 16 ? nj_addr6(v.data) : nj_addr4(v.data);
	nj_buf_put(out, text, nj_addr_text(&a, text));
}

static uint8_t
scalar_type(uint8_t type)
{
	return type == NJ_T_VU64    ? NJ_T_U64
	       : type == NJ_T_VIVAL ? NJ_T_IVAL
				    : type;
}

static void
mac_text(struct nj_buf *out, uint64_t mac)
{
	for (unsigned i = 0; i < 6; i++)
		nj_buf_printf(out, "%s%02x", i ? ":" : "",
			(unsigned)(mac >> (40 - 8 * i) & 0xff));
}

void
nj_values_text(struct nj_buf *out, const struct nj_column *col, uint32_t at)
{
	struct nj_row_field f = { .type = scalar_type(col->type) };
	char uid[NJ_UID_CAP];
	uint64_t key[2];

	if (col->id == NJ_COL_UID) {
		nj_seg_uid(col, at, key);
		nj_buf_put(out, uid, nj_uid_format('C', key, uid));
		return;
	}
	if (nj_values_are_coded(col)) {
		nj_values_entry_text(out, col, col->code[at]);
		return;
	}
	if (col->id == NJ_COL_MAC_ORIG || col->id == NJ_COL_MAC_RESP) {
		mac_text(out, col->u[at]);
		return;
	}
	f.u = col->u[at];
	f.i = (int64_t)col->u[at];
	memcpy(&f.f, &col->u[at], sizeof(f.f));
	nj_row_value_json(out, &f);
}

bool
nj_values_number(const struct nj_column *col, uint32_t at, double *out)
{
	if (nj_values_are_coded(col) || col->id == NJ_COL_UID)
		return false;
	switch (scalar_type(col->type)) {
	case NJ_T_F64:
		memcpy(out, &col->u[at], sizeof(*out));
		return *out == *out;
	case NJ_T_TIME:
	case NJ_T_IVAL:
		*out = (double)(int64_t)col->u[at] / (double)NJ_NS_PER_S;
		return true;
	case NJ_T_I64:
		*out = (double)(int64_t)col->u[at];
		return true;
	default:
		*out = (double)col->u[at];
		return true;
	}
}
