/*
 * store.c - what it costs to seal rows into segments and to read columns
 * back. Rows are made before the clock runs.
 */
#include <stdio.h>
#include <stdlib.h>

#include "bench/micro/bench.h"
#include "bench/micro/events_gen.h"
#include "engine/store/segment.h"

enum {
	ROWS = NJ_SEGMENT_ROWS_MAX,
	SEGMENTS = 4,
	ARENA_BYTES = 256 * 1024 * 1024,
	NAME_BYTES = 48
};

/* One segment's rows, and what becomes of them. */
struct seal_bench {
	struct bench_gen *gen;
	struct nj_seg_builder *builder;
	struct nj_seg_arena *arena;
	struct nj_buf rows, header, part[256];
	size_t row_at[ROWS + 1];
	struct nj_seg_header parsed;
	double add_s, seal_s, decode_s, rows_s, integers_s;
	uint64_t integers, row_bytes;
	uint64_t bytes[NJ_COL_END]; /* of each column */
	uint64_t stored;
};

static void
take_part(void *ctx, uint8_t part, struct nj_view bytes)
{
	struct seal_bench *b = ctx;

	nj_buf_put(&b->part[part], bytes.data, bytes.len);
	b->bytes[part & ~NJ_PART_FILTER] += bytes.len;
	b->stored += bytes.len;
}

static void
let_go(void *held)
{
	(void)held;
}

static enum nj_err
get_part(void *ctx, uint8_t part, struct nj_view *out, void **held)
{
	struct seal_bench *b = ctx;

	*held = NULL;
	*out = (struct nj_view){ b->part[part].data, b->part[part].len };
	return out->len ? NJ_OK : NJ_E_NOENT;
}

static enum nj_err
rows_make(struct seal_bench *b, enum bench_event type)
{
	nj_buf_reset(&b->rows);
	for (uint32_t i = 0; i < ROWS; i++) {
		struct nj_view v = bench_gen_next(b->gen, type);

		b->row_at[i] = b->rows.len;
		nj_buf_put(&b->rows, v.data, v.len);
	}
	b->row_at[ROWS] = b->rows.len;
	b->row_bytes += b->rows.len;
	return b->rows.bad ? NJ_E_NOMEM : NJ_OK;
}

static enum nj_err
seal(struct seal_bench *b)
{
	struct nj_seg_out out = { b, take_part };
	double begun = bench_cpu_s();
	struct nj_row row;
	enum nj_err err = NJ_OK;

	for (unsigned i = 0; i < nj_countof(b->part); i++)
		nj_buf_reset(&b->part[i]);
	nj_buf_reset(&b->header);
	for (uint32_t i = 0; i < ROWS && !err; i++) {
		struct nj_view v = { b->rows.data + b->row_at[i],
			b->row_at[i + 1] - b->row_at[i] };

		err = nj_row_parse(&row, v)
			      ? nj_seg_builder_add(b->builder, &row)
			      : NJ_E_FORMAT;
	}
	b->add_s += bench_cpu_s() - begun;
	if (!err)
		err = nj_seg_builder_finish(b->builder, &out, &b->header);
	b->seal_s += bench_cpu_s() - begun;
	b->stored += b->header.len;
	if (!err && !nj_seg_header_parse(&b->parsed,
			    (struct nj_view){ b->header.data, b->header.len }))
		err = NJ_E_FORMAT;
	return err;
}

