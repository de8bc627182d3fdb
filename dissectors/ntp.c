/*
 * ntp.c - time synchronisation, one record a message (RFC 5905; NTP versions
 * 1 to 4), and the two side doors: control messages of mode 6 (RFC 9327) as
 * ntp_control, ntpd's private mode 7 as ntp_private.
 *
 * Why we tell them: a device's time source hardly ever changes, mode 7 is how
 * servers are abused to flood others, and what follows the fixed part tells
 * whether the time is authenticated at all.
 * Not done: NTS key exchange (RFC 8915), which is TLS.
 */
#include "engine/dissect/dissector.h"

#define NTP(F, tag)                                                            \
	F(tag, 1, U8, version, NJ_LEARN, "Protocol version")                   \
	F(tag, 2, U8, mode, NJ_INDEX | NJ_LEARN,                               \
		"1, 2 symmetric, 3 client, 4 server, 5 broadcast")             \
	F(tag, 3, U8, stratum, NJ_LEARN,                                       \
		"Steps to a reference clock; 0 unsynchronised")                \
	F(tag, 4, IVAL, poll, 0, "Longest time between messages")              \
	F(tag, 5, F64, precision, 0, "Precision of the clock, seconds")        \
	F(tag, 6, IVAL, root_delay, 0, "Round trip to the reference clock")    \
	F(tag, 7, IVAL, root_disp, 0, "Error against the reference clock")     \
	F(tag, 8, STR, ref_id, NJ_INDEX | NJ_LEARN,                            \
		"Reference clock: four letters, or the server's address")      \
	F(tag, 9, TIME, ref_time, 0, "When the clock was last set")            \
	F(tag, 10, TIME, org_time, 0, "When the question left the client")     \
	F(tag, 11, TIME, rec_time, 0, "When it came to the server")            \
	F(tag, 12, TIME, xmt_time, 0, "When this message was sent")            \
	F(tag, 13, U8, num_exts, 0, "Extension fields")                        \
	F(tag, 14, U8, leap, NJ_OPT,                                           \
		"Leap second warning; 3: not synchronised")                    \
	F(tag, 15, VU64, exts, 0, "Types of the extension fields")             \
	F(tag, 16, U32, key_id, NJ_OPT, "Key of the authenticator")

#define NTP_CONTROL(F, tag)                                                    \
	F(tag, 1, U8, version, 0, "Protocol version")                          \
	F(tag, 2, U8, mode, 0, "Always 6")                                     \
	F(tag, 3, U8, op_code, NJ_INDEX | NJ_LEARN, "What is asked for")       \
	F(tag, 4, U16, sequence, 0, "Pairs question and answer")               \
	F(tag, 5, U16, status, 0, "Status of system, peer or clock")           \
	F(tag, 6, U16, association_id, 0, "Peer that is meant; 0 the system")  \
	F(tag, 7, BOOL, resp_bit, NJ_LEARN, "It is an answer")                 \
	F(tag, 8, BOOL, err_bit, 0, "It is an error")                          \
	F(tag, 9, BOOL, more_bit, 0, "More parts follow")                      \
	F(tag, 10, STR, data, 0, "Variables, as text")

#define NTP_PRIVATE(F, tag)                                                    \
	F(tag, 1, U8, version, 0, "Protocol version")                          \
	F(tag, 2, U8, mode, 0, "Always 7")                                     \
	F(tag, 3, U8, req_code, NJ_INDEX | NJ_LEARN,                           \
		"What is asked for; 42: the monitor list")                     \
	F(tag, 4, U8, sequence, 0, "Number of this part of an answer")         \
	F(tag, 5, U8, implementation, 0, "Whose codes: 2, 3 are ntpd's")       \
	F(tag, 6, BOOL, auth_bit, 0, "It is authenticated")                    \
	F(tag, 7, U8, err, 0, "Error code of an answer")                       \
	F(tag, 8, BOOL, resp_bit, NJ_LEARN, "It is an answer")                 \
	F(tag, 9, BOOL, more_bit, 0, "More parts follow")                      \
	F(tag, 10, U16, items, NJ_LEARN, "Data items in this part")

NJ_EVENT(ntp, NTP, "A time synchronisation message");
NJ_EVENT(ntp_control, NTP_CONTROL, "An NTP control message (mode 6)");
NJ_EVENT(ntp_private, NTP_PRIVATE, "An ntpd private message (mode 7)");

enum { ODD_SHORT, ODD_EXT };
static const struct nj_oddity oddities[] = {
	[ODD_SHORT] = { "ntp_short", "An NTP message ends too early" },
	[ODD_EXT] = { "ntp_extension_length",
		"An NTP extension field that does not add up" },
	{ 0 }
};

