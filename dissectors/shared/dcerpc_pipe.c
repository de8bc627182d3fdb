/*
 * dcerpc_pipe.c - DCE/RPC on named pipes, whose bytes come as writes and
 * reads that need not be whole messages (MS-RPCE 2.1.1.2): a message of which
 * a part is missing is held, the rest of one that is known passed over.
 */
#include "dissectors/shared/dcerpc_priv.h"

enum { HELD_FIRST = 512, HELD_MAX = 64 * 1024, NAME_MAX_BYTES = 256 };

struct nj_rpc *
nj_rpc_open(struct nj_dctx *d, struct nj_view name)
{
	struct nj_rpc *r = nj_keep(d, sizeof(*r));

	if (!r)
		return NULL;
	memset(r, 0, sizeof(*r));
	r->on_pipe = true;
	r->pipe = nj_keep_view(d, name, NAME_MAX_BYTES);
	return r;
}

static void
let_go(struct nj_rpc_held *h, struct nj_dctx *d)
{
	nj_drop(d, h->data);
	h->data = NULL;
	h->len = h->cap = 0;
}

/* Adds v to what is held; false when there is no room. */
static bool
hold(struct nj_rpc_held *h, struct nj_dctx *d, struct nj_view v)
{
	size_t cap = nj_max(h->cap, (uint32_t)HELD_FIRST);
	uint8_t *data;

	if (v.len > HELD_MAX - h->len)
		return false;
	while (cap < h->len + v.len)
		cap *= 2;
	if (cap != h->cap) {
		data = nj_keep(d, cap);
		if (!data)
			return false;
		if (h->len)
			memcpy(data, h->data, h->len);
		nj_drop(d, h->data);
		h->data = data;
		h->cap = (uint32_t)cap;
	}
	memcpy(h->data + h->len, v.data, v.len);
	h->len += (uint32_t)v.len;
	return true;
}

/* Reads whole messages off the front of v; gives how many bytes those took,
 * and what is still to be passed over to h. */
static size_t
read_all(struct nj_rpc *r, struct nj_dctx *d, struct nj_rpc_held *h,
	struct nj_view v)
{
	size_t used = 0;

	while (used < v.len) {
		bool bad;
		size_t n = nj_rpc_message(r, d, nj_sub(v, used, v.len), &bad);

		if (bad) {
			r->dead = true;
			return v.len;
		}
		if (!n)
			break;
		if (n > v.len - used) {
			h->skip = (uint32_t)(n - (v.len - used));
			return v.len;
		}
		used += n;
	}
	return used;
}

/* Takes as much of *v as makes what is held a readable message. */
static bool
feed_held(struct nj_rpc *r, struct nj_dctx *d, struct nj_rpc_held *h,
	struct nj_view *v)
{
	struct nj_view part = *v;
	size_t before = h->len, used;

	if (!hold(h, d, part))
		return false;
	used = read_all(r, d, h, (struct nj_view){ h->data, h->len });
	if (used <= before) {
		*v = (struct nj_view){ 0 };
		return true;
	}
	/* What is left of v is read where it lies. */
	*v = nj_sub(part, used - before, part.len);
	let_go(h, d);
	return true;
}

bool
nj_rpc_feed(
	struct nj_rpc *r, struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct nj_rpc_held *h;
	size_t n;

	if (!r || r->dead)
		return false;
	h = &r->held[dir];
	n = nj_min((size_t)h->skip, v.len);
	h->skip -= (uint32_t)n;
	v = nj_sub(v, n, v.len);
	if (v.len && h->len && !feed_held(r, d, h, &v))
		r->dead = true;
	if (v.len && !r->dead) {
		n = read_all(r, d, h, v);
		v = nj_sub(v, n, v.len);
		if (v.len && !hold(h, d, v))
			r->dead = true;
	}
	if (r->dead)
		let_go(h, d);
	return !r->dead;
}

void
nj_rpc_gap(struct nj_rpc *r, struct nj_dctx *d, enum nj_dir dir)
{
	if (!r)
		return;
	let_go(&r->held[dir], d);
	r->held[dir].skip = 0;
}

void
nj_rpc_close(struct nj_rpc *r, struct nj_dctx *d)
{
	if (!r)
		return;
	nj_rpc_end(r, d);
	let_go(&r->held[NJ_ORIG], d);
	let_go(&r->held[NJ_RESP], d);
	nj_drop(d, (void *)(uintptr_t)r->pipe.data);
	nj_drop(d, r);
}
