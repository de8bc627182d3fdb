/*
 * rtp.c - sound and pictures as they flow: RTP and RTCP (RFC 3550), one
 * record a stream and direction when it ends.
 *
 * Why we tell them: what a call lost and how it jittered is what its users
 * complain of, and a media stream without a call that announced it is a call
 * somebody hides. A description (SDP) mostly says where they flow. Elsewhere
 * several packets in a row must agree on everything that the protocol lets
 * stand still, for the header alone says almost nothing. Both may share a
 * flow (RFC 5761); which kind a packet is its second byte says.
 * Not done: what is inside (codecs), and SRTP's keys.
 */
#include "dissectors/shared/sdp.h"
#include "engine/dissect/dissector.h"

#define RTP(F, tag)                                                            \
	F(tag, 1, BOOL, is_orig, 0, "The originator sent it")                  \
	F(tag, 2, U32, ssrc, NJ_INDEX, "Identifier of the source")             \
	F(tag, 3, U8, payload_type, NJ_LEARN, "Number of the format")          \
	F(tag, 4, STR, encoding, NJ_LEARN, "Format that has this number")      \
	F(tag, 5, U64, packets, NJ_LEARN, "Packets that came")                 \
	F(tag, 6, U64, bytes, 0, "Bytes of media in them")                     \
	F(tag, 7, U64, lost, NJ_LEARN, "Packets that never came")              \
	F(tag, 8, IVAL, jitter, NJ_OPT | NJ_LEARN,                             \
		"How unevenly they came, where the clock is known")            \
	F(tag, 9, IVAL, duration, 0, "From the first packet to the last")      \
	F(tag, 10, STR, cname, NJ_INDEX | NJ_PII,                              \
		"Name that the source gives itself (RTCP)")                    \
	F(tag, 11, BOOL, announced, 0, "A description told of it")

NJ_EVENT(rtp, RTP, "One stream of media in one direction");

enum {
	PROOF_PACKETS = 4, /* of one side, before it is believed */
	PROOF_STEP = 16,   /* sequence numbers may leap so far */
	TRY_PACKETS = 12,
	RTCP_SR = 200,
	RTCP_SDES = 202,
	RTCP_LAST = 213,
	SDES_CNAME = 1,
	CNAME_MAX = 128
};

enum { SERVICE_RTP, SERVICE_RTCP };
static const char *const services[] = { "rtp", "rtcp", NULL };

struct stream {
	uint32_t ssrc;
	uint32_t highest; /* extended sequence number */
	uint16_t first_seq;
	uint8_t type;
	bool used;
	uint64_t packets, bytes;
	uint32_t last_stamp;
	int64_t began, last; /* packet times */
	double jitter;       /* in units of the clock */
};

struct state {
	struct stream streams[2]; /* by nj_dir */
	struct nj_view cname[2];  /* kept */
	uint8_t tried, reports;
	bool sure, sure_rtcp;
};

struct packet {
	uint8_t type;
	bool marker;
	uint16_t seq;
	uint32_t stamp, ssrc;
	size_t payload;
};

/* RFC 5761 section 4: these second bytes are RTCP's. */
static bool
is_rtcp(struct nj_view v)
{
	return v.len >= 8 && v.data[0] >> 6 == 2 && v.data[1] >= 192 &&
	       v.data[1] <= RTCP_LAST;
}

/* The header with all its extensions lies within, and so does what padding
 * says. */
static bool
packet_read(struct nj_view v, struct packet *p)
{
	struct nj_cur c = nj_cur(v);
	uint8_t first = nj_cur_u8(&c), second = nj_cur_u8(&c);

	p->seq = nj_cur_u16(&c);
	p->stamp = nj_cur_u32(&c);
	p->ssrc = nj_cur_u32(&c);
	nj_cur_skip(&c, 4u * (first & 15u));
	if (first & 0x10) {
		nj_cur_skip(&c, 2);
		nj_cur_skip(&c, 4u * nj_cur_u16(&c));
	}
	if (c.bad || first >> 6 != 2 || is_rtcp(v))
		return false;
	p->type = second & 0x7f;
	p->marker = second >> 7;
	p->payload = nj_cur_left(&c);
	if (first & 0x20) {
		uint8_t pad = v.data[v.len - 1];

		if (!pad || pad > p->payload)
			return false;
		p->payload -= pad;
	}
	return true;
}

/* Types without a meaning of their own, or kept for RTCP, are no witness
 * (RFC 3551 section 6). */
static bool
is_likely(const struct packet *p, struct nj_view v)
{
	return p->ssrc && !(v.data[0] & 15) && p->payload &&
	       (p->type <= 34 || p->type >= 96);
}

