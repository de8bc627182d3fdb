/*
 * expect.c - flows that another flow has announced (FTP data, SIP media). A
 * small table, as few are open at a time; when full the oldest goes.
 */
#include "engine/dissect/dissect_priv.h"

static bool
addr_fits(const struct nj_addr *want, const struct nj_addr *have)
{
	return !want->family || nj_addr_eq(want, have);
}

static bool
fits(const struct expectation *x, const struct nj_flow *f)
{
	struct nj_addr orig = nj_flow_addr(f, NJ_ORIG);
	struct nj_addr resp = nj_flow_addr(f, NJ_RESP);

	if (addr_fits(&x->resp, &resp) && addr_fits(&x->orig, &orig) &&
		nj_flow_port(f, NJ_RESP) == x->port)
		return true;
	/* The first packet seen may have come from the responder. */
	return addr_fits(&x->resp, &orig) && addr_fits(&x->orig, &resp) &&
	       nj_flow_port(f, NJ_ORIG) == x->port;
}

bool
expect_take(
	struct nj_dissect *e, const struct nj_flow *f, struct expectation *out)
{
	uint8_t transport = transport_of(f);
	unsigned left = e->expect_live;

	for (unsigned i = 0; left && i < EXPECT_MAX; i++) {
		struct expectation *x = &e->expects[i];

		if (!x->dissector)
			continue;
		left--;
		if (x->until_ns < f->now_ns) {
			x->dissector = 0;
			e->expect_live--;
			continue;
		}
		if (x->transport != transport || !fits(x, f))
			continue;
		*out = *x;
		x->dissector = 0;
		e->expect_live--;
		e->expected_name = e->expect_names[i];
		return true;
	}
	return false;
}

bool
nj_dissect_expect(
	struct nj_dissect *e, const struct nj_expectation *want, int64_t now_ns)
{
	int index = set_find(e->set, want->dissector);
	struct expectation *x = NULL;
	uint8_t *name;

	if (index < 0)
		return false;
	/* Low places first, so that a search of few looks at few. */
	for (unsigned i = 0; !x && i < EXPECT_MAX; i++)
		if (!e->expects[i].dissector || e->expects[i].until_ns < now_ns)
			x = &e->expects[i];
	if (!x) {
		x = &e->expects[e->expect_next++ % EXPECT_MAX];
		e->counters.expect_evicted++;
	}
	if (!x->dissector)
		e->expect_live++;
	name = e->expect_names[x - e->expects];
	name[0] = (uint8_t)nj_min(want->name.len, (size_t)NJ_EXPECT_NAME);
	if (name[0])
		memcpy(name + 1, want->name.data, name[0]);
	*x = (struct expectation){ .orig = want->orig,
		.resp = want->resp,
		.port = want->resp_port,
		.transport = want->transport,
		.dissector = (uint8_t)(index + 1),
		.param = want->param,
		.until_ns = now_ns + (want->lifetime_ns ? want->lifetime_ns
							: 300 * NJ_NS_PER_S) };
	return true;
}

void
nj_expect(struct nj_dctx *d, const struct nj_expectation *want)
{
	(void)nj_dissect_expect(d->e, want, d->now_ns);
}

struct nj_view
nj_expected_name(const struct nj_dctx *d)
{
	const uint8_t *name = d->e->expected_name;

	if (!name)
		return (struct nj_view){ 0 };
	return (struct nj_view){ name + 1, name[0] };
}
