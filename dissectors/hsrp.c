/*
 * hsrp.c - which router stands for a shared address, as Cisco's do it: HSRP
 * (RFC 2281; version 2 as Cisco describes it), one record when something
 * changes.
 *
 * Why we tell it: as for VRRP, and its password is the well-known one in most
 * networks: only that there is one in the clear is told.
 */
#include "dissectors/shared/sum.h"
#include "engine/dissect/dissector.h"

#define HSRP(F, tag)                                                           \
	F(tag, 1, U8, version, NJ_INDEX, "Protocol version")                   \
	F(tag, 2, STR, op, NJ_LEARN, "hello, coup, resign or advertise")       \
	F(tag, 3, STR, state, NJ_INDEX | NJ_LEARN, "State of the sender")      \
	F(tag, 4, U16, group, NJ_INDEX, "Number of the group")                 \
	F(tag, 5, U32, priority, NJ_LEARN, "Priority of the sender")           \
	F(tag, 6, ADDR, address, NJ_INDEX, "Address it stands for")            \
	F(tag, 7, IVAL, hello_time, 0, "Time between hellos")                  \
	F(tag, 8, IVAL, hold_time, 0, "Time until a silent router is down")    \
	F(tag, 9, BOOL, password_seen, NJ_OPT, "A password was in the clear")

NJ_EVENT(hsrp, HSRP, "An HSRP message that says something new");

enum {
	PORT = 1985,
	PORT_V6 = 2029,
	TLV_GROUP = 1,
	TLV_TEXT = 3, /* of authentication */
	TLV_GROUP_BYTES = 40,
	TLVS_MAX = 8
};

struct state {
	struct nj_told told;
};

static struct nj_view
op_text(uint8_t op)
{
	static const char *const names[] = { "hello", "coup", "resign",
		"advertise" };

	return op < nj_countof(names) ? nj_str(names[op])
				      : (struct nj_view){ 0 };
}

/* Version 1 has a bit for each state, version 2 a number. */
static struct nj_view
state_text(uint8_t version, uint8_t state)
{
	static const char *const names[] = { "initial", "learn", "listen",
		"speak", "standby", "active" };
	unsigned n = state;

	if (version == 1)
		n = state ? 1u + (unsigned)__builtin_ctz(state) : 0;
	return n < nj_countof(names) ? nj_str(names[n]) : (struct nj_view){ 0 };
}

static bool
version1(struct nj_view v, struct hsrp_event *ev)
{
	struct nj_cur c = nj_cur(v);
	struct nj_view password, address;
	uint8_t op;

	nj_cur_skip(&c, 1);
	op = nj_cur_u8(&c);
	ev->version = 1;
	ev->op = op_text(op);
	/* Advertisements have another form, and no address. */
	if (op == 3)
		return v.len >= 8;
	ev->state = state_text(1, nj_cur_u8(&c));
	ev->hello_time = nj_cur_u8(&c) * NJ_NS_PER_S;
	ev->hold_time = nj_cur_u8(&c) * NJ_NS_PER_S;
	ev->priority = nj_cur_u8(&c);
	ev->group = nj_cur_u8(&c);
	nj_cur_skip(&c, 1);
	password = nj_cur_take(&c, 8);
	address = nj_cur_take(&c, 4);
	if (c.bad)
		return false;
	if (password.data[0])
		nj_set(ev, hsrp, password_seen, true);
	ev->address = nj_addr4(address.data);
	return true;
}

/* The state of a group: version, operation, state, kind of address, group,
 * identifier, priority, times in milliseconds, address. */
static bool
group_state(struct nj_cur c, struct hsrp_event *ev)
{
	uint8_t version = nj_cur_u8(&c), family;
	struct nj_view address;

	ev->version = 2;
	ev->op = op_text(nj_cur_u8(&c));
	ev->state = state_text(2, nj_cur_u8(&c));
	family = nj_cur_u8(&c);
	ev->group = nj_cur_u16(&c);
	nj_cur_skip(&c, 6);
	ev->priority = nj_cur_u32(&c);
	ev->hello_time = nj_cur_u32(&c) * NJ_NS_PER_MS;
	ev->hold_time = nj_cur_u32(&c) * NJ_NS_PER_MS;
	address = nj_cur_take(&c, 16);
	if (c.bad || version != 2)
		return false;
	ev->address =
		family == 6 ? nj_addr6(address.data) : nj_addr4(address.data);
	return true;
}

static bool
version2(struct nj_view v, struct hsrp_event *ev)
{
	struct nj_cur c = nj_cur(v);
	bool found = false;

	for (unsigned i = 0; i < TLVS_MAX && nj_cur_left(&c) >= 2; i++) {
		uint8_t type = nj_cur_u8(&c), len = nj_cur_u8(&c);
		struct nj_view body = nj_cur_take(&c, len);

		if (c.bad || !type)
			return false;
		if (type == TLV_GROUP && len >= TLV_GROUP_BYTES)
			found = group_state(nj_cur(body), ev);
		else if (type == TLV_TEXT)
			nj_set(ev, hsrp, password_seen, true);
		else if (type == 2)
			ev->version = 2; /* of the interface: nothing to tell */
	}
	return found || ev->version == 2;
}

static enum nj_verdict
hsrp_datagram(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct state *s = nj_state(d);
	struct hsrp_event ev = { 0 };
	bool old = v.len && v.data[0] == 0;

	(void)dir;
	if (v.len < 4 || !(old ? version1(v, &ev) : version2(v, &ev)))
		return NJ_REJECT;
	if (nj_told(&s->told, nj_sum(NJ_SUM_SEED, v.data, nj_min(v.len, 64u))))
		return NJ_MORE;
	if (ev.op.data)
		(void)nj_emit(d, &hsrp_desc, &ev);
	else
		nj_confirm(d);
	return NJ_MORE;
}

const struct nj_dissector nj_dissector_hsrp = {
	.name = "hsrp",
	.title = "HSRP",
	.ports = (const struct nj_port[]){ { NJ_UDP, PORT },
		{ NJ_UDP, PORT_V6 }, { 0 } },
	.events = (const struct nj_event_desc *const[]){ &hsrp_desc, NULL },
	.state_bytes = sizeof(struct state),
	.datagram = hsrp_datagram,
};
