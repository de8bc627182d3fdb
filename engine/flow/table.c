/*
 * table.c - the table itself: creation, and the hash of buckets. A bucket
 * is one cache line of 8 tags and 8 indexes with room for twice what it
 * holds on average; what does not fit goes to a chain. Buckets are picked
 * by multiplication, so their number need not be a power of two and the
 * share of a flow is 16 bytes at any size.
 */
#include "engine/flow/lookup_priv.h"

#include <stdlib.h>

NJ_COUNTERS_DEFINE(nj_flow, NJ_FLOW_COUNTERS);

static inline struct flow_bucket *
bucket_next(const struct nj_flow_table *t, const struct flow_bucket *b)
{
	return b->more ? nj_pool_at(&t->more, b->more) : NULL;
}

bool
flow_key_is_rare(
	const struct nj_flow_table *t, uint32_t index, const struct flow_key *k)
{
	const struct nj_flow_hot *h = &t->hot[index];
	const struct flow_key6 *six;

	if (h->flags & FLOW_ALIAS && flow_alias_matches(t, index, k))
		return true;
	if (k->version == 4 || !(h->flags & FLOW_V6) ||
		h->key[0] != k->key[0] || (uint32_t)h->key[1] != k->key[1])
		return false;
	/* Fingerprints are short enough to collide: the block decides. */
	six = flow_key6(t, h);
	return !memcmp(six->lo, k->lo, 16) && !memcmp(six->hi, k->hi, 16) &&
	       six->lo_port == k->lo_port && six->hi_port == k->hi_port &&
	       six->rest == k->rest;
}

uint32_t
flow_table_find(const struct nj_flow_table *t, const struct flow_key *k)
{
	const struct flow_bucket *b = bucket_of(t, k->hash);
	uint16_t tag = tag_of(k->hash);
	unsigned match, slot;

	for (; b; b = bucket_next(t, b)) {
		for (match = bucket_match(b, tag); match;
			match &= ~(3U << 2 * slot)) {
			slot = (unsigned)__builtin_ctz(match) / 2;
			if (flow_key_matches(t, b->index[slot], k))
				return b->index[slot];
		}
	}
	return 0;
}

bool
flow_table_insert(struct nj_flow_table *t, uint64_t hash, uint32_t index)
{
	struct flow_bucket *b = bucket_of(t, hash), *more;
	uint32_t handle;
	unsigned match, slot;

	while (!(match = bucket_match(b, 0)) && b->more)
		b = bucket_next(t, b);
	if (!match) {
		handle = nj_pool_get(&t->more);
		if (!handle)
			return false;
		more = nj_pool_at(&t->more, handle);
		*more = (struct flow_bucket){ 0 };
		b->more = handle;
		b = more;
		match = 1;
	}
	slot = (unsigned)__builtin_ctz(match) / 2;
	b->tag[slot] = tag_of(hash);
	b->index[slot] = index;
	return true;
}

/* Fills the hole at slot of b with the chain's last entry, so that chains stay
 * as short as they can be and a bucket's entries are together. */
static void
chain_fill(struct nj_flow_table *t, struct flow_bucket *head,
	struct flow_bucket *b, unsigned slot)
{
	struct flow_bucket *last = head, *before = NULL;
	unsigned from = BUCKET_SLOTS - 1;

	while (last->more) {
		before = last;
		last = bucket_next(t, last);
	}
	while (from && !last->tag[from])
		from--;
	b->tag[slot] = last->tag[from];
	b->index[slot] = last->index[from];
	last->tag[from] = 0;
	last->index[from] = 0;
	if (before && !from) {
		nj_pool_put(&t->more, before->more);
		before->more = 0;
	}
}

void
flow_table_remove(struct nj_flow_table *t, uint64_t hash, uint32_t index)
{
	struct flow_bucket *head = bucket_of(t, hash), *b;

	for (b = head; b; b = bucket_next(t, b)) {
		for (unsigned i = 0; i < BUCKET_SLOTS; i++) {
			if (b->index[i] == index) {
				chain_fill(t, head, b, i);
				return;
			}
		}
	}
	NJ_ASSERT(!"a flow is in its bucket");
}

static size_t
table_more_buckets(const struct nj_flow_table *t)
{
	return t->bucket_count / 8 + 64;
}

static enum nj_err
table_pools(struct nj_flow_table *t)
{
	uint32_t flows = t->conf.flows_max;
	uint32_t held = nj_max(t->conf.reasm_segments_max, 1U);
	enum nj_err err;

	err = nj_pool_init(&t->more, sizeof(struct flow_bucket),
		(uint32_t)table_more_buckets(t));
	if (!err)
		err = nj_pool_init(&t->key6, sizeof(struct flow_key6), flows);
	/* Half of the flows may have something rare about them. */
	if (!err)
		err = nj_pool_init(
			&t->extra, sizeof(struct flow_extra), flows / 2 + 1024);
	if (!err)
		err = nj_pool_init(&t->segments, sizeof(struct segment), held);
	if (!err)
		err = nj_pool_init(&t->blocks, sizeof(struct data_block), held);
	return err;
}

