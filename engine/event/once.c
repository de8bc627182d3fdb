/*
 * once.c - a table of what was told, by the hash of its fields: buckets of
 * four, in each the oldest gives way.
 */
#include "engine/event/once.h"

#include <stdlib.h>

#include "engine/base/hash.h"

enum { WAYS = 4, BUCKETS = NJ_ONCE_ROWS / WAYS };

struct told {
	uint64_t hash[2]; /* both 0: free */
	int64_t at_ns;
};

struct nj_once {
	uint64_t dropped;
	struct told buckets[BUCKETS][WAYS];
};

enum nj_err
nj_once_create(struct nj_once **out)
{
	*out = calloc(1, sizeof(**out));
	return *out ? NJ_OK : NJ_E_NOMEM;
}

void
nj_once_destroy(struct nj_once **o)
{
	free(*o);
	*o = NULL;
}

uint64_t
nj_once_dropped(const struct nj_once *o)
{
	return o->dropped;
}

/* The fields as they lie in the row, those that are no news left out. */
static void
fields_hash(const struct nj_row *row, struct nj_hash_key key, uint64_t hash[2])
{
	struct nj_row_iter it;
	struct nj_row_field f;
	const uint8_t *from;

	nj_row_iter_init(&it, row);
	hash[0] = key.k0;
	hash[1] = key.k1;
	for (from = it.at; nj_row_next(&it, &f); from = it.at) {
		if (f.field->flags & NJ_ASIDE)
			continue;
		key = (struct nj_hash_key){ hash[0], hash[1] };
		nj_hash128(&key, from, (size_t)(it.at - from), hash);
	}
}

static bool
has_aside(const struct nj_event_desc *desc)
{
	for (unsigned i = 0; i < desc->count; i++)
		if (desc->fields[i].flags & NJ_ASIDE)
			return true;
	return false;
}

bool
nj_once_pass(struct nj_once *o, const struct nj_row *row)
{
	const struct nj_event_desc *desc = nj_event_by_type(row->type);
	struct nj_hash_key key = { row->type, 0x6f6e6365 };
	struct told *bucket, *place;
	uint64_t hash[2];

	if (!desc || !(desc->flags & (NJ_EV_ONCE | NJ_EV_ONCE_UID)))
		return true;
	if (desc->flags & NJ_EV_ONCE_UID) {
		key.k0 ^= row->head.uid[0];
		key.k1 ^= row->head.uid[1];
	}
	if (has_aside(desc))
		fields_hash(row, key, hash);
	else
		nj_hash128(&key, row->fields.data, row->fields.len, hash);
	bucket = o->buckets[hash[1] % BUCKETS];
	place = bucket;
	for (unsigned i = 0; i < WAYS; i++) {
		struct told *t = &bucket[i];

		if (t->hash[0] == hash[0] && t->hash[1] == hash[1]) {
			if (row->head.order_ns - t->at_ns < NJ_ONCE_NS) {
				o->dropped++;
				return false;
			}
			place = t;
			break;
		}
		if (t->at_ns < place->at_ns)
			place = t;
	}
	*place = (struct told){ { hash[0], hash[1] }, row->head.order_ns };
	return true;
}
