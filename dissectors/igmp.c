/*
 * igmp.c - who wants to hear which group: IGMP (RFC 1112, 2236, 3376), one
 * record a message.
 *
 * Why we tell it: a group that a device joins says what it is (a player, a
 * phone, a device that seeks others), and a second router that asks is one
 * nobody may know of.
 */
#include "engine/dissect/dissector.h"

#define IGMP(F, tag)                                                           \
	F(tag, 1, U8, version, NJ_INDEX, "Protocol version")                   \
	F(tag, 2, STR, type, NJ_INDEX | NJ_LEARN, "query, report or leave")    \
	F(tag, 3, VADDR, groups, NJ_INDEX, "Groups asked for, joined or left") \
	F(tag, 4, IVAL, max_response, NJ_OPT, "How long an answer may take")   \
	F(tag, 5, U32, sources, NJ_OPT, "Senders named, of all groups")

NJ_EVENT(igmp, IGMP, "One IGMP message");

enum { ODD_LENGTH };
static const struct nj_oddity oddities[] = {
	[ODD_LENGTH] = { "igmp_length", "Fewer groups than were promised" },
	{ 0 }
};

enum {
	IGMP_PROTO = 2,
	QUERY = 0x11,
	REPORT_1 = 0x12,
	REPORT_2 = 0x16,
	LEAVE = 0x17,
	REPORT_3 = 0x22,
	GROUPS_MAX = 64
};

struct groups {
	struct nj_addr v[GROUPS_MAX];
	uint32_t n;
};

static void
group_add(struct groups *g, struct nj_view v)
{
	if (v.data && g->n < GROUPS_MAX)
		g->v[g->n++] = nj_addr4(v.data);
}

/* Tenths of a second; from 128 on with an exponent (RFC 3376 4.1.1). */
static int64_t
response_time(uint8_t code)
{
	uint32_t tenths = code;

	if (code >= 128)
		tenths = ((code & 15u) | 16u) << ((code >> 4 & 7) + 3);
	return tenths * (NJ_NS_PER_S / 10);
}

static void
query(struct nj_cur *c, struct igmp_event *ev, struct groups *g, uint8_t code)
{
	struct nj_view group = nj_cur_take(c, 4);
	uint32_t none;

	ev->type = NJ_LIT("query");
	ev->version = nj_cur_left(c) >= 4 ? 3 : code ? 2 : 1;
	nj_set(ev, igmp, max_response, response_time(code));
	if (!group.data)
		return;
	memcpy(&none, group.data, sizeof(none));
	if (none)
		group_add(g, group);
	if (ev->version != 3)
		return;
	nj_cur_skip(c, 2);
	nj_set(ev, igmp, sources, nj_cur_u16(c));
}

static void
report3(struct nj_cur *c, struct igmp_event *ev, struct groups *g)
{
	uint32_t sources = 0;
	uint16_t n;

	ev->type = NJ_LIT("report");
	ev->version = 3;
	nj_cur_skip(c, 2);
	n = nj_cur_u16(c);
	for (unsigned i = 0; i < n && !c->bad; i++) {
		uint8_t words;
		uint16_t count;

		nj_cur_skip(c, 1);
		words = nj_cur_u8(c);
		count = nj_cur_u16(c);
		group_add(g, nj_cur_take(c, 4));
		nj_cur_skip(c, 4u * count + 4u * words);
		sources += count;
	}
	nj_set(ev, igmp, sources, sources);
}

static enum nj_verdict
igmp_datagram(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	struct igmp_event ev = { 0 };
	struct groups g = { .n = 0 };
	uint8_t type = nj_cur_u8(&c), code = nj_cur_u8(&c);

	(void)dir;
	nj_cur_skip(&c, 2);
	switch (type) {
	case QUERY:
		query(&c, &ev, &g, code);
		break;
	case REPORT_1:
	case REPORT_2:
	case LEAVE:
		ev.version = type == REPORT_1 ? 1 : 2;
		ev.type = type == LEAVE ? NJ_LIT("leave") : NJ_LIT("report");
		group_add(&g, nj_cur_take(&c, 4));
		break;
	case REPORT_3:
		report3(&c, &ev, &g);
		break;
	default:
		return NJ_REJECT;
	}
	if (c.bad)
		nj_odd(d, ODD_LENGTH);
	ev.groups = (struct nj_vaddr){ g.v, g.n };
	(void)nj_emit(d, &igmp_desc, &ev);
	return NJ_MORE;
}

const struct nj_dissector nj_dissector_igmp = {
	.name = "igmp",
	.title = "IGMP",
	.ports = (const struct nj_port[]){ { NJ_IPPROTO, IGMP_PROTO }, { 0 } },
	.events = (const struct nj_event_desc *const[]){ &igmp_desc, NULL },
	.oddities = oddities,
	.datagram = igmp_datagram,
};
