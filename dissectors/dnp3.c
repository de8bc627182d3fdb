/*
 * dnp3.c - DNP3 (IEEE 1815-2012) over TCP and UDP: what a master asked of an
 * outstation and what came back, down to the commands to its outputs.
 *
 * A record is written with each response, and holds the function of the last
 * request before it, as Zeek's dnp3 log does. Link frames with a wrong
 * checksum are dropped, and the next frame is looked for. Messages are told
 * apart by their function code, for an outstation may open the connection.
 *
 * Not done: matching confirmations to what they confirm, secure
 * authentication's contents, device data sets.
 */
#include "dissectors/shared/dnp3_eve.h"

#define DNP3(F, tag)                                                           \
	F(tag, 1, STR, fc_request, NJ_INDEX | NJ_LEARN, "Function asked for")  \
	F(tag, 2, STR, fc_reply, NJ_INDEX | NJ_LEARN,                          \
		"Function of the answer")                                      \
	F(tag, 3, U16, iin, NJ_OPT | NJ_LEARN,                                 \
		"Internal indications, first octet high")                      \
	F(tag, 4, U16, master, NJ_OPT | NJ_INDEX,                              \
		"Link address of the master")                                  \
	F(tag, 5, U16, outstation, NJ_OPT | NJ_INDEX,                          \
		"Link address of the outstation")                              \
	F(tag, 6, BOOL, is_write, NJ_INDEX | NJ_LEARN,                         \
		"The request writes: data, time, files, configuration")        \
	F(tag, 7, BOOL, is_control, NJ_INDEX | NJ_LEARN,                       \
		"The request moves an output, or restarts, starts or stops "   \
		"the outstation or its programs")

NJ_EVENT(dnp3, DNP3, "A DNP3 request with its response");

enum {
	LINK_BYTES = 10,
	LINK_USER_MIN = 5, /* the length field counts control and addresses */
	BLOCK = 16,
	USER_MAX = 250,
	FRAGMENT_MAX = 8192, /* the standard's default is 2048 */
	LOST_MAX = 4096,     /* bytes to look for the next frame in */
	CONTROL_DIR = 0x80,
	TP_FIN = 0x80,
	TP_FIR = 0x40,
	FC_RESPONSE = 129
};

enum { ODD_MAGIC, ODD_HEADER, ODD_DATA, ODD_DIRECTION, ODD_ORDER, ODD_OBJECT };
static const struct nj_oddity oddities[] = {
	[ODD_MAGIC] = { "dnp3_header_lacks_magic",
		"A link frame does not begin with 0x0564" },
	[ODD_HEADER] = { "dnp3_corrupt_header_checksum",
		"A link header's checksum is wrong" },
	[ODD_DATA] = { "dnp3_corrupt_data_checksum",
		"A data block's checksum is wrong" },
	[ODD_DIRECTION] = { "dnp3_unexpected_flow_direction",
		"The direction bit does not fit who sent the frame" },
	[ODD_ORDER] = { "dnp3_segment_order",
		"A transport segment is missing or out of order" },
	[ODD_OBJECT] = { "dnp3_object_header",
		"Objects that make no sense, or overrun their fragment" },
	{ 0 },
};

struct side {
	uint8_t *fragment; /* kept; NULL while none is being put together */
	size_t len;
	uint8_t next;  /* sequence of the segment to come */
	bool dropping; /* the place is lost */
	size_t dropped;
	struct nj_dnp3_link link; /* frame that the fragment began in */
};

struct dnp3 {
	struct side side[2];
	bool found; /* a good link header was seen */
	bool asked;
	uint8_t fc_request;
	uint16_t master, outstation;
	int64_t ts_ns;
};

/* ---- Records ---- */

static bool
is_write(uint8_t fc)
{
	/* WRITE, SAVE_CONFIG, ASSIGN_CLASS, RECORD_CURRENT_TIME, files,
	 * ACTIVATE_CONFIG. */
	return fc == 2 || fc == 19 || fc == 22 || fc == 24 || fc == 25 ||
	       fc == 27 || fc == 31;
}

static bool
is_control(uint8_t fc)
{
	/* SELECT to DIRECT_OPERATE_NR, COLD_RESTART to STOP_APPL. */
	return (fc >= 3 && fc <= 6) || (fc >= 13 && fc <= 18);
}

static void
put_request(struct nj_dctx *d, struct dnp3 *s, struct dnp3_event *ev)
{
	nj_set(ev, dnp3, master, s->master);
	nj_set(ev, dnp3, outstation, s->outstation);
	if (!s->asked)
		return;
	ev->fc_request = nj_dnp3_function(d, s->fc_request);
	ev->is_write = is_write(s->fc_request);
	ev->is_control = is_control(s->fc_request);
	s->asked = false;
}

static void
request(struct nj_dctx *d, struct dnp3 *s, uint8_t fc)
{
	s->asked = true;
	s->fc_request = fc;
	s->ts_ns = nj_now(d);
	nj_confirm(d);
}