/* All columns once, then all rows. */
static enum nj_err
decode(struct seal_bench *b)
{
	struct nj_seg_source from = { b, get_part, let_go };
	static uint32_t all[ROWS];
	struct nj_buf rows = { 0 };
	enum nj_err err = NJ_OK;
	double begun;

	for (unsigned i = 0; i < b->parsed.columns && !err; i++) {
		const struct nj_seg_column *h = &b->parsed.column[i];
		struct nj_column c;

		begun = bench_cpu_s();
		nj_seg_arena_reset(b->arena);
		err = nj_segment_column(&c, &b->parsed, &from, h->id, b->arena);
		b->decode_s += bench_cpu_s() - begun;
		if (h->type >= NJ_T_STR || h->id == NJ_COL_UID)
			continue;
		b->integers_s += bench_cpu_s() - begun;
		b->integers++;
	}
	for (uint32_t i = 0; i < ROWS; i++)
		all[i] = i;
	nj_seg_arena_reset(b->arena);
	begun = bench_cpu_s();
	if (!err)
		err = nj_segment_rows(&rows, &b->parsed, &from,
			(struct nj_seg_pick){ all, ROWS }, b->arena);
	b->rows_s += bench_cpu_s() - begun;
	nj_buf_free(&rows);
	return err;
}

/* Names of columns live as long as results do. */
static const char *
column_name(uint8_t id, const struct nj_event_desc *desc)
{
	static const char *const heads[] = { "ts", "uid", "id.orig_h",
		"id.resp_h", "id.orig_p", "id.resp_p", "head vlan",
		"head inner vlan", "head ip_proto", "head mac orig",
		"head mac resp" };
	static char names[NJ_COL_TS][NAME_BYTES];

	if (id >= NJ_COL_TS)
		return heads[id - NJ_COL_TS];
	for (unsigned i = 0; i < desc->count; i++)
		if (desc->fields[i].id == id)
			(void)nj_field_name(
				&desc->fields[i], names[id], NAME_BYTES);
	return names[id];
}

static void
report(const struct seal_bench *b, const struct nj_event_desc *desc, double n,
	struct bench_sample *out)
{
	bench_add(out, "seal", "ns/row", b->seal_s * 1e9 / n);
	bench_add(out, "of_it_adding", "ns/row", b->add_s * 1e9 / n);
	bench_add(out, "stored", "bytes/row", (double)b->stored / n);
	bench_add(out, "rows", "bytes/row", (double)b->row_bytes / n);
	bench_add(out, "decode", "ns/row", b->decode_s * 1e9 / n);
	bench_add(out, "integers", "ns/value",
		b->integers_s * 1e9 / (double)b->integers / ROWS);
	bench_add(out, "rows_again", "ns/row", b->rows_s * 1e9 / n);
	for (unsigned id = 0; id < NJ_COL_END; id++)
		if (b->bytes[id])
			bench_add(out, column_name((uint8_t)id, desc),
				"bytes/row", (double)b->bytes[id] / n);
}

static void
close_all(struct seal_bench *b)
{
	bench_gen_destroy(&b->gen);
	nj_seg_builder_destroy(&b->builder);
	nj_seg_arena_destroy(&b->arena);
	nj_buf_free(&b->rows);
	nj_buf_free(&b->header);
	for (unsigned i = 0; i < nj_countof(b->part); i++)
		nj_buf_free(&b->part[i]);
	free(b);
}

enum nj_err
bench_seal(const struct bench_case *c, const struct bench_options *o,
	struct bench_sample *out)
{
	const struct nj_event_desc *desc = bench_gen_desc(c->arg);
	unsigned segments = (unsigned)(SEGMENTS * o->scale) + 1;
	struct seal_bench *b = calloc(1, sizeof(*b));
	enum nj_err err;

	if (!b)
		return NJ_E_NOMEM;
	err = bench_gen_create(&b->gen, NULL);
	if (!err)
		err = nj_seg_builder_create(&b->builder, desc);
	if (!err)
		err = nj_seg_arena_create(&b->arena, ARENA_BYTES);
	for (unsigned i = 0; i < segments && !err; i++) {
		err = rows_make(b, c->arg);
		if (!err)
			err = seal(b);
		if (!err)
			err = decode(b);
	}
	if (!err)
		report(b, desc, (double)segments * ROWS, out);
	close_all(b);
	return err;
}
