/*
 * goose.c - Generic Object Oriented Substation Events (IEC 61850-8-1): which
 * control block sends, and each change of its state. A breaker is tripped by
 * such a frame, and nothing in it says who may send it.
 *
 * A state is repeated until the next one; it is told when it is news.
 */
#include "dissectors/shared/der.h"
#include "dissectors/shared/link.h"

#define GOOSE(F, tag)                                                          \
	F(tag, 1, STR, mac_src, NJ_INDEX, "MAC of the sender")                 \
	F(tag, 2, STR, mac_dst, NJ_INDEX, "MAC of the group")                  \
	F(tag, 3, U16, app_id, NJ_INDEX | NJ_LEARN, "Application")             \
	F(tag, 4, STR, gocb_ref, NJ_INDEX, "Control block")                    \
	F(tag, 5, STR, data_set, NJ_INDEX, "Data set")                         \
	F(tag, 6, STR, go_id, NJ_INDEX, "Id of the message")                   \
	F(tag, 7, U32, time_allowed_to_live, 0, "ms until the next at most")   \
	F(tag, 8, U32, st_num, NJ_LEARN, "Number of the state")                \
	F(tag, 9, U32, sq_num, 0, "Number of the repeat")                      \
	F(tag, 10, BOOL, simulation, NJ_INDEX | NJ_LEARN,                      \
		"A test, or simulated")                                        \
	F(tag, 11, U32, conf_rev, NJ_LEARN, "Revision of the configuration")   \
	F(tag, 12, BOOL, needs_commissioning, NJ_INDEX,                        \
		"The control block is not fully set up")                       \
	F(tag, 13, U32, entries, NJ_LEARN, "Values in the data set")           \
	F(tag, 14, U16, vlan, NJ_OPT, "VLAN id of the frame")

NJ_EVENT_X(goose, GOOSE, NJ_EV_NO_ID, "A new state of a GOOSE control block");

enum { HEAD = 8, PDU = 0x61, FIELDS_MAX = 16, FACT_MAX = 256 };

enum { ODD_PDU };
static const struct nj_oddity oddities[] = {
	[ODD_PDU] = { "goose_pdu", "A frame that is cut, or makes no sense" },
	{ 0 },
};

static uint32_t
number(struct nj_view v)
{
	uint32_t n = 0;

	for (size_t i = 0; i < v.len; i++)
		n = n << 8 | v.data[i];
	return n;
}

static void
field(const struct nj_der *e, struct goose_event *ev)
{
	switch (e->tag) {
	case 0x80:
		ev->gocb_ref = e->body;
		break;
	case 0x81:
		ev->time_allowed_to_live = number(e->body);
		break;
	case 0x82:
		ev->data_set = e->body;
		break;
	case 0x83:
		ev->go_id = e->body;
		break;
	case 0x85:
		ev->st_num = number(e->body);
		break;
	case 0x86:
		ev->sq_num = number(e->body);
		break;
	case 0x87:
		ev->simulation = number(e->body) != 0;
		break;
	case 0x88:
		ev->conf_rev = number(e->body);
		break;
	case 0x89:
		ev->needs_commissioning = number(e->body) != 0;
		break;
	case 0x8a:
		ev->entries = number(e->body);
		break;
	default: /* time, values */
		break;
	}
}

static bool
is_news(struct nj_dctx *d, const struct nj_frame *f,
	const struct goose_event *ev)
{
	struct {
		uint32_t st_num, conf_rev;
		uint16_t app_id;
		uint8_t simulation, needs;
		uint8_t ref[FACT_MAX];
	} fact;

	memset(&fact, 0, sizeof(fact));
	fact.st_num = ev->st_num;
	fact.conf_rev = ev->conf_rev;
	fact.app_id = ev->app_id;
	fact.simulation = ev->simulation;
	fact.needs = ev->needs_commissioning;
	if (ev->gocb_ref.len)
		memcpy(fact.ref, ev->gocb_ref.data,
			nj_min(ev->gocb_ref.len, sizeof(fact.ref)));
	return nj_lately_is_news(d, f, &fact, sizeof(fact));
}

static void
goose_frame(struct nj_dctx *d, const struct nj_frame *f)
{
	struct goose_event ev = { 0 };
	struct nj_cur c = nj_cur(f->v);
	struct nj_view body;

	ev.app_id = nj_cur_u16(&c);
	nj_cur_skip(&c, HEAD - 2); /* length, reserved */
	body = nj_der_take(&c, PDU);
	if (c.bad) {
		nj_odd(d, ODD_PDU);
		return;
	}
	c = nj_cur(body);
	for (unsigned i = 0; i < FIELDS_MAX && nj_cur_left(&c); i++) {
		struct nj_der e = nj_der_next(&c);

		if (c.bad)
			break;
		field(&e, &ev);
	}
	if (c.bad || !ev.gocb_ref.data) {
		nj_odd(d, ODD_PDU);
		return;
	}
	if (!is_news(d, f, &ev))
		return;
	ev.mac_src = nj_link_mac(d, f->mac_src);
	ev.mac_dst = nj_link_mac(d, f->mac_dst);
	if (f->head.vlan[0])
		nj_set(&ev, goose, vlan, f->head.vlan[0]);
	(void)nj_emit_head(d, &goose_desc, &f->head, &ev);
}

const struct nj_dissector nj_dissector_goose = {
	.name = "goose",
	.title = "GOOSE",
	.service = "",
	.ports = (const struct nj_port[]){ { NJ_LINK, 0x88b8 }, { 0 } },
	.events = (const struct nj_event_desc *const[]){ &goose_desc, NULL },
	.oddities = oddities,
	.shared_bytes = sizeof(struct nj_lately),
	.frame = goose_frame,
};
