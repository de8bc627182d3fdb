/*
 * frag.c - IP fragments put together again (RFC 791, RFC 8200 4.5), within
 * bounds: so many datagrams at a time, so many bytes and pieces, so long.
 *
 * Each datagram has a buffer for the greatest possible one and a bit for each
 * 8 bytes of it. Policy for overlaps: the bytes that came first stay (as
 * Zeek, BSD); both kinds, same and different bytes, are counted. When all
 * places are taken the oldest datagram goes: under a flood, those that are
 * complete soon still get through.
 */
#include <stdlib.h>

#include "engine/base/pool.h"
#include "engine/packet/decode_priv.h"

enum {
	BUFFER_BYTES = 65536,
	UNITS = BUFFER_BYTES / 8,
	LARGE_BYTES = 64000, /* Zeek's word for "excessively large" */
	SMALL_BYTES = 64,    /* and "small", IP header included */
	NONE = 0             /* index of no datagram; entry 0 is unused */
};

struct key {
	uint8_t src[16], dst[16];
	uint32_t id, vni;
	uint16_t vlan, inner_vlan;
	uint8_t version, proto, depth, tunnel;
};

struct datagram {
	struct key key;
	int64_t began_ns;
	uint32_t chain;        /* next with the same bucket, or next free one */
	uint32_t older, newer; /* by time of the first fragment */
	uint32_t bucket;
	uint32_t bytes;   /* held */
	uint32_t size;    /* of the whole; 0 not known */
	uint32_t highest; /* end of what came */
	uint32_t units;   /* bits set */
	uint16_t pieces;
	uint16_t head_bytes;
	uint8_t proto;
	uint64_t have[UNITS / 64];
};

struct nj_frags {
	struct datagram *list; /* 1 .. capacity */
	uint8_t *buffers;
	uint32_t *buckets;
	uint32_t bucket_mask, capacity, free_head;
	uint32_t oldest, newest;
	uint32_t done; /* joined in this burst, chained */
	uint32_t bytes, waiting;
	uint32_t bytes_max, pieces_max;
	int64_t timeout_ns;
	struct nj_hash_key seed;
};

static uint8_t *
buffer_of(const struct nj_frags *f, uint32_t i)
{
	return f->buffers + (size_t)(i - 1) * BUFFER_BYTES;
}

enum nj_err
nj_frags_create(struct nj_frags **out, const struct nj_decode_conf *conf)
{
	uint32_t n = conf->frag_datagrams_max, buckets = 64;
	struct nj_frags *f;

	*out = NULL;
	if (n == 0 || n > 65536 || conf->frag_pieces_max == 0 ||
		conf->frag_pieces_max > 1024)
		return NJ_E_RANGE;
	while (buckets < n * 2)
		buckets *= 2;
	f = calloc(1, sizeof(*f));
	if (!f)
		return NJ_E_NOMEM;
	f->capacity = n;
	f->bucket_mask = buckets - 1;
	f->bytes_max = conf->frag_bytes_max;
	f->pieces_max = conf->frag_pieces_max;
	f->timeout_ns = conf->frag_timeout_ns;
	f->seed = conf->key;
	f->list = calloc((size_t)n + 1, sizeof(*f->list));
	f->buckets = calloc(buckets, sizeof(*f->buckets));
	f->buffers = nj_pages_alloc((size_t)n * BUFFER_BYTES, NULL);
	if (!f->list || !f->buckets || !f->buffers) {
		nj_frags_destroy(&f);
		return NJ_E_NOMEM;
	}
	for (uint32_t i = n; i > 0; i--) {
		f->list[i].chain = f->free_head;
		f->free_head = i;
	}
	*out = f;
	return NJ_OK;
}

void
nj_frags_destroy(struct nj_frags **f)
{
	if (!*f)
		return;
	nj_pages_free((*f)->buffers, (size_t)(*f)->capacity * BUFFER_BYTES);
	free((*f)->buckets);
	free((*f)->list);
	free(*f);
	*f = NULL;
}

uint32_t
nj_frags_waiting(const struct nj_frags *f)
{
	return f->waiting;
}

/* Takes datagram i out of the bucket and the order of age; its held pieces
 * are the caller's to count. */