static uint32_t
clock_of(struct nj_dctx *d, uint8_t type)
{
	static const uint32_t fixed[] = { [0] = 8000,
		[3] = 8000,
		[4] = 8000,
		[5] = 8000,
		[6] = 16000,
		[7] = 8000,
		[8] = 8000,
		[9] = 8000,
		[10] = 44100,
		[11] = 44100,
		[12] = 8000,
		[13] = 8000,
		[14] = 90000,
		[15] = 8000,
		[16] = 11025,
		[17] = 22050,
		[18] = 8000,
		[25] = 90000,
		[26] = 90000,
		[28] = 90000,
		[31] = 90000,
		[32] = 90000,
		[33] = 90000,
		[34] = 90000 };

	if (type < nj_countof(fixed) && fixed[type])
		return fixed[type];
	return (uint32_t)(nj_param(d) >> NJ_SDP_CLOCK_SHIFT);
}

static struct nj_view
encoding_of(uint8_t type)
{
	static const char *const names[] = { [0] = "PCMU",
		[3] = "GSM",
		[4] = "G723",
		[5] = "DVI4",
		[6] = "DVI4",
		[7] = "LPC",
		[8] = "PCMA",
		[9] = "G722",
		[10] = "L16",
		[11] = "L16",
		[12] = "QCELP",
		[13] = "CN",
		[14] = "MPA",
		[15] = "G728",
		[16] = "DVI4",
		[17] = "DVI4",
		[18] = "G729",
		[25] = "CelB",
		[26] = "JPEG",
		[28] = "nv",
		[31] = "H261",
		[32] = "MPV",
		[33] = "MP2T",
		[34] = "H263" };

	if (type < nj_countof(names) && names[type])
		return nj_str(names[type]);
	return (struct nj_view){ 0 };
}

static void
stream_tell(struct nj_dctx *d, struct state *s, enum nj_dir dir)
{
	struct stream *m = &s->streams[dir];
	uint64_t wanted = (uint64_t)m->highest - m->first_seq + 1;
	uint32_t clock = clock_of(d, m->type);
	struct rtp_event ev = { .is_orig = dir == NJ_ORIG,
		.ssrc = m->ssrc,
		.payload_type = m->type,
		.encoding = encoding_of(m->type),
		.packets = m->packets,
		.bytes = m->bytes,
		.lost = wanted > m->packets ? wanted - m->packets : 0,
		.duration = m->last - m->began,
		.cname = s->cname[dir],
		.announced = nj_parent(d) != NULL || nj_param(d) != 0 };

	if (!m->used)
		return;
	if (clock)
		nj_set(&ev, rtp, jitter,
			(int64_t)(m->jitter * NJ_NS_PER_S / clock));
	(void)nj_emit_at(d, &rtp_desc, &ev, m->began);
	m->used = false;
}

static void
stream_begin(struct stream *m, const struct packet *p, int64_t now)
{
	*m = (struct stream){ .used = true,
		.ssrc = p->ssrc,
		.type = p->type,
		.first_seq = p->seq,
		.highest = p->seq,
		.packets = 1,
		.bytes = p->payload,
		.last_stamp = p->stamp,
		.began = now,
		.last = now };
}

/* The estimate of RFC 3550 section 6.4.1. */
static void
stream_jitter(
	struct stream *m, const struct packet *p, int64_t now, uint32_t clock)
{
	double came = (double)(now - m->last) * clock / NJ_NS_PER_S;
	double off = came - (double)(int32_t)(p->stamp - m->last_stamp);

	if (off < 0)
		off = -off;
	m->jitter += (off - m->jitter) / 16;
}

/* The packet goes on with the stream; false when its number leaps. */
static bool
stream_add(struct nj_dctx *d, struct stream *m, const struct packet *p)
{
	int16_t step = (int16_t)(p->seq - (uint16_t)m->highest);
	uint32_t clock = clock_of(d, p->type);
	int64_t now = nj_now(d);

	if (step > 3000 || step < -3000)
		return false;
	if (step > 0) {
		m->highest += (uint32_t)step;
		if (clock)
			stream_jitter(m, p, now, clock);
		m->last = now;
		m->last_stamp = p->stamp;
	}
	/* Events and comfort noise come between the voice. */
	if (p->type < 96 && p->type != 13)
		m->type = p->type;
	m->packets++;
	m->bytes += p->payload;
	return true;
}

/* Before it is believed: does it agree with the packet before? */
static bool
agrees(const struct stream *m, const struct packet *p)
{
	uint16_t step = (uint16_t)(p->seq - (uint16_t)m->highest);

	return m->ssrc == p->ssrc && step && step <= PROOF_STEP &&
	       (int32_t)(p->stamp - m->last_stamp) >= 0 &&
	       p->stamp - m->last_stamp <= 10 * 90000;
}

/* ---- RTCP ---- */

