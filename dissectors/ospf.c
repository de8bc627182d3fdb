/*
 * ospf.c - routers that tell each other of their links: OSPF (RFC 2328; for
 * IPv6 RFC 5340), one record a message that says something new.
 *
 * Why we tell it: a neighbour that was not there, a change of who is
 * designated, or no authentication are what an attack on routes looks like.
 * Not done: the links themselves, which are as many as a network has.
 */
#include "dissectors/shared/sum.h"
#include "engine/dissect/dissector.h"

#define OSPF(F, tag)                                                           \
	F(tag, 1, U8, version, NJ_INDEX, "Protocol version: 2, or 3 for IPv6") \
	F(tag, 2, STR, type, NJ_INDEX | NJ_LEARN, "Kind of the message")       \
	F(tag, 3, ADDR, router_id, NJ_INDEX, "Name of the sender")             \
	F(tag, 4, ADDR, area, NJ_INDEX, "Name of the area")                    \
	F(tag, 5, STR, auth, NJ_LEARN, "none, password or hash")               \
	F(tag, 6, U16, hello_interval, NJ_OPT, "Seconds between hellos")       \
	F(tag, 7, U32, dead_interval, NJ_OPT,                                  \
		"Seconds until a silent neighbour is down")                    \
	F(tag, 8, U8, priority, NJ_OPT, "Priority of the sender")              \
	F(tag, 9, ADDR, designated, 0, "Designated router")                    \
	F(tag, 10, ADDR, backup, 0, "Backup of the designated router")         \
	F(tag, 11, VADDR, neighbors, NJ_INDEX, "Routers that are heard")       \
	F(tag, 12, U32, lsas, NJ_OPT, "Links that an update tells of")

NJ_EVENT(ospf, OSPF, "One OSPF message that says something new");

enum { ODD_LENGTH };
static const struct nj_oddity oddities[] = {
	[ODD_LENGTH] = { "ospf_length", "A length that cannot be" }, { 0 }
};

enum {
	OSPF_PROTO = 89,
	HELLO = 1,
	UPDATE = 4,
	TYPE_MAX = 5,
	NEIGHBORS_MAX = 64,
	HEAD_2 = 24,
	HEAD_3 = 16
};

struct state {
	struct nj_told told[2]; /* by nj_dir */
};

static const char *const types[TYPE_MAX + 1] = { NULL, "hello",
	"database-description", "link-state-request", "link-state-update",
	"link-state-ack" };

static struct nj_addr
router(struct nj_cur *c)
{
	struct nj_view v = nj_cur_take(c, 4);
	uint32_t none = 0;

	if (v.data)
		memcpy(&none, v.data, sizeof(none));
	return none ? nj_addr4(v.data) : (struct nj_addr){ 0 };
}

/* Both versions say the same, in another order. */
static void
hello(struct nj_cur *c, struct ospf_event *ev, struct nj_addr *neighbors)
{
	uint32_t n = 0;

	if (ev->version == 2) {
		nj_cur_skip(c, 4); /* mask */
		nj_set(ev, ospf, hello_interval, nj_cur_u16(c));
		nj_cur_skip(c, 1);
		nj_set(ev, ospf, priority, nj_cur_u8(c));
		nj_set(ev, ospf, dead_interval, nj_cur_u32(c));
	} else {
		nj_cur_skip(c, 4); /* interface */
		nj_set(ev, ospf, priority, nj_cur_u8(c));
		nj_cur_skip(c, 3);
		nj_set(ev, ospf, hello_interval, nj_cur_u16(c));
		nj_set(ev, ospf, dead_interval, nj_cur_u16(c));
	}
	ev->designated = router(c);
	ev->backup = router(c);
	while (nj_cur_left(c) >= 4 && n < NEIGHBORS_MAX)
		neighbors[n++] = router(c);
	ev->neighbors = (struct nj_vaddr){ neighbors, n };
}

static struct nj_view
auth_text(struct nj_dctx *d, uint16_t type)
{
	if (type > 2)
		return nj_arena_printf(d, "unknown-%u", type);
	return nj_str(type == 0 ? "none" : type == 1 ? "password" : "hash");
}

static enum nj_verdict
ospf_datagram(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct state *s = nj_state(d);
	struct nj_cur c = nj_cur(v);
	struct ospf_event ev = { .version = nj_cur_u8(&c) };
	struct nj_addr neighbors[NEIGHBORS_MAX];
	uint8_t type = nj_cur_u8(&c);
	uint16_t len = nj_cur_u16(&c), auth;
	size_t head = ev.version == 2 ? HEAD_2 : HEAD_3;

	if (ev.version < 2 || ev.version > 3 || !type || type > TYPE_MAX)
		return NJ_REJECT;
	ev.type = nj_str(types[type]);
	ev.router_id = router(&c);
	ev.area = nj_addr4("\0\0\0");
	if (nj_cur_left(&c) >= 4)
		ev.area = nj_addr4(nj_cur_take(&c, 4).data);
	nj_cur_skip(&c, 2);
	auth = nj_cur_u16(&c);
	if (ev.version == 2) {
		ev.auth = auth_text(d, auth);
		nj_cur_skip(&c, 8);
	}
	if (c.bad || len < head || len > v.len) {
		nj_odd(d, ODD_LENGTH);
		return NJ_BROKEN;
	}
	/* Hellos are said every few seconds; a change of the sum is news. */
	if (nj_told(&s->told[dir],
		    nj_sum(NJ_SUM_SEED, v.data, nj_min(len, v.len))))
		return NJ_MORE;
	c = nj_cur(nj_sub(v, head, len - head));
	if (type == HELLO)
		hello(&c, &ev, neighbors);
	else if (type == UPDATE)
		nj_set(&ev, ospf, lsas, nj_cur_u32(&c));
	if (c.bad)
		nj_odd(d, ODD_LENGTH);
	(void)nj_emit(d, &ospf_desc, &ev);
	return NJ_MORE;
}

const struct nj_dissector nj_dissector_ospf = {
	.name = "ospf",
	.title = "OSPF",
	.ports = (const struct nj_port[]){ { NJ_IPPROTO, OSPF_PROTO }, { 0 } },
	.events = (const struct nj_event_desc *const[]){ &ospf_desc, NULL },
	.oddities = oddities,
	.state_bytes = sizeof(struct state),
	.datagram = ospf_datagram,
};
