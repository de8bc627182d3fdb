/*
 * ipsec.c - packets that IPsec hides: ESP (RFC 4303) and AH (RFC 4302), one
 * record for each security association of a flow.
 *
 * Why we tell it: that there is a tunnel, how much goes through which way,
 * and by the sequence numbers what was lost of it, is all there is to see.
 */
#include "engine/dissect/dissector.h"

#define IPSEC(F, tag)                                                          \
	F(tag, 1, STR, protocol, NJ_INDEX | NJ_LEARN, "esp or ah")             \
	F(tag, 2, BOOL, is_orig, 0, "The originator sent it")                  \
	F(tag, 3, U32, spi, NJ_INDEX, "Number of the association")             \
	F(tag, 4, U64, packets, NJ_LEARN, "Packets that came")                 \
	F(tag, 5, U64, bytes, 0, "Bytes in them")                              \
	F(tag, 6, U64, lost, 0, "Packets that never came, by their numbers")

NJ_EVENT(ipsec, IPSEC, "One security association of ESP or AH");

enum { ESP = 50, AH = 51, SPI_MIN = 256, LEAP_MAX = 1 << 16 };
enum { SERVICE_ESP, SERVICE_AH };
static const char *const services[] = { "esp", "ah", NULL };

struct association {
	uint32_t spi, first, highest;
	uint64_t packets, bytes;
};

struct state {
	struct association of[2]; /* by nj_dir */
	bool sure;
};

static void
tell(struct nj_dctx *d, enum nj_dir dir, const struct association *a)
{
	uint64_t wanted = (uint64_t)a->highest - a->first + 1;
	struct ipsec_event ev = { .is_orig = dir == NJ_ORIG,
		.spi = a->spi,
		.packets = a->packets,
		.bytes = a->bytes,
		.lost = wanted > a->packets ? wanted - a->packets : 0 };

	ev.protocol = nj_str(nj_proto_of(d) == AH ? "ah" : "esp");
	if (a->packets)
		(void)nj_emit(d, &ipsec_desc, &ev);
}

static enum nj_verdict
ipsec_datagram(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct state *s = nj_state(d);
	struct association *a = &s->of[dir];
	bool ah = nj_proto_of(d) == AH;
	struct nj_cur c = nj_cur(v);
	uint32_t spi, number;

	nj_cur_skip(&c, ah ? 4 : 0);
	spi = nj_cur_u32(&c);
	number = nj_cur_u32(&c);
	if (c.bad || spi < SPI_MIN)
		return NJ_BROKEN;
	if (!s->sure)
		nj_name_flow(d, ah ? SERVICE_AH : SERVICE_ESP);
	s->sure = true;
	if (a->packets &&
		(a->spi != spi || number - a->first > UINT32_MAX / 2 ||
			(number > a->highest &&
				number - a->highest > LEAP_MAX))) {
		tell(d, dir, a);
		*a = (struct association){ 0 };
	}
	if (!a->packets)
		*a = (struct association){ spi, number, number, 0, 0 };
	if (number > a->highest)
		a->highest = number;
	a->packets++;
	a->bytes += v.len;
	return NJ_MORE;
}

static void
ipsec_end(struct nj_dctx *d)
{
	struct state *s = nj_state(d);

	for (unsigned i = NJ_ORIG; i <= NJ_RESP; i++)
		tell(d, (enum nj_dir)i, &s->of[i]);
}

const struct nj_dissector nj_dissector_ipsec = {
	.name = "ipsec",
	.title = "IPsec",
	.service = "",
	.services = services,
	.ports = (const struct nj_port[]){ { NJ_IPPROTO, ESP },
		{ NJ_IPPROTO, AH }, { 0 } },
	.events = (const struct nj_event_desc *const[]){ &ipsec_desc, NULL },
	.state_bytes = sizeof(struct state),
	.datagram = ipsec_datagram,
	.end = ipsec_end,
};
