/*
 * alias.c - one flow whose two directions come from different tenants. A
 * mirror port often tags the packets of one direction only, or both with
 * different VLANs, and one direction of a tunnel's traffic may go without
 * the tunnel. Tenants are part of the key, so such a flow would fall apart.
 *
 * When a packet would begin a flow, a flow lately begun with the same
 * addresses and ports, in another tenant, that has only been seen in the
 * other direction, is taken for its other half, and is put into the table
 * under this tenant too. Two tenants with the same addresses stay apart: there
 * both directions have been seen, or the same one.
 */
#include "engine/flow/lookup_priv.h"

static uint32_t *
recent_slot(const struct nj_flow_table *t, const struct flow_key *k)
{
	struct flow_key bare = *k;

	flow_key_retenant(t, &bare, 0);
	return &t->recent[(bare.hash >> 16) & t->recent_mask];
}

void
flow_alias_note(
	struct nj_flow_table *t, uint32_t index, const struct flow_key *k)
{
	*recent_slot(t, k) = index;
}

/* The same but for the tenant. */
static bool
key_is_alike(const struct flow_key *a, const struct flow_key *b)
{
	size_t n = a->version == 4 ? 4 : 16;

	return a->version == b->version && a->lo_port == b->lo_port &&
	       a->hi_port == b->hi_port && !((a->rest ^ b->rest) & 0xff) &&
	       !memcmp(a->lo, b->lo, n) && !memcmp(a->hi, b->hi, n);
}

bool
flow_alias_matches(
	const struct nj_flow_table *t, uint32_t index, const struct flow_key *k)
{
	const struct flow_extra *x =
		nj_pool_at(&t->extra, t->cold[index].extra);
	struct flow_key other;

	if (x->alias != k->rest >> 8)
		return false;
	flow_key_of(t, index, x->alias, &other);
	return key_is_alike(&other, k);
}

static bool
is_other_half(const struct nj_flow_table *t, uint32_t index,
	const struct nj_meta *m, const struct flow_key *k)
{
	const struct nj_flow_hot *h = &t->hot[index];
	unsigned d = k->side ^ (h->flags & FLOW_ORIG_HI ? 1 : 0);
	struct flow_key other;

	if (!(h->flags & FLOW_LIVE) || h->flags & FLOW_ALIAS || h->packets[d] ||
		flow_deadline(t, index) <= m->now_ns)
		return false;
	flow_key_of(t, index, flow_rest(t, h) >> 8, &other);
	return key_is_alike(&other, k);
}

uint32_t
flow_alias_find(
	struct nj_flow_table *t, const struct nj_meta *m, struct flow_key *k)
{
	uint32_t index, tenant;
	struct flow_extra *x;
	struct nj_flow f;

	if (!t->tenants.used && k->rest >> 8 == 0)
		return 0;
	index = *recent_slot(t, k);
	if (!index || k->one_way || !is_other_half(t, index, m, k))
		return 0;
	f = flow_view(t, index, m, m->now_ns);
	x = flow_extra_get(&f);
	if (!x)
		return 0;
	tenant = flow_tenant_get(t, m);
	flow_key_retenant(t, k, tenant);
	if (!flow_table_insert(t, k->hash, index)) {
		intern_put(&t->tenants, tenant);
		return 0;
	}
	x->alias = tenant;
	f.hot->flags |= FLOW_ALIAS;
	return index;
}

void
flow_alias_drop(struct nj_flow *f)
{
	struct nj_flow_table *t = f->table;
	uint32_t tenant = flow_extra(f)->alias;
	struct flow_key k;

	flow_key_of(t, f->index, tenant, &k);
	flow_table_remove(t, k.hash, f->index);
	intern_put(&t->tenants, tenant);
}