static void
response(struct nj_dctx *d, struct dnp3 *s, uint8_t fc, uint16_t iin)
{
	struct dnp3_event ev = { 0 };

	put_request(d, s, &ev);
	ev.fc_reply = nj_dnp3_function(d, fc);
	nj_set(&ev, dnp3, iin, iin);
	(void)nj_emit(d, &dnp3_desc, &ev);
}

/* A whole fragment of the application layer. */
static void
application(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct dnp3 *s = nj_state(d);
	struct nj_cur c = nj_cur(v);
	uint8_t fc;

	nj_cur_skip(&c, 1);
	fc = nj_cur_u8(&c);
	if (fc >= FC_RESPONSE)
		nj_cur_skip(&c, 2);
	if (c.bad || !nj_dnp3_tell(d, dir, fc, nj_cur_rest(&c)))
		nj_odd(d, ODD_OBJECT);
	nj_dnp3_eve(d, &s->side[dir].link, v);
}

/* The head of a fragment, which its first segment holds. */
static void
application_head(struct nj_dctx *d, struct dnp3 *s, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	uint8_t fc;
	uint16_t iin = 0;

	nj_cur_skip(&c, 1);
	fc = nj_cur_u8(&c);
	if (fc >= FC_RESPONSE)
		iin = nj_cur_u16(&c);
	if (c.bad)
		return;
	if (fc >= FC_RESPONSE)
		response(d, s, fc, iin);
	else
		request(d, s, fc);
}

/* ---- Transport ---- */

static void
fragment_drop(struct nj_dctx *d, struct side *side)
{
	nj_drop(d, side->fragment);
	side->fragment = NULL;
	side->len = 0;
}

static void
segment(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct dnp3 *s = nj_state(d);
	struct side *side = &s->side[dir];
	uint8_t head = v.data[0];

	v = nj_sub(v, 1, v.len);
	if (head & TP_FIR) {
		if (side->fragment)
			nj_odd(d, ODD_ORDER);
		fragment_drop(d, side);
		application_head(d, s, v);
		if (head & TP_FIN) {
			application(d, dir, v);
			return;
		}
		side->fragment = nj_keep(d, FRAGMENT_MAX);
	} else if (!side->fragment || (head & 0x3f) != side->next) {
		/* A gap is told of elsewhere; what follows it is not odd. */
		if (side->fragment)
			nj_odd(d, ODD_ORDER);
		fragment_drop(d, side);
		return;
	}
	if (!side->fragment || v.len > FRAGMENT_MAX - side->len) {
		fragment_drop(d, side);
		return;
	}
	if (v.len)
		memcpy(side->fragment + side->len, v.data, v.len);
	side->len += v.len;
	side->next = (head + 1) & 0x3f;
	if (!(head & TP_FIN))
		return;
	application(d, dir, (struct nj_view){ side->fragment, side->len });
	fragment_drop(d, side);
}

/* ---- Link ---- */

/* CRC-16/DNP, four bits at a time; in the frame its low octet comes first. */
static uint16_t
crc_of(const uint8_t *p, size_t n)
{
	static const uint16_t table[16] = { 0x0000, 0xb26b, 0x29af, 0x9bc4,
		0x535e, 0xe135, 0x7af1, 0xc89a, 0xa6bc, 0x14d7, 0x8f13, 0x3d78,
		0xf5e2, 0x4789, 0xdc4d, 0x6e26 };
	unsigned crc = 0;

	for (size_t i = 0; i < n; i++) {
		crc ^= p[i];
		crc = crc >> 4 ^ table[crc & 15];
		crc = crc >> 4 ^ table[crc & 15];
	}
	return (uint16_t)~crc;
}

static bool
crc_good(const uint8_t *p, size_t n)
{
	return crc_of(p, n) == (p[n] | p[n + 1] << 8);
}

/* User data without its checksums; empty when one is wrong. */
static struct nj_view
user_data(struct nj_dctx *d, const uint8_t *p, size_t user)
{
	uint8_t *out = nj_arena(d, USER_MAX);
	size_t n = 0;

	while (out && n < user) {
		size_t part = nj_min(user - n, (size_t)BLOCK);

		if (!crc_good(p, part)) {
			nj_odd(d, ODD_DATA);
			return (struct nj_view){ 0 };
		}
		memcpy(out + n, p, part);
		n += part;
		p += part + 2;
	}
	return (struct nj_view){ out, out ? n : 0 };
}

/* Where the next frame may begin: at least one byte on. */
static size_t
next_start(struct nj_view v)
{
	for (size_t i = 1; i + 1 < v.len; i++)
		if (v.data[i] == 0x05 && v.data[i + 1] == 0x64)
			return i;
	return v.data[v.len - 1] == 0x05 && v.len > 1 ? v.len - 1 : v.len;
}