enum {
	PORT = 123,
	MODE_SERVER = 4,
	MODE_CONTROL = 6,
	MODE_PRIVATE = 7,
	FIXED_BYTES = 48,
	CONTROL_BYTES = 12,
	PRIVATE_BYTES = 8,
	EXTS_MAX = 16,
	DATA_MAX = 512
};
/* Seconds from 1900 to 1970. */
#define EPOCH_S INT64_C(2208988800)

static int64_t
fixed_time(uint64_t ts)
{
	int64_t s = (int64_t)(ts >> 32) - EPOCH_S;
	uint64_t ns = ((ts & UINT32_MAX) * (uint64_t)NJ_NS_PER_S) >> 32;

	return ts ? s * NJ_NS_PER_S + (int64_t)ns : 0;
}

static int64_t
fixed_interval(uint32_t v)
{
	return (int64_t)(((uint64_t)v * (uint64_t)NJ_NS_PER_S) >> 16);
}

/* 2^exponent seconds in ns; 0 below a ns, and at most what fits. */
static int64_t
power_interval(int8_t exponent)
{
	if (exponent > 32)
		return INT64_MAX;
	if (exponent >= 0)
		return NJ_NS_PER_S << exponent;
	return exponent > -30 ? NJ_NS_PER_S >> -exponent : 0;
}

static double
power(int8_t exponent)
{
	double v = 1;

	for (int i = 0; i < exponent; i++)
		v *= 2;
	for (int i = 0; i > exponent; i--)
		v /= 2;
	return v;
}

/* Bytes of a key id with its digest: none (crypto-NAK), MD5, SHA-1, and the
 * extended form of domain members ([MS-SNTP] 2.2.2). */
static bool
is_authenticator(size_t n)
{
	return n == 4 || n == 20 || n == 24 || n == 72;
}

/* What follows the fixed part: in version 4 extension fields (RFC 7822), then
 * perhaps an authenticator. A rest of at most 24 bytes is the latter. */
static void
read_rest(struct nj_dctx *d, struct ntp_event *ev, struct nj_view v)
{
	uint64_t *exts = nj_arena(d, EXTS_MAX * sizeof(*exts));
	struct nj_cur c = nj_cur(v);
	unsigned n = 0;

	while (ev->version == 4 && exts && nj_cur_left(&c) > 24) {
		uint16_t type = nj_cur_u16(&c), len = nj_cur_u16(&c);

		if (len < 16 || len % 4 || len - 4u > nj_cur_left(&c)) {
			nj_odd(d, ODD_EXT);
			break;
		}
		nj_cur_skip(&c, len - 4u);
		if (n < EXTS_MAX)
			exts[n++] = type;
	}
	ev->num_exts = (uint8_t)n;
	if (n)
		ev->exts = (struct nj_vu64){ exts, n };
	if (is_authenticator(nj_cur_left(&c)))
		nj_set(ev, ntp, key_id, nj_cur_u32(&c));
}

static void
tell_time(struct nj_dctx *d, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	uint8_t first = nj_cur_u8(&c);
	struct ntp_event ev = { 0 };
	struct nj_view ref;
	char text[NJ_ADDR_TEXT];

	ev.version = first >> 3 & 7;
	ev.mode = first & 7;
	nj_set(&ev, ntp, leap, first >> 6);
	ev.stratum = nj_cur_u8(&c);
	ev.poll = power_interval((int8_t)nj_cur_u8(&c));
	ev.precision = power((int8_t)nj_cur_u8(&c));
	ev.root_delay = fixed_interval(nj_cur_u32(&c));
	ev.root_disp = fixed_interval(nj_cur_u32(&c));
	ref = nj_cur_take(&c, 4);
	ev.ref_time = fixed_time(nj_cur_u64(&c));
	ev.org_time = fixed_time(nj_cur_u64(&c));
	ev.rec_time = fixed_time(nj_cur_u64(&c));
	ev.xmt_time = fixed_time(nj_cur_u64(&c));
	if (c.bad) {
		nj_odd(d, ODD_SHORT);
		return;
	}
	ev.ref_id = ref;
	if (ev.stratum > 1) {
		struct nj_addr a = nj_addr4(ref.data);

		ev.ref_id.len = nj_addr_text(&a, text);
		ev.ref_id.data = (const uint8_t *)text;
	}
	read_rest(d, &ev, nj_cur_rest(&c));
	nj_emit(d, &ntp_desc, &ev);
}

