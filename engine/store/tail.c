/*
 * tail.c - blocks of rows and the keys they are kept by: what a commit writes
 * and a reopened store reads back.
 */
#include "engine/store/store_priv.h"

#include <stdlib.h>

#include "engine/base/crc.h"

static uint32_t
le32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[3] << 24;
}

static void
le_put(uint8_t *p, uint64_t v, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

static int64_t
le64(const uint8_t *p)
{
	return (int64_t)(le32(p) | (uint64_t)le32(p + 4) << 32);
}

void
nj_store_be64(uint8_t out[8], uint64_t v)
{
	for (unsigned i = 0; i < 8; i++)
		out[i] = (uint8_t)(v >> (56 - 8 * i));
}

uint64_t
nj_store_from_be64(const uint8_t in[8])
{
	uint64_t v = 0;

	for (unsigned i = 0; i < 8; i++)
		v = v << 8 | in[i];
	return v;
}

struct nj_store_key
nj_store_key(char letter, uint64_t number)
{
	struct nj_store_key k = { .len = 0 };

	if (letter)
		k.bytes[k.len++] = (uint8_t)letter;
	nj_store_be64(k.bytes + k.len, number);
	k.len += 8;
	return k;
}

struct nj_store_key
nj_store_key_part(uint64_t number, uint8_t part)
{
	struct nj_store_key k = nj_store_key(0, number);

	k.bytes[k.len++] = part;
	return k;
}

void
nj_store_meta_put(
	struct nj_store *s, struct nj_kv_batch *b, const char *key, uint64_t v)
{
	uint8_t bytes[8];

	nj_store_be64(bytes, v);
	nj_kv_put(s->kv, b, NJ_KV_meta, nj_str(key),
		(struct nj_view){ bytes, sizeof(bytes) });
}

enum nj_err
nj_store_meta_get(struct nj_store *s, const char *key, uint64_t *v)
{
	struct nj_kv_value value;
	enum nj_err err = nj_kv_get(s->kv, NJ_KV_meta, nj_str(key), &value);

	*v = 0;
	if (err)
		return err == NJ_E_NOENT ? NJ_OK : err;
	if (value.v.len == 8)
		*v = nj_store_from_be64(value.v.data);
	nj_kv_let_go(&value);
	return NJ_OK;
}

struct nj_block *
nj_block_create(size_t cap)
{
	struct nj_block *b = calloc(1, sizeof(*b));

	if (!b)
		return NULL;
	b->data = malloc(NJ_BLOCK_HEAD + cap);
	if (!b->data) {
		free(b);
		return NULL;
	}
	atomic_init(&b->refs, 1);
	b->cap = NJ_BLOCK_HEAD + cap;
	b->len = NJ_BLOCK_HEAD;
	b->from_ns = INT64_MAX;
	b->to_ns = INT64_MIN;
	return b;
}

void
nj_block_ref(struct nj_block *b)
{
	/* Whoever asks has one already. */
	(void)atomic_fetch_add_explicit(&b->refs, 1, memory_order_relaxed);
}

void
nj_block_unref(struct nj_block *b)
{
	/* acq_rel pairs with itself: the last one sees all that others did. */
	if (!b || atomic_fetch_sub_explicit(
			  &b->refs, 1, memory_order_acq_rel) != 1)
		return;
	free(b->data);
	free(b);
}

void
nj_block_seal(struct nj_block *b)
{
	le_put(b->data + 4, b->rows, 4);
	le_put(b->data + 8, (uint64_t)b->from_ns, 8);
	le_put(b->data + 16, (uint64_t)b->to_ns, 8);
	le_put(b->data, nj_crc32c(0, b->data + 4, b->len - 4), 4);
}

bool
nj_block_sound(struct nj_view stored, uint32_t *rows)
{
	if (stored.len < NJ_BLOCK_HEAD ||
		le32(stored.data) !=
			nj_crc32c(0, stored.data + 4, stored.len - 4))
		return false;
	*rows = le32(stored.data + 4);
	return true;
}

struct nj_block *
nj_block_load(struct nj_view stored, uint64_t number, bool *damaged)
{
	struct nj_block *b;
	uint32_t rows;

	*damaged = !nj_block_sound(stored, &rows);
	if (*damaged)
		return NULL;
	b = nj_block_create(stored.len - NJ_BLOCK_HEAD);
	if (!b)
		return NULL;
	memcpy(b->data, stored.data, stored.len);
	b->len = stored.len;
	b->number = number;
	b->rows = rows;
	b->from_ns = le64(stored.data + 8);
	b->to_ns = le64(stored.data + 16);
	return b;
}

bool
nj_block_row(struct nj_view *rows, struct nj_view *row)
{
	uint32_t len;

	if (rows->len < 4)
		return false;
	len = le32(rows->data);
	if (len < 8 || len > rows->len)
		return false;
	*row = (struct nj_view){ rows->data, len };
	rows->data += len;
	rows->len -= len;
	return true;
}

bool
nj_store_tail_room(struct nj_store *s)
{
	unsigned cap = s->tails_cap ? 2 * s->tails_cap : 64;
	void *v;

	if (s->tails < s->tails_cap)
		return true;
	v = realloc(s->tail, cap * sizeof(struct nj_block *));
	if (!v)
		return false;
	s->tail = v;
	s->tails_cap = cap;
	return true;
}

void
nj_store_tail_add(struct nj_store *s, struct nj_block *b)
{
	s->tail[s->tails++] = b;
	s->tail_bytes += b->len;
	s->tail_rows += b->rows;
}
