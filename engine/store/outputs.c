/*
 * outputs.c - blocks for outputs, in the order of commits. A block that is
 * sealed stays in the tail until every output has passed it, or until all
 * that stay need more room than is granted; then the oldest go, counted.
 */
#include "engine/store/store_priv.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine/base/log.h"

#define HELD_BYTES_MAX (UINT64_C(4) << 30)

static struct nj_store_output *
output_find(const struct nj_store *s, const char *name)
{
	for (unsigned i = 0; i < s->outputs; i++)
		if (!strcmp(s->output[i].name, name))
			return (struct nj_store_output *)&s->output[i];
	return NULL;
}

uint64_t
nj_store_outputs_done(const struct nj_store *s)
{
	uint64_t least = UINT64_MAX;

	for (unsigned i = 0; i < s->outputs; i++)
		least = nj_min(least, s->output[i].done);
	return least;
}

void
nj_store_held_add(
	struct nj_store *s, uint64_t number, uint32_t rows, size_t bytes)
{
	if (s->held_end == s->held_cap) {
		size_t n = s->held_end - s->held_first;

		/* Half of it is free at the front, or it is made larger. */
		if (s->held_first > s->held_cap / 2) {
			memmove(s->held, s->held + s->held_first,
				n * sizeof(*s->held));
		} else {
			size_t cap = s->held_cap ? 2 * s->held_cap : 64;
			struct nj_store_held *v = malloc(cap * sizeof(*v));

			if (!v)
				return; /* it goes when the store reopens */
			if (n)
				memcpy(v, s->held + s->held_first,
					n * sizeof(*v));
			free(s->held);
			s->held = v;
			s->held_cap = cap;
		}
		s->held_first = 0;
		s->held_end = n;
	}
	s->held[s->held_end++] = (struct nj_store_held){ number, rows, bytes };
	s->held_bytes += bytes;
}

/* Under lock: puts deletions of blocks that may go into b, drops them from the
 * queue; gives how many. */
static unsigned
held_take(struct nj_store *s, struct nj_kv_batch *b)
{
	uint64_t done = nj_store_outputs_done(s);
	uint64_t max = s->conf.outbox_bytes_max ? s->conf.outbox_bytes_max
						: HELD_BYTES_MAX;
	unsigned n = 0;

	for (; s->held_first < s->held_end; s->held_first++, n++) {
		const struct nj_store_held *h = &s->held[s->held_first];
		struct nj_store_key key = nj_store_key('b', h->number);

		if (h->number > done) {
			if (s->held_bytes <= max)
				break;
			s->outbox_dropped += h->rows;
		}
		s->held_bytes -= h->bytes;
		nj_kv_delete(s->kv, b, NJ_KV_tail, nj_store_key_view(&key));
	}
	return n;
}

void
nj_store_held_trim(struct nj_store *s)
{
	struct nj_kv_batch *b;
	unsigned n;

	(void)pthread_mutex_lock(&s->lock);
	n = (unsigned)(s->held_end - s->held_first);
	(void)pthread_mutex_unlock(&s->lock);
	if (!n || nj_kv_batch_create(&b))
		return;
	(void)pthread_mutex_lock(&s->lock);
	n = held_take(s, b);
	(void)pthread_mutex_unlock(&s->lock);
	/* If it cannot be written they are taken out at the next opening. */
	if (n && nj_kv_write(s->kv, b, false))
		nj_warn("store", "blocks stay longer why=%s",
			nj_kv_error(s->kv));
	nj_kv_batch_destroy(&b);
}

/* An output that was further than the log reaches (its last blocks were lost
 * with it) is given only numbers that it has not seen. */
static void
output_place(struct nj_store *s, struct nj_store_output *o)
{
	if (o->done >= s->block_next)
		s->block_next = o->done + 1;
	s->output[s->outputs++] = *o;
}

