/*
 * onc.c - see onc.h.
 */
#include "dissectors/shared/onc.h"

enum {
	CALL = 0,
	REPLY = 1,
	RPC_VERSION = 2,
	AUTH_UNIX = 1,
	AUTH_MAX = 400, /* RFC 5531 8.2 */
	FLAVOR_MAX = 400000
};

static void
credential(struct nj_onc *m, uint32_t flavor, struct nj_view body)
{
	struct nj_cur c = nj_cur(body);

	if (flavor != AUTH_UNIX)
		return;
	nj_cur_skip(&c, 4); /* stamp */
	m->machine = nj_xdr_opaque(&c);
	m->uid = nj_cur_u32(&c);
	m->gid = nj_cur_u32(&c);
	m->has_unix = !c.bad;
	if (c.bad)
		m->machine = (struct nj_view){ 0 };
}

static struct nj_view
auth(struct nj_cur *c, uint32_t *flavor)
{
	struct nj_view v;

	*flavor = nj_cur_u32(c);
	v = nj_xdr_opaque(c);
	if (v.len > AUTH_MAX || *flavor > FLAVOR_MAX)
		c->bad = true;
	return v;
}

bool
nj_onc_read(struct nj_onc *m, struct nj_cur *c)
{
	struct nj_view v;
	uint32_t kind, flavor;

	*m = (struct nj_onc){ .xid = nj_cur_u32(c) };
	kind = nj_cur_u32(c);
	if (c->bad || kind > REPLY)
		return false;
	m->reply = kind == REPLY;
	if (m->reply) {
		uint32_t denied = nj_cur_u32(c);

		if (c->bad || denied > 1)
			return false;
		if (denied) {
			m->status = nj_cur_u32(c);
			return !c->bad && m->status <= 1;
		}
		(void)auth(c, &flavor);
		m->status = nj_cur_u32(c);
		m->accepted = !c->bad && !m->status;
		return !c->bad && m->status <= 5;
	}
	if (nj_cur_u32(c) != RPC_VERSION)
		return false;
	m->program = nj_cur_u32(c);
	m->version = nj_cur_u32(c);
	m->procedure = nj_cur_u32(c);
	v = auth(c, &flavor);
	credential(m, flavor, v);
	(void)auth(c, &flavor);
	return !c->bad;
}
