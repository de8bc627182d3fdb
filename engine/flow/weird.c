/*
 * weird.c - weird records of the flow layer: each thing once a flow, and not
 * more than so many a second, since floods are odd in every packet.
 */
#include "engine/event/weird.h"
#include "engine/flow/flow_priv.h"

static const struct nj_flow_weird weirds[] = {
#define WEIRD(id, name, source, text) { name, source, text },
#include "engine/flow/weird.def"
#undef WEIRD
};

enum { WEIRDS_PER_SECOND = 1000 };

/* The two that come with every flow of a capture of one direction have bits
 * of their own, for want of an extra block. */
static bool
weird_is_new(struct nj_flow *f, enum flow_weird weird)
{
	uint32_t own = weird == WEIRD_SPLIT        ? FLOW_WEIRD_SPLIT
		       : weird == WEIRD_EARLY_DATA ? FLOW_WEIRD_EARLY
						   : 0;
	struct flow_extra *x;

	if (own) {
		if (f->hot->flags & own)
			return false;
		f->hot->flags |= own;
		return true;
	}
	x = flow_extra_get(f);
	if (!x || x->weirds >> weird & 1)
		return false;
	x->weirds |= UINT32_C(1) << weird;
	return true;
}

const struct nj_flow_weird *
nj_flow_weird_at(unsigned i)
{
	return i < nj_countof(weirds) ? &weirds[i] : NULL;
}

bool
flow_is_weird(const struct nj_flow *f)
{
	const struct flow_extra *x = flow_extra(f);

	return f->hot->flags & (FLOW_WEIRD_SPLIT | FLOW_WEIRD_EARLY) ||
	       (x && x->weirds);
}

void
flow_weird(struct nj_flow *f, enum flow_weird weird)
{
	struct nj_flow_table *t = f->table;
	struct weird_event ev = { .name = nj_str(weirds[weird].name) };
	int64_t second = f->now_ns / NJ_NS_PER_S;
	struct nj_head head;

	if (!t->hooks.emit || !weird_is_new(f, weird))
		return;
	if (second != t->weird_second) {
		t->weird_second = second;
		t->weird_count = 0;
	}
	if (t->weird_count++ >= WEIRDS_PER_SECOND) {
		t->counters.weirds_quiet++;
		return;
	}
	if (weirds[weird].source[0])
		ev.source = nj_str(weirds[weird].source);
	nj_flow_head(f, &head);
	t->counters.weirds++;
	t->hooks.emit(t->hooks.ctx, &weird_desc, &head, &ev);
}
