/*
 * sctp.c - associations of SCTP (RFC 9260), one record for each: who opened
 * it, with how many streams and addresses, what it carried, how it ended.
 *
 * Why we tell it: the signalling of telephone networks runs over it, between
 * few and well-known ends; the payload's number says which.
 * Not done: putting chunks in order for what is inside.
 */
#include "engine/dissect/dissector.h"

#define SCTP(F, tag)                                                           \
	F(tag, 1, U16, orig_port, NJ_INDEX, "Port of who opened it")           \
	F(tag, 2, U16, resp_port, NJ_INDEX, "Port of the other")               \
	F(tag, 3, U32, init_tag, NJ_OPT, "Tag that the opener chose")          \
	F(tag, 4, U16, streams_out, NJ_OPT, "Streams that the opener wants")   \
	F(tag, 5, U16, streams_in, NJ_OPT, "Streams that it takes")            \
	F(tag, 6, VADDR, addresses, NJ_INDEX,                                  \
		"Further addresses of the opener")                             \
	F(tag, 7, VSTR, payloads, NJ_INDEX | NJ_LEARN, "What was carried")     \
	F(tag, 8, U64, data_chunks, 0, "Pieces of data that came")             \
	F(tag, 9, STR, state, NJ_LEARN,                                        \
		"How far it came: opening, open, shutdown or abort")

NJ_EVENT(sctp, SCTP, "One SCTP association");

enum {
	DATA = 0,
	INIT = 1,
	ABORT = 6,
	SHUTDOWN = 7,
	COOKIE_ACK = 11,
	SHUTDOWN_COMPLETE = 14,
	PARAM_IPV4 = 5,
	PARAM_IPV6 = 6,
	CHUNKS_MAX = 64,
	ADDRESSES_MAX = 8,
	PAYLOADS_MAX = 8
};

struct state {
	uint16_t ports[2]; /* opener's, the other's */
	uint16_t streams_out, streams_in;
	uint32_t tag;
	struct nj_addr addresses[ADDRESSES_MAX];
	uint32_t address_count;
	uint32_t payloads[PAYLOADS_MAX];
	uint32_t payload_count;
	uint64_t data;
	const char *how;
	bool known, opened;
};

/* IANA's registry of payload protocol identifiers, those that are met. */
static struct nj_view
payload_text(struct nj_dctx *d, uint32_t id)
{
	static const struct {
		uint32_t id;
		const char *name;
	} names[] = { { 0, "unspecified" }, { 1, "iua" }, { 2, "m2ua" },
		{ 3, "m3ua" }, { 4, "sua" }, { 5, "m2pa" }, { 6, "v5ua" },
		{ 7, "h248" }, { 18, "s1ap" }, { 19, "rua" }, { 20, "hnbap" },
		{ 24, "sbc-ap" }, { 25, "nbap" }, { 27, "x2ap" },
		{ 46, "diameter" }, { 47, "diameter-dtls" },
		{ 50, "webrtc-dcep" }, { 51, "webrtc-string" },
		{ 53, "webrtc-binary" }, { 58, "xnap" }, { 60, "ngap" },
		{ 61, "xnap" }, { 62, "f1ap" }, { 64, "e1ap" } };

	for (unsigned i = 0; i < nj_countof(names); i++)
		if (names[i].id == id)
			return nj_str(names[i].name);
	return nj_arena_printf(d, "unknown-%u", id);
}

static void
init_chunk(struct state *s, struct nj_cur c)
{
	s->tag = nj_cur_u32(&c);
	nj_cur_skip(&c, 4);
	s->streams_out = nj_cur_u16(&c);
	s->streams_in = nj_cur_u16(&c);
	nj_cur_skip(&c, 4);
	s->opened = !c.bad;
	s->address_count = 0;
	for (unsigned i = 0; i < CHUNKS_MAX && nj_cur_left(&c) >= 4; i++) {
		uint16_t type = nj_cur_u16(&c), len = nj_cur_u16(&c);
		struct nj_view v = nj_cur_take(&c, len < 4 ? 0 : len - 4u);

		nj_cur_skip(&c, (4u - len % 4u) % 4u);
		if (s->address_count == ADDRESSES_MAX)
			continue;
		if (type == PARAM_IPV4 && v.len == 4)
			s->addresses[s->address_count++] = nj_addr4(v.data);
		else if (type == PARAM_IPV6 && v.len == 16)
			s->addresses[s->address_count++] = nj_addr6(v.data);
	}
}