/* No frame begins here. *used becomes what to leave out. */
static enum nj_verdict
lost(struct nj_dctx *d, struct side *side, struct nj_view v, size_t *used)
{
	struct dnp3 *s = nj_state(d);
	bool magic = v.data[0] == 0x05 && v.data[1] == 0x64;

	if (!s->found)
		return NJ_REJECT;
	if (!side->dropping) {
		nj_odd(d, magic ? ODD_HEADER : ODD_MAGIC);
		fragment_drop(d, side);
		side->dropped = 0;
	}
	side->dropping = true;
	*used = next_start(v);
	side->dropped += *used;
	return side->dropped > LOST_MAX ? NJ_BROKEN : NJ_MORE;
}

static void
frame_body(struct nj_dctx *d, enum nj_dir dir, const uint8_t *p, size_t user)
{
	struct dnp3 *s = nj_state(d);
	uint16_t to = (uint16_t)(p[4] | p[5] << 8);
	uint16_t from = (uint16_t)(p[6] | p[7] << 8);
	bool master = p[3] & CONTROL_DIR;
	struct nj_view v;

	if (master != (dir == NJ_ORIG))
		nj_odd(d, ODD_DIRECTION);
	if (user && (p[LINK_BYTES] & TP_FIR))
		s->side[dir].link = (struct nj_dnp3_link){ p[3], to, from };
	s->master = master ? from : to;
	s->outstation = master ? to : from;
	/* Without user data it is about the link alone. */
	if (!user)
		return;
	v = user_data(d, p + LINK_BYTES, user);
	if (v.len)
		segment(d, dir, v);
}

/* One frame; *used stays 0 when more of it is needed. */
static enum nj_verdict
frame(struct nj_dctx *d, enum nj_dir dir, struct nj_view v, size_t *used)
{
	struct dnp3 *s = nj_state(d);
	struct side *side = &s->side[dir];
	size_t user, all;

	*used = 0;
	if (v.len < 2)
		return NJ_MORE;
	if (v.data[0] != 0x05 || v.data[1] != 0x64)
		return lost(d, side, v, used);
	if (v.len < LINK_BYTES)
		return NJ_MORE;
	if (v.data[2] < LINK_USER_MIN || !crc_good(v.data, 8))
		return lost(d, side, v, used);
	s->found = true;
	nj_confirm(d);
	user = v.data[2] - (size_t)LINK_USER_MIN;
	all = LINK_BYTES + user + (user + BLOCK - 1) / BLOCK * 2;
	if (v.len < all)
		return NJ_MORE;
	side->dropping = false;
	frame_body(d, dir, v.data, user);
	*used = all;
	return NJ_MORE;
}

static enum nj_verdict
dnp3_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	size_t used;

	while (v.len) {
		size_t mark = nj_arena_mark(d);
		enum nj_verdict verdict = frame(d, dir, v, &used);

		nj_arena_release(d, mark);
		if (verdict != NJ_MORE || !used)
			return verdict;
		nj_consume(d, used);
		v = nj_sub(v, used, v.len);
	}
	return NJ_MORE;
}

static enum nj_verdict
dnp3_datagram(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct dnp3 *s = nj_state(d);
	size_t used;

	while (v.len) {
		size_t mark = nj_arena_mark(d);
		enum nj_verdict verdict = frame(d, dir, v, &used);

		nj_arena_release(d, mark);
		if (verdict != NJ_MORE || !used)
			return s->found ? verdict : NJ_REJECT;
		v = nj_sub(v, used, v.len);
	}
	return NJ_MORE;
}

static enum nj_verdict
dnp3_gap(struct nj_dctx *d, enum nj_dir dir, struct nj_view v, uint64_t len)
{
	struct dnp3 *s = nj_state(d);

	(void)v;
	(void)len;
	fragment_drop(d, &s->side[dir]);
	s->side[dir].dropping = true;
	s->side[dir].dropped = 0;
	return s->found ? NJ_MORE : NJ_REJECT;
}

static void
dnp3_end(struct nj_dctx *d)
{
	struct dnp3 *s = nj_state(d);
	struct dnp3_event ev = { 0 };
	int64_t ts_ns = s->ts_ns;

	if (!s->asked)
		return;
	put_request(d, s, &ev);
	(void)nj_emit_at(d, &dnp3_desc, &ev, ts_ns);
}

const struct nj_dissector nj_dissector_dnp3 = {
	.name = "dnp3",
	.title = "DNP3",
	.service = "dnp3_udp",
	.service_tcp = "dnp3_tcp",
	.ports = (const struct nj_port[]){ { NJ_TCP, 20000 }, { NJ_UDP, 20000 },
		{ 0 } },
	.sigs = (const struct nj_sig[]){ { "^\\x05\\x64[\\x05-\\xff]", 0 },
		{ 0 } },
	.events = (const struct nj_event_desc *const[]){ &dnp3_desc,
		&dnp3_objects_desc, &dnp3_control_desc, &eve_dnp3_desc, NULL },
	.oddities = oddities,
	.state_bytes = sizeof(struct dnp3),
	.stream = dnp3_stream,
	.datagram = dnp3_datagram,
	.gap = dnp3_gap,
	.end = dnp3_end,
};