static uint32_t
take_out(struct nj_frags *f, uint32_t i)
{
	struct datagram *g = &f->list[i];
	uint32_t *link = &f->buckets[g->bucket];

	while (*link != i)
		link = &f->list[*link].chain;
	*link = g->chain;
	if (g->older)
		f->list[g->older].newer = g->newer;
	else
		f->oldest = g->newer;
	if (g->newer)
		f->list[g->newer].older = g->older;
	else
		f->newest = g->older;
	f->bytes -= g->bytes;
	f->waiting -= g->pieces;
	return g->pieces;
}

static uint32_t
drop(struct nj_frags *f, uint32_t i)
{
	uint32_t pieces = take_out(f, i);

	f->list[i].chain = f->free_head;
	f->free_head = i;
	return pieces;
}

void
nj_frags_burst(struct nj_decoder *d)
{
	struct nj_frags *f = d->frags;
	uint32_t i;

	while ((i = f->done) != NONE) {
		f->done = f->list[i].chain;
		f->list[i].chain = f->free_head;
		f->free_head = i;
	}
}

void
nj_frags_finish(struct nj_decoder *d)
{
	while (d->frags->oldest)
		d->n.frag_expired += drop(d->frags, d->frags->oldest);
}

static void
expire(struct nj_decoder *d, int64_t now_ns)
{
	struct nj_frags *f = d->frags;

	while (f->oldest &&
		now_ns - f->list[f->oldest].began_ns >= f->timeout_ns)
		d->n.frag_expired += drop(f, f->oldest);
}

static void
key_make(struct key *k, const struct nj_meta *m, const struct nj_frag_piece *p)
{
	size_t n = m->ip_version == 4 ? 4 : 16;

	memset(k, 0, sizeof(*k));
	memcpy(k->src, m->src, n);
	memcpy(k->dst, m->dst, n);
	k->id = p->id;
	k->vni = m->vni;
	k->vlan = m->vlan;
	k->inner_vlan = m->inner_vlan;
	k->version = m->ip_version;
	k->depth = m->depth;
	k->tunnel = m->tunnel;
	/* In IPv6 only the first fragment's word on the protocol counts. */
	if (m->ip_version == 4)
		k->proto = p->proto;
}

/* The datagram of key k, begun if need be. NONE when there is no place. */
static uint32_t
find(struct nj_decoder *d, const struct key *k, const struct nj_walk *w,
	const struct nj_frag_piece *p)
{
	struct nj_frags *f = d->frags;
	uint32_t bucket =
		(uint32_t)nj_hash64(&f->seed, k, sizeof(*k)) & f->bucket_mask;
	struct datagram *g;
	uint32_t i;

	for (i = f->buckets[bucket]; i; i = f->list[i].chain) {
		if (memcmp(&f->list[i].key, k, sizeof(*k)) == 0)
			return i;
	}
	if (!f->free_head && f->oldest)
		d->n.frag_evicted += drop(f, f->oldest);
	i = f->free_head;
	if (!i)
		return NONE;
	g = &f->list[i];
	f->free_head = g->chain;
	memset(g, 0, sizeof(*g));
	g->key = *k;
	g->began_ns = w->m->now_ns;
	g->head_bytes = p->head_bytes;
	g->proto = p->proto;
	g->bucket = bucket;
	g->chain = f->buckets[bucket];
	f->buckets[bucket] = i;
	g->older = f->newest;
	if (f->newest)
		f->list[f->newest].newer = i;
	else
		f->oldest = i;
	f->newest = i;
	return i;
}

/* Copies unit by unit, keeping what is there. Says whether anything was
 * there already, and whether it was different. */
static void
copy_units(struct datagram *g, uint8_t *to, const struct nj_walk *w,
	uint32_t offset, bool seen[2])
{
	uint32_t len = (uint32_t)nj_walk_left(w), n;
	uint64_t bit;

	for (uint32_t at = 0; at < len; at += 8) {
		uint32_t unit = (offset + at) / 8;

		n = nj_min(len - at, 8u);
		bit = UINT64_C(1) << (unit % 64);
		if (g->have[unit / 64] & bit) {
			seen[0] = true;
			seen[1] |= memcmp(to + offset + at, w->at + at, n) != 0;
			continue;
		}
		memcpy(to + offset + at, w->at + at, n);
		g->have[unit / 64] |= bit;
		g->units++;
	}
}

static bool
is_whole(const struct datagram *g)
{
	uint32_t need = (g->size + 7) / 8;

	if (!g->size || g->units < need)
		return false;
	for (uint32_t i = 0; i < need / 64; i++) {
		if (~g->have[i])
			return false;
	}
	return need % 64 == 0 ||
	       (~g->have[need / 64] & ((UINT64_C(1) << need % 64) - 1)) == 0;
}

