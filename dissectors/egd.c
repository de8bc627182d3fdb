/*
 * egd.c - Ethernet Global Data of GE's controllers (GFK-2224), over UDP: who
 * produces which exchange. Data comes many times a second, so an exchange is
 * told once a flow.
 */
#include "engine/dissect/dissector.h"

#define EGD(F, tag)                                                            \
	F(tag, 1, ADDR, producer, NJ_INDEX, "Producer id, as an address")      \
	F(tag, 2, U32, exchange_id, NJ_INDEX | NJ_LEARN, "Exchange")           \
	F(tag, 3, U16, request_id, 0, "Counter of the first packet seen")      \
	F(tag, 4, U32, status, NJ_LEARN, "Production status")                  \
	F(tag, 5, U32, signature, NJ_LEARN, "Configuration signature")         \
	F(tag, 6, U16, data_length, NJ_LEARN, "Bytes of data")

NJ_EVENT(egd, EGD, "An exchange of Ethernet Global Data");

enum { EXCHANGES_MAX = 16, HEAD = 32, DATA_MAX = 1400, TYPE_VERSION = 0x0d01 };

struct egd {
	uint8_t count;
	uint32_t told[EXCHANGES_MAX];
};

static bool
is_new(struct egd *s, uint32_t id)
{
	for (unsigned i = 0; i < s->count; i++)
		if (s->told[i] == id)
			return false;
	if (s->count == EXCHANGES_MAX)
		return false;
	s->told[s->count++] = id;
	return true;
}

static enum nj_verdict
egd_datagram(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct egd_event ev = { 0 };
	struct nj_cur c = nj_cur(v);
	struct nj_view producer;

	(void)dir;
	/* Data production, version 1. */
	if (nj_cur_u16(&c) != TYPE_VERSION || v.len < HEAD ||
		v.len > HEAD + DATA_MAX)
		return NJ_REJECT;
	ev.request_id = nj_cur_le16(&c);
	producer = nj_cur_take(&c, 4);
	ev.exchange_id = nj_cur_le32(&c);
	nj_cur_skip(&c, 8); /* time stamp */
	ev.status = nj_cur_le32(&c);
	ev.signature = nj_cur_le32(&c);
	nj_cur_skip(&c, 4);
	if (c.bad)
		return NJ_REJECT;
	ev.producer = nj_addr4(producer.data);
	ev.data_length = (uint16_t)nj_cur_left(&c);
	if (is_new(nj_state(d), ev.exchange_id))
		(void)nj_emit(d, &egd_desc, &ev);
	return NJ_MORE;
}

const struct nj_dissector nj_dissector_egd = {
	.name = "egd",
	.title = "Ethernet Global Data",
	.ports = (const struct nj_port[]){ { NJ_UDP, 18246 }, { 0 } },
	.events = (const struct nj_event_desc *const[]){ &egd_desc, NULL },
	.state_bytes = sizeof(struct egd),
	.datagram = egd_datagram,
};