static void
tell_control(struct nj_dctx *d, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	uint8_t first = nj_cur_u8(&c), second = nj_cur_u8(&c);
	struct ntp_control_event ev = { 0 };
	uint16_t count;

	ev.version = first >> 3 & 7;
	ev.mode = first & 7;
	ev.resp_bit = second >> 7;
	ev.err_bit = second >> 6 & 1;
	ev.more_bit = second >> 5 & 1;
	ev.op_code = second & 31;
	ev.sequence = nj_cur_u16(&c);
	ev.status = nj_cur_u16(&c);
	ev.association_id = nj_cur_u16(&c);
	nj_cur_skip(&c, 2); /* offset */
	count = nj_cur_u16(&c);
	if (c.bad) {
		nj_odd(d, ODD_SHORT);
		return;
	}
	ev.data = nj_sub(nj_cur_rest(&c), 0, nj_min(count, DATA_MAX));
	if (!ev.data.len)
		ev.data.data = NULL;
	nj_emit(d, &ntp_control_desc, &ev);
}

static void
tell_private(struct nj_dctx *d, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	uint8_t first = nj_cur_u8(&c), second = nj_cur_u8(&c);
	struct ntp_private_event ev = { 0 };
	uint16_t word;

	ev.version = first >> 3 & 7;
	ev.mode = first & 7;
	ev.resp_bit = first >> 7;
	ev.more_bit = first >> 6 & 1;
	ev.auth_bit = second >> 7;
	ev.sequence = second & 127;
	ev.implementation = nj_cur_u8(&c);
	ev.req_code = nj_cur_u8(&c);
	word = nj_cur_u16(&c);
	nj_cur_skip(&c, 2);
	if (c.bad) {
		nj_odd(d, ODD_SHORT);
		return;
	}
	ev.err = (uint8_t)(word >> 12);
	ev.items = word & 0xfff;
	nj_emit(d, &ntp_private_desc, &ev);
}

static enum nj_verdict
ntp_datagram(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	uint8_t mode = v.len ? v.data[0] & 7 : 0;

	(void)dir;
	if (mode == MODE_CONTROL)
		tell_control(d, v);
	else if (mode == MODE_PRIVATE)
		tell_private(d, v);
	else if (mode != 0)
		tell_time(d, v);
	return NJ_MORE;
}

/* Far from its port a message must be complete and make sense as one. */
static bool
is_strict(struct nj_dctx *d, struct nj_view v)
{
	uint8_t mode = v.data[0] & 7;
	struct nj_cur c = nj_cur(nj_sub(v, 40, 8));
	int64_t sent = fixed_time(nj_cur_u64(&c));
	int64_t apart = sent / NJ_NS_PER_S - nj_now(d) / NJ_NS_PER_S;
	int8_t poll = (int8_t)v.data[2], precision = (int8_t)v.data[3];
	const int64_t years = INT64_C(20) * 365 * 86400;

	return (v.len == FIXED_BYTES || v.len == FIXED_BYTES + 20 ||
		       v.len == FIXED_BYTES + 24) &&
	       (mode == 3 || mode == MODE_SERVER) && v.data[0] >> 3 & 7 &&
	       (v.data[0] >> 3 & 7) >= 3 && v.data[1] <= 16 && poll >= 0 &&
	       poll <= 17 && precision <= 0 && precision >= -32 &&
	       v.data[4] == 0 && v.data[8] == 0 && apart < years &&
	       apart > -years;
}

static enum nj_verdict
ntp_probe(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	uint8_t version, mode;

	(void)dir;
	if (v.len < PRIVATE_BYTES)
		return NJ_REJECT;
	version = v.data[0] >> 3 & 7;
	mode = v.data[0] & 7;
	if (version < 1 || version > 4 || mode < 1)
		return NJ_REJECT;
	if (nj_port_of(d, NJ_RESP) != PORT && nj_port_of(d, NJ_ORIG) != PORT)
		return v.len >= FIXED_BYTES && is_strict(d, v) ? NJ_ACCEPT
							       : NJ_REJECT;
	if (mode == MODE_PRIVATE)
		return v.len == PRIVATE_BYTES || v.data[4] <= 0x7f ? NJ_ACCEPT
								   : NJ_REJECT;
	if (mode == MODE_CONTROL)
		return v.len >= CONTROL_BYTES && (v.data[1] & 31) <= 31
			       ? NJ_ACCEPT
			       : NJ_REJECT;
	return v.len >= FIXED_BYTES && v.data[1] <= 16 ? NJ_ACCEPT : NJ_REJECT;
}

const struct nj_dissector nj_dissector_ntp = {
	.name = "ntp",
	.title = "NTP",
	.ports = (const struct nj_port[]){ { NJ_UDP, PORT }, { 0 } },
	.events = (const struct nj_event_desc *const[]){ &ntp_desc,
		&ntp_control_desc, &ntp_private_desc, NULL },
	.oddities = oddities,
	.probe = ntp_probe,
	.datagram = ntp_datagram,
};