static enum nj_err
table_memory(struct nj_flow_table *t)
{
	size_t flows = (size_t)t->conf.flows_max + 1;
	enum nj_err err;

	t->bucket_count = (flows + 3) / 4;
	t->hot_bytes = flows * sizeof(*t->hot);
	t->cold_bytes = flows * sizeof(*t->cold);
	t->bucket_bytes = t->bucket_count * sizeof(*t->buckets);
	t->hot = nj_pages_alloc(t->hot_bytes, NULL);
	t->cold = nj_pages_alloc(t->cold_bytes, NULL);
	t->buckets = nj_pages_alloc(t->bucket_bytes, NULL);
	while (t->recent_mask < t->conf.flows_max &&
		t->recent_mask + 1 < RECENT_MAX)
		t->recent_mask = t->recent_mask * 2 + 1;
	t->recent =
		nj_pages_alloc((t->recent_mask + 1) * sizeof(*t->recent), NULL);
	if (!t->hot || !t->cold || !t->buckets || !t->recent)
		return NJ_E_NOMEM;
	err = table_pools(t);
	if (!err)
		err = intern_init(&t->tenants,
			nj_min(t->conf.flows_max, TENANTS_MAX), t->seed[6]);
	if (!err)
		err = intern_init(&t->paths,
			nj_min(t->conf.flows_max, PATHS_MAX), t->seed[7]);
	return err;
}

static void
table_times(struct nj_flow_table *t)
{
	const struct nj_flow_conf *c = &t->conf;

	/* Zeek gives a TCP connection UDP's patience until it is open. */
	t->timeout_ns[CLASS_OPENING] = c->udp_inactivity_ns;
	t->timeout_ns[CLASS_TCP] = c->tcp_inactivity_ns;
	t->timeout_ns[CLASS_TCP_LONG] =
		nj_max(c->tcp_inactivity_ns, FLOW_LONG_NS);
	t->timeout_ns[CLASS_UDP] = c->udp_inactivity_ns;
	t->timeout_ns[CLASS_ICMP] = c->icmp_inactivity_ns;
	t->timeout_ns[CLASS_OTHER] = c->other_inactivity_ns;
	t->timeout_ns[CLASS_CUSTOM] = c->tcp_inactivity_ns;
	t->timeout_ns[CLASS_BRIEF] = c->brief_inactivity_ns;
}

static void
table_seeds(struct nj_flow_table *t)
{
	for (uint64_t i = 0; i < nj_countof(t->seed); i++)
		t->seed[i] = nj_hash64(&t->conf.key, &i, sizeof(i)) | 1;
}

void
nj_flow_conf_default(struct nj_flow_conf *conf)
{
	*conf = (struct nj_flow_conf){
		.flows_max = 64 * 1024,
		.reasm_segments_max = 16 * 1024,
		.reasm_flow_bytes_max = 1024 * 1024,
		.tcp_inactivity_ns = 300 * NJ_NS_PER_S,
		.udp_inactivity_ns = 60 * NJ_NS_PER_S,
		.icmp_inactivity_ns = 60 * NJ_NS_PER_S,
		.other_inactivity_ns = 60 * NJ_NS_PER_S,
		.brief_inactivity_ns = 10 * NJ_NS_PER_S,
		.tcp_attempt_ns = 5 * NJ_NS_PER_S,
		.tcp_close_ns = 5 * NJ_NS_PER_S,
		.tcp_reset_ns = 5 * NJ_NS_PER_S,
	};
}

enum nj_err
nj_flow_create(struct nj_flow_table **out, const struct nj_flow_conf *conf,
	const struct nj_flow_hooks *hooks)
{
	struct nj_flow_table *t;
	enum nj_err err;

	*out = NULL;
	if (!conf->flows_max || conf->flows_max > FLOWS_MAX)
		return NJ_E_RANGE;
	t = calloc(1, sizeof(*t));
	if (!t)
		return NJ_E_NOMEM;
	t->conf = *conf;
	t->hooks = *hooks;
	t->fresh = 1;
	table_seeds(t);
	table_times(t);
	err = table_memory(t);
	if (!err)
		err = flow_local_init(t);
	if (!err)
		err = flow_detail_init(t);
	if (err) {
		nj_flow_destroy(&t);
		return err;
	}
	*out = t;
	return NJ_OK;
}

void
nj_flow_destroy(struct nj_flow_table **table)
{
	struct nj_flow_table *t = *table;

	if (!t)
		return;
	*table = NULL;
	flow_detail_fini(t);
	intern_fini(&t->tenants);
	intern_fini(&t->paths);
	nj_pool_fini(&t->more);
	nj_pool_fini(&t->key6);
	nj_pool_fini(&t->extra);
	nj_pool_fini(&t->segments);
	nj_pool_fini(&t->blocks);
	nj_pages_free(t->hot, t->hot_bytes);
	nj_pages_free(t->cold, t->cold_bytes);
	nj_pages_free(t->buckets, t->bucket_bytes);
	nj_pages_free(t->recent, (t->recent_mask + 1) * sizeof(*t->recent));
	free(t->local);
	free(t);
}

unsigned
nj_flow_pools(
	const struct nj_flow_table *t, struct nj_pool_use out[NJ_FLOW_POOLS])
{
	out[0] = (struct nj_pool_use){ "flows", t->live, t->fresh - 1,
		t->conf.flows_max,
		(t->hot_bytes + t->cold_bytes + t->bucket_bytes) /
			t->conf.flows_max };
	out[1] = nj_pool_use(&t->more, "flow buckets");
	out[2] = nj_pool_use(&t->key6, "IPv6 flows");
	out[3] = nj_pool_use(&t->extra, "flow details");
	out[4] = nj_pool_use(&t->segments, "held segments");
	out[5] = nj_pool_use(&t->blocks, "held bytes");
	return NJ_FLOW_POOLS;
}