enum nj_err
nj_store_output_add(struct nj_store *s, const char *name)
{
	struct nj_store_output o = { .done = 0 };
	struct nj_kv_value value;
	enum nj_err err;

	if (strlen(name) >= sizeof(o.name))
		return NJ_E_RANGE;
	memcpy(o.name, name, strlen(name));
	err = nj_kv_get(s->kv, NJ_KV_outbox, nj_str(name), &value);
	if (err && err != NJ_E_NOENT)
		return err;
	if (!err) {
		if (value.v.len == 8)
			o.done = nj_store_from_be64(value.v.data);
		nj_kv_let_go(&value);
	}
	err = NJ_OK;
	(void)pthread_mutex_lock(&s->lock);
	if (output_find(s, name))
		err = NJ_E_STATE;
	else if (s->outputs == NJ_STORE_OUTPUTS_MAX)
		err = NJ_E_FULL;
	else
		output_place(s, &o);
	(void)pthread_mutex_unlock(&s->lock);
	return err;
}

/* The block at the iterator's place into out. NJ_E_FORMAT: damaged. */
static enum nj_err
block_give(struct nj_store_block *out, uint64_t number, struct nj_view value)
{
	uint32_t rows;
	uint8_t *copy;

	if (!nj_block_sound(value, &rows))
		return NJ_E_FORMAT;
	copy = malloc(value.len);
	if (!copy)
		return NJ_E_NOMEM;
	memcpy(copy, value.data, value.len);
	out->number = number;
	out->rows = (struct nj_view){ copy + NJ_BLOCK_HEAD,
		value.len - NJ_BLOCK_HEAD };
	out->held = copy;
	return NJ_OK;
}

enum nj_err
nj_store_block_next(
	struct nj_store *s, uint64_t after, struct nj_store_block *out)
{
	struct nj_store_key key = nj_store_key('b', after + 1);
	struct nj_view k, v;
	struct nj_kv_iter *it;
	enum nj_err err, end;

	*out = (struct nj_store_block){ 0 };
	err = nj_kv_iter_open(&it, s->kv, NJ_KV_tail, nj_store_key_view(&key));
	if (err)
		return err;
	err = NJ_E_FORMAT;
	while (err == NJ_E_FORMAT) {
		uint64_t number;

		if (!nj_kv_iter_next(it, &k, &v) || k.len != 9 ||
			k.data[0] != 'b') {
			err = NJ_E_NOENT;
			break;
		}
		number = nj_store_from_be64(k.data + 1);
		err = block_give(out, number, v);
		if (err == NJ_E_FORMAT)
			(void)atomic_fetch_add(&s->corrupt, 1);
	}
	end = nj_kv_iter_close(&it);
	return err == NJ_E_NOENT && end ? end : err;
}

void
nj_store_block_let_go(struct nj_store_block *b)
{
	free(b->held);
	*b = (struct nj_store_block){ 0 };
}

enum nj_err
nj_store_output_done(struct nj_store *s, const char *name, uint64_t number)
{
	struct nj_store_output *o;
	struct nj_kv_batch *b;
	uint8_t value[8];
	enum nj_err err = nj_kv_batch_create(&b);

	if (err)
		return err;
	nj_store_be64(value, number);
	nj_kv_put(s->kv, b, NJ_KV_outbox, nj_str(name),
		(struct nj_view){ value, sizeof(value) });
	if (!nj_store_may_write(s, nj_kv_batch_bytes(b)))
		err = NJ_E_FULL;
	else
		err = nj_kv_write(s->kv, b, false);
	nj_kv_batch_destroy(&b);
	if (err)
		return err;
	(void)pthread_mutex_lock(&s->lock);
	o = output_find(s, name);
	if (o)
		o->done = nj_max(o->done, number);
	(void)pthread_mutex_unlock(&s->lock);
	nj_store_held_trim(s);
	return o ? NJ_OK : NJ_E_NOENT;
}

uint64_t
nj_store_output_position(const struct nj_store *s, const char *name)
{
	struct nj_store *w = (struct nj_store *)s; /* to lock it */
	const struct nj_store_output *o;
	uint64_t done;

	(void)pthread_mutex_lock(&w->lock);
	o = output_find(s, name);
	done = o ? o->done : 0;
	(void)pthread_mutex_unlock(&w->lock);
	return done;
}
