/*
 * vrrp.c - which router stands for a shared address: VRRP (RFC 9568, version
 * 2 by RFC 3768), one record when something changes.
 *
 * Why we tell it: whoever announces a higher priority gets all traffic that
 * leaves a network.
 */
#include "dissectors/shared/sum.h"
#include "engine/dissect/dissector.h"

#define VRRP(F, tag)                                                           \
	F(tag, 1, U8, version, NJ_INDEX, "Protocol version")                   \
	F(tag, 2, U8, vrid, NJ_INDEX, "Virtual router")                        \
	F(tag, 3, U8, priority, NJ_LEARN, "Priority; 0: the master leaves")    \
	F(tag, 4, VADDR, addresses, NJ_INDEX, "Addresses it stands for")       \
	F(tag, 5, IVAL, interval, 0, "Time between announcements")             \
	F(tag, 6, U8, auth_type, NJ_OPT, "Version 2: kind of authentication")

NJ_EVENT(vrrp, VRRP, "A VRRP announcement that says something new");

enum { VRRP_PROTO = 112, ADDRESSES_MAX = 32 };

struct state {
	struct nj_told told;
};

static enum nj_verdict
vrrp_datagram(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct state *s = nj_state(d);
	struct nj_cur c = nj_cur(v);
	struct nj_addr addresses[ADDRESSES_MAX];
	struct vrrp_event ev = { 0 };
	bool six = nj_addr_of(d, dir).family == 6;
	uint8_t first = nj_cur_u8(&c), count;
	uint32_t n = 0;

	ev.version = first >> 4;
	ev.vrid = nj_cur_u8(&c);
	ev.priority = nj_cur_u8(&c);
	count = nj_cur_u8(&c);
	if (ev.version < 2 || ev.version > 3 || (first & 15) != 1)
		return NJ_REJECT;
	if (ev.version == 2) {
		nj_set(&ev, vrrp, auth_type, nj_cur_u8(&c));
		ev.interval = nj_cur_u8(&c) * NJ_NS_PER_S;
	} else {
		ev.interval = (nj_cur_u16(&c) & 0xfff) * (NJ_NS_PER_S / 100);
	}
	nj_cur_skip(&c, 2);
	while (n < count && n < ADDRESSES_MAX && !c.bad) {
		struct nj_view a = nj_cur_take(&c, six ? 16 : 4);

		if (a.data)
			addresses[n++] =
				six ? nj_addr6(a.data) : nj_addr4(a.data);
	}
	if (c.bad)
		return NJ_BROKEN;
	ev.addresses = (struct nj_vaddr){ addresses, n };
	if (!nj_told(&s->told,
		    nj_sum(NJ_SUM_SEED, v.data, v.len - nj_cur_left(&c))))
		(void)nj_emit(d, &vrrp_desc, &ev);
	return NJ_MORE;
}

const struct nj_dissector nj_dissector_vrrp = {
	.name = "vrrp",
	.title = "VRRP",
	.ports = (const struct nj_port[]){ { NJ_IPPROTO, VRRP_PROTO }, { 0 } },
	.events = (const struct nj_event_desc *const[]){ &vrrp_desc, NULL },
	.state_bytes = sizeof(struct state),
	.datagram = vrrp_datagram,
};