static void
data_chunk(struct state *s, struct nj_cur c)
{
	uint32_t id;

	nj_cur_skip(&c, 8);
	id = nj_cur_u32(&c);
	if (c.bad)
		return;
	s->data++;
	for (uint32_t i = 0; i < s->payload_count; i++)
		if (s->payloads[i] == id)
			return;
	if (s->payload_count < PAYLOADS_MAX)
		s->payloads[s->payload_count++] = id;
}

static void
chunk(struct state *s, uint8_t type, struct nj_view body)
{
	switch (type) {
	case DATA:
		data_chunk(s, nj_cur(body));
		break;
	case INIT:
		init_chunk(s, nj_cur(body));
		break;
	case COOKIE_ACK:
		s->how = "open";
		break;
	case ABORT:
		s->how = "abort";
		break;
	case SHUTDOWN:
	case SHUTDOWN_COMPLETE:
		s->how = "shutdown";
		break;
	default:
		break;
	}
}

static void
tell(struct nj_dctx *d, const struct state *s)
{
	struct nj_view payloads[PAYLOADS_MAX];
	struct sctp_event ev = { .orig_port = s->ports[0],
		.resp_port = s->ports[1],
		.addresses = { s->addresses, s->address_count },
		.payloads = { payloads, s->payload_count },
		.data_chunks = s->data };

	ev.state = nj_str(s->how ? s->how : s->data ? "open" : "opening");
	if (s->opened) {
		nj_set(&ev, sctp, init_tag, s->tag);
		nj_set(&ev, sctp, streams_out, s->streams_out);
		nj_set(&ev, sctp, streams_in, s->streams_in);
	}
	for (uint32_t i = 0; i < s->payload_count; i++)
		payloads[i] = payload_text(d, s->payloads[i]);
	(void)nj_emit(d, &sctp_desc, &ev);
}

static enum nj_verdict
sctp_datagram(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct state *s = nj_state(d);
	struct nj_cur c = nj_cur(nj_icmp_header(d));
	uint16_t from = nj_cur_u16(&c), to = nj_cur_u16(&c);
	uint16_t ports[2] = { dir == NJ_ORIG ? from : to,
		dir == NJ_ORIG ? to : from };

	if (c.bad)
		return NJ_REJECT;
	c = nj_cur(v);
	/* Flows are of two hosts: another pair of ports is another
	 * association. */
	if (s->known && memcmp(ports, s->ports, sizeof(ports)) != 0) {
		tell(d, s);
		*s = (struct state){ 0 };
	}
	s->known = true;
	memcpy(s->ports, ports, sizeof(ports));
	nj_confirm(d);
	for (unsigned i = 0; i < CHUNKS_MAX && nj_cur_left(&c) >= 4; i++) {
		uint8_t type = nj_cur_u8(&c);
		uint16_t len;

		nj_cur_skip(&c, 1);
		len = nj_cur_u16(&c);
		if (len < 4)
			return NJ_BROKEN;
		chunk(s, type,
			nj_cur_take(&c, nj_min(len - 4u, nj_cur_left(&c))));
		nj_cur_skip(&c, (4u - len % 4u) % 4u);
	}
	return NJ_MORE;
}

static void
sctp_end(struct nj_dctx *d)
{
	struct state *s = nj_state(d);

	if (s->known)
		tell(d, s);
}

const struct nj_dissector nj_dissector_sctp = {
	.name = "sctp",
	.title = "SCTP",
	.ports = (const struct nj_port[]){ { NJ_SCTP, 0 }, { 0 } },
	.events = (const struct nj_event_desc *const[]){ &sctp_desc, NULL },
	.state_bytes = sizeof(struct state),
	.datagram = sctp_datagram,
	.end = sctp_end,
};
