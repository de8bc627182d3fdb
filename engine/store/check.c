/*
 * check.c - is a store sound? Every header, part, block and position is read,
 * so that the library compares the checksums of its pages, and compared with
 * the checksum that it carries itself.
 */
#include "engine/store/check_priv.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/base/crc.h"

void
check_found(struct check *k, const char *fmt, ...)
{
	char text[256];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	k->c->broken++;
	if (k->c->found)
		k->c->found(k->c->ctx, text);
}

static const char *
type_name(uint32_t type)
{
	const struct nj_event_desc *desc = nj_event_by_type(type);

	return desc ? desc->name : "of an unknown log type";
}

static bool
part_sound(struct nj_view v)
{
	uint32_t crc;

	if (v.len < sizeof(crc))
		return false;
	crc = (uint32_t)v.data[0] | (uint32_t)v.data[1] << 8 |
	      (uint32_t)v.data[2] << 16 | (uint32_t)v.data[3] << 24;
	return crc == nj_crc32c(0, v.data + 4, v.len - 4);
}

static void
part_check(struct check *k, uint64_t number, uint8_t part)
{
	struct nj_store_key key = nj_store_key_part(number, part);
	struct nj_kv_value value;
	enum nj_err err = nj_kv_get(
		k->kv, NJ_KV_segment, nj_store_key_view(&key), &value);
	const char *what = part & NJ_PART_FILTER ? "filter" : "column";
	unsigned id = part & (NJ_PART_FILTER - 1u);

	k->c->parts++;
	if (err) {
		check_found(k, "segment %llu (%s), %s %u: %s",
			(unsigned long long)number, type_name(k->header->type),
			what, id,
			err == NJ_E_NOENT ? "is missing" : "cannot be read");
		return;
	}
	if (!part_sound(value.v))
		check_found(k, "segment %llu (%s), %s %u: wrong checksum",
			(unsigned long long)number, type_name(k->header->type),
			what, id);
	k->c->bytes += value.v.len;
	nj_kv_let_go(&value);
}

static enum nj_err
segment_row(void *ctx, uint64_t number, struct nj_view v)
{
	struct check *k = ctx;
	struct nj_seg_header *h = k->header;

	k->c->segments++;
	if (!nj_seg_header_parse(h, v)) {
		check_found(k, "segment %llu: its header is damaged",
			(unsigned long long)number);
		return NJ_OK;
	}
	k->c->rows += h->rows;
	for (unsigned i = 0; i < h->columns; i++) {
		const struct nj_seg_column *col = &h->column[i];

		if (!col->derived)
			part_check(k, number, col->id);
		if (col->filter)
			part_check(k, number, col->id | NJ_PART_FILTER);
	}
	return NJ_OK;
}

static void
segment_damaged(void *ctx, uint64_t number)
{
	check_found(ctx,
		"directory: headers from segment %llu on cannot be read",
		(unsigned long long)number);
}

static enum nj_err
block_row(void *ctx, uint64_t number, struct nj_view v)
{
	struct check *k = ctx;
	uint32_t rows = 0;

	k->c->blocks++;
	k->c->bytes += v.len;
	if (!nj_block_sound(v, &rows))
		check_found(k, "%s %llu: wrong checksum",
			k->letter == 'b' ? "block" : "carried block",
			(unsigned long long)number);
	if (k->letter == 'b' && number <= k->sealed_to)
		return NJ_OK;
	k->c->rows += rows;
	if (k->letter == 'b' && number != k->expected)
		check_found(k, "blocks %llu to %llu are missing",
			(unsigned long long)k->expected,
			(unsigned long long)number - 1);
	k->expected = number + 1;
	return NJ_OK;
}

static void
block_damaged(void *ctx, uint64_t number)
{
	check_found(ctx, "blocks from %llu on cannot be read",
		(unsigned long long)number);
}

static enum nj_err
tail_check(struct check *k, char letter)
{
	struct nj_store_walk w = { .family = NJ_KV_tail,
		.letter = letter,
		.ctx = k,
		.row = block_row,
		.damaged = block_damaged };

	k->letter = letter;
	k->expected = k->sealed_to + 1;
	return nj_store_walk(k->kv, &w);
}

/* Positions, spans, places of outputs: few, so they are only read. */
static enum nj_err
rest_check(struct check *k)
{
	static const enum nj_kv_family families[] = { NJ_KV_meta,
		NJ_KV_outbox };
	enum nj_err err = NJ_OK;

	for (unsigned i = 0; !err && i < nj_countof(families); i++) {
		struct nj_kv_iter *it;
		struct nj_view key, value;

		err = nj_kv_iter_open(&it, k->kv, families[i], NJ_LIT(""));
		while (!err && nj_kv_iter_next(it, &key, &value))
			continue;
		if (nj_kv_iter_close(&it))
			check_found(k, "%s: %s",
				i ? "counts or outputs" : "positions",
				nj_kv_error(k->kv));
	}
	return err;
}

static enum nj_err
sealed_read(struct check *k)
{
	struct nj_kv_value value;
	enum nj_err err =
		nj_kv_get(k->kv, NJ_KV_meta, NJ_LIT("sealed"), &value);

	if (err)
		return NJ_OK; /* none yet, or rest_check tells */
	if (value.v.len == 8)
		k->sealed_to = nj_store_from_be64(value.v.data);
	nj_kv_let_go(&value);
	return NJ_OK;
}

static enum nj_err
all_check(struct check *k)
{
	struct nj_store_walk w = { .family = NJ_KV_directory,
		.ctx = k,
		.row = segment_row,
		.damaged = segment_damaged };
	enum nj_err err = sealed_read(k);

	if (!err)
		err = nj_store_walk(k->kv, &w);
	if (!err)
		err = tail_check(k, 'c');
	if (!err)
		err = tail_check(k, 'b');
	return err ? err : rest_check(k);
}

enum nj_err
nj_store_check(
	const char *folder, struct nj_store_check *c, char why[NJ_KV_WHY])
{
	struct nj_kv_conf conf = { .folder = folder, .mode = NJ_KV_READ };
	struct check k = { .c = c };
	enum nj_err err = nj_kv_open(&k.kv, &conf, why);

	if (err)
		return err;
	k.header = malloc(sizeof(*k.header));
	check_log(&k, folder);
	err = k.header ? all_check(&k) : NJ_E_NOMEM;
	if (err)
		(void)snprintf(why, NJ_KV_WHY, "%s", nj_err_text(err));
	free(k.header);
	nj_kv_close(&k.kv);
	return err;
}
