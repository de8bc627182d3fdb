/*
 * behaviour.c - how a flow behaves at its beginning: how large the pieces are
 * that each side sends, how far apart packets are, how evenly the bytes of a
 * flow that nobody knows are spread. What a flow is shows in these even where
 * all of it is encrypted. behaviour_priv.h counts.
 */
#include "engine/flow/behaviour_priv.h"
#include "engine/flow/conn.h"

static unsigned
number(uint64_t b, unsigned at, unsigned bits)
{
	return b >> at & ((1U << bits) - 1);
}

void
flow_behaviour_flip(struct nj_flow *f)
{
	const uint64_t side = (UINT64_C(1) << SIDE_BITS) - 1;
	const uint64_t sides = side | side << SIDE_BITS;
	uint64_t b = f->hot->behaviour;
	unsigned o = number(b, ENTROPY_AT, ENTROPY_BITS);
	unsigned r = number(b, ENTROPY_AT + ENTROPY_BITS, ENTROPY_BITS);

	b = (b & ~sides) | (b & side) << SIDE_BITS | (b >> SIDE_BITS & side);
	b &= (UINT64_C(1) << ENTROPY_AT) - 1;
	f->hot->behaviour = b | (uint64_t)r << ENTROPY_AT |
			    (uint64_t)o << (ENTROPY_AT + ENTROPY_BITS);
}

void
nj_flow_set_entropy(struct nj_flow *f, enum nj_dir dir, double bits)
{
	unsigned at = ENTROPY_AT + ENTROPY_BITS * (unsigned)dir;
	unsigned tenths = (unsigned)(bits * 10 + 0.5);
	const uint64_t mask = ((UINT64_C(1) << ENTROPY_BITS) - 1) << at;

	tenths = nj_min(tenths, (unsigned)TENTHS_MAX);
	f->hot->behaviour = (f->hot->behaviour & ~mask) | (uint64_t)(tenths + 1)
								  << at;
}

static struct nj_vu64
counts(uint64_t b, unsigned at, unsigned n, uint64_t *room)
{
	uint64_t any = 0;

	for (unsigned i = 0; i < n; i++)
		any |= room[i] = number(b, at + i * COUNT_BITS, COUNT_BITS);
	return (struct nj_vu64){ any ? room : NULL, n };
}

void
flow_behaviour_record(const struct nj_flow *f, struct conn_event *ev,
	struct flow_behaviour_room *room)
{
	uint64_t b = f->hot->behaviour;
	unsigned o = number(b, ENTROPY_AT, ENTROPY_BITS);
	unsigned r = number(b, ENTROPY_AT + ENTROPY_BITS, ENTROPY_BITS);

	ev->orig_sizes = counts(b, 0, FLOW_SIZES, room->sizes[0]);
	ev->resp_sizes = counts(b, SIDE_BITS, FLOW_SIZES, room->sizes[1]);
	ev->gaps = counts(b, TIMES_AT, FLOW_TIMES, room->times);
	if (ev->service.len)
		return;
	if (o)
		nj_set(ev, conn, orig_entropy, (o - 1) / 10.0);
	if (r)
		nj_set(ev, conn, resp_entropy, (r - 1) / 10.0);
}