static void
sdes_read(struct nj_dctx *d, struct state *s, enum nj_dir dir, struct nj_cur c)
{
	nj_cur_skip(&c, 4);
	for (unsigned i = 0; i < 16 && nj_cur_left(&c) >= 2; i++) {
		uint8_t kind = nj_cur_u8(&c);
		struct nj_view text;

		if (!kind)
			return;
		text = nj_cur_take(&c, nj_cur_u8(&c));
		if (kind != SDES_CNAME || c.bad || s->cname[dir].data)
			continue;
		s->cname[dir] = nj_keep_view(d, text, CNAME_MAX);
		return;
	}
}

/* A compound of packets that ends where the datagram does; the first is a
 * report (RFC 3550 section 6.1). SRTCP's has more behind. */
static bool
rtcp_read(struct nj_dctx *d, struct state *s, enum nj_dir dir, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	bool first = true;

	while (nj_cur_left(&c) >= 4) {
		uint8_t bits = nj_cur_u8(&c), type = nj_cur_u8(&c);
		uint16_t words = nj_cur_u16(&c);
		struct nj_view body = nj_cur_take(&c, 4u * words);

		if (c.bad || bits >> 6 != 2 || type < 192 || type > RTCP_LAST)
			return false;
		if (first && words < 1)
			return false;
		if (d && type == RTCP_SDES && bits & 31)
			sdes_read(d, s, dir, nj_cur(body));
		first = false;
	}
	return !first && !nj_cur_left(&c);
}

/* What says that it is RTCP and nothing else: a compound that begins with a
 * report. */
static bool
is_report(struct nj_view v)
{
	return is_rtcp(v) && (v.data[1] == RTCP_SR || v.data[1] == 201) &&
	       v.len >= 8 && rtcp_read(NULL, NULL, NJ_ORIG, v);
}

static void
believe(struct nj_dctx *d, struct state *s, unsigned service)
{
	bool *known = service == SERVICE_RTP ? &s->sure : &s->sure_rtcp;

	if (*known)
		return;
	*known = true;
	nj_name_flow(d, service);
}

static enum nj_verdict
unsure(struct state *s)
{
	if (s->sure || s->sure_rtcp)
		return NJ_MORE;
	return ++s->tried >= TRY_PACKETS ? NJ_REJECT : NJ_MORE;
}

static bool
is_told_of(struct nj_dctx *d)
{
	return nj_parent(d) != NULL || nj_param(d) != 0;
}

static enum nj_verdict
control(struct nj_dctx *d, struct state *s, enum nj_dir dir, struct nj_view v)
{
	bool sound = rtcp_read(d, s, dir, v);
	bool vouched = sound && (is_told_of(d) || s->sure);

	/* Elsewhere two reports have to come. */
	if (vouched || (is_report(v) && ++s->reports >= 2))
		believe(d, s, SERVICE_RTCP);
	return unsure(s);
}

static enum nj_verdict
rtp_datagram(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct state *s = nj_state(d);
	struct stream *m = &s->streams[dir];
	struct packet p;

	if (is_rtcp(v))
		return control(d, s, dir, v);
	if (!packet_read(v, &p)) {
		if (s->sure || s->sure_rtcp)
			return NJ_MORE; /* STUN, keep-alives */
		return is_told_of(d) ? unsure(s) : NJ_REJECT;
	}
	if (!s->sure && !is_told_of(d)) {
		if (!is_likely(&p, v) || (m->used && !agrees(m, &p)))
			return NJ_REJECT;
	}
	if (!m->used) {
		stream_begin(m, &p, nj_now(d));
	} else if (m->ssrc != p.ssrc || !stream_add(d, m, &p)) {
		if (!s->sure)
			return NJ_REJECT;
		stream_tell(d, s, dir);
		stream_begin(m, &p, nj_now(d));
	}
	if (m->packets >= (is_told_of(d) ? 2u : PROOF_PACKETS))
		believe(d, s, SERVICE_RTP);
	return unsure(s);
}

/* Asked of every datagram that nobody knows: so strict as a single packet
 * lets it be. */
static enum nj_verdict
rtp_probe(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct packet p;

	(void)d;
	(void)dir;
	if (v.len < 12 || v.data[0] >> 6 != 2)
		return NJ_REJECT;
	if (is_rtcp(v))
		return is_report(v) ? NJ_ACCEPT : NJ_REJECT;
	return packet_read(v, &p) && is_likely(&p, v) &&
			       (v.data[0] & 0xef) == 0x80
		       ? NJ_ACCEPT
		       : NJ_REJECT;
}

static void
rtp_end(struct nj_dctx *d)
{
	struct state *s = nj_state(d);

	for (unsigned i = NJ_ORIG; s->sure && i <= NJ_RESP; i++)
		stream_tell(d, s, (enum nj_dir)i);
}

const struct nj_dissector nj_dissector_rtp = {
	.name = "rtp",
	.title = "RTP",
	.service = "",
	.services = services,
	.events = (const struct nj_event_desc *const[]){ &rtp_desc, NULL },
	.state_bytes = sizeof(struct state),
	.probe = rtp_probe,
	.datagram = rtp_datagram,
	.end = rtp_end,
};