/* Is the piece possible, and does it fit what came before? Notes what is
 * odd; false when the piece cannot be used. */
static bool
judge(struct nj_walk *w, struct datagram *g, const struct nj_frag_piece *p)
{
	uint32_t len = (uint32_t)nj_walk_left(w), end = p->offset + len;

	if (p->proto != g->proto || p->head_bytes != g->head_bytes)
		nj_walk_note(w, NJ_PODD_FRAG_PROTO);
	if (p->more && len + p->head_bytes < SMALL_BYTES)
		nj_walk_note(w, NJ_PODD_FRAG_SMALL);
	if (end > LARGE_BYTES)
		nj_walk_note(w, NJ_PODD_FRAG_LARGE);
	if (end + p->head_bytes > 65535u + (g->key.version == 6 ? 40 : 0) ||
		end > BUFFER_BYTES) {
		nj_walk_note(w, NJ_PODD_FRAG_LARGE);
		return false;
	}
	if (p->more && (len == 0 || len % 8 != 0)) {
		nj_walk_note(w, NJ_PODD_FRAG_UNALIGNED);
		return false;
	}
	if ((!p->more && g->size && g->size != end) ||
		(g->size && end > g->size)) {
		nj_walk_note(w, NJ_PODD_FRAG_SIZE);
		return false;
	}
	if (!p->more && g->highest > end)
		nj_walk_note(w, NJ_PODD_FRAG_SIZE);
	return true;
}

/* Makes room for len more held bytes by giving up older datagrams than i. */
static bool
room(struct nj_decoder *d, uint32_t i, uint32_t len)
{
	struct nj_frags *f = d->frags;

	while (f->bytes + len > f->bytes_max) {
		if (!f->oldest || f->oldest == i)
			return false;
		d->n.frag_evicted += drop(f, f->oldest);
	}
	return true;
}

static enum nj_frag_verdict
join(struct nj_walk *w, uint32_t i, struct nj_frag_piece *p)
{
	struct nj_decoder *d = w->d;
	struct nj_frags *f = d->frags;
	struct datagram *g = &f->list[i];

	d->n.frag_joined += take_out(f, i);
	d->n.frag_datagrams++;
	g->chain = f->done;
	f->done = i;
	p->proto = g->proto;
	p->head_bytes = g->head_bytes;
	w->at = buffer_of(f, i);
	w->end = w->at + g->size;
	w->wire = g->size;
	return NJ_FRAG_JOINED;
}

static void
store(struct nj_walk *w, uint32_t i, const struct nj_frag_piece *p)
{
	struct nj_decoder *d = w->d;
	struct datagram *g = &d->frags->list[i];
	uint32_t end = p->offset + (uint32_t)nj_walk_left(w);
	bool seen[2] = { false, false };

	copy_units(g, buffer_of(d->frags, i), w, p->offset, seen);
	if (seen[1]) {
		nj_walk_note(w, NJ_PODD_FRAG_DIFFERS);
		d->n.frag_differs++;
	} else if (seen[0]) {
		nj_walk_note(w, NJ_PODD_FRAG_OVERLAP);
		d->n.frag_overlaps++;
	}
	if (p->offset == 0) {
		g->proto = p->proto;
		g->head_bytes = p->head_bytes;
	}
	if (!p->more)
		g->size = end;
	g->highest = nj_max(g->highest, end);
}

enum nj_frag_verdict
nj_frag_add(struct nj_walk *w, struct nj_frag_piece *p)
{
	struct nj_decoder *d = w->d;
	struct nj_frags *f = d->frags;
	uint32_t len = (uint32_t)nj_walk_left(w), i;
	struct datagram *g;
	struct key k;

	expire(d, w->m->now_ns);
	key_make(&k, w->m, p);
	i = find(d, &k, w, p);
	g = &f->list[i];
	if (!i || g->pieces >= f->pieces_max || !room(d, i, len) ||
		!judge(w, g, p)) {
		d->n.frag_refused++;
		/* A datagram is not kept for a piece that was refused. */
		if (i && g->pieces == 0)
			(void)drop(f, i);
		return NJ_FRAG_REFUSED;
	}
	store(w, i, p);
	if (is_whole(g))
		return join(w, i, p);
	g->pieces++;
	g->bytes += len;
	f->bytes += len;
	f->waiting++;
	d->n.frag_held++;
	return NJ_FRAG_HELD;
}
