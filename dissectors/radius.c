/*
 * radius.c - RADIUS (RFC 2865), its accounting (RFC 2866) and its changes of
 * authorisation (RFC 5176): who wanted to come in where, by which method, and
 * whether it was allowed.
 *
 * A log-in by EAP takes many requests; each but the first returns the State
 * that the challenge gave (RFC 2865 5.24), by which they become one record.
 * Passwords are hidden by little, and not looked at.
 */
#include "engine/dissect/dissector.h"

#include "dissectors/shared/pad.h"
#include "engine/base/hash.h"

#define RADIUS(F, tag)                                                         \
	F(tag, 1, STR, username, NJ_INDEX | NJ_PII, "User")                    \
	F(tag, 2, STR, mac, NJ_INDEX, "Hardware address of the client")        \
	F(tag, 3, ADDR, framed_addr, NJ_INDEX, "Address given to the client")  \
	F(tag, 4, ADDR, remote_ip, NJ_INDEX, "Far end of the tunnel")          \
	F(tag, 5, STR, connect_info, 0, "Kind of the connection")              \
	F(tag, 6, STR, reply_msg, 0, "What the user is told")                  \
	F(tag, 7, STR, result, NJ_INDEX | NJ_LEARN,                            \
		"success, failed or unknown")                                  \
	F(tag, 8, IVAL, ttl, NJ_OPT, "From the request to the result")         \
	F(tag, 9, STR, request_type, NJ_INDEX | NJ_LEARN,                      \
		"Access, Accounting, Disconnect or CoA")                       \
	F(tag, 10, STR, auth_method, NJ_LEARN, "How the user was checked")     \
	F(tag, 11, ADDR, nas_addr, NJ_INDEX, "Address of the access server")   \
	F(tag, 12, STR, nas_identifier, NJ_INDEX, "Name of the access server") \
	F(tag, 13, STR, calling_station, NJ_PII, "Client, as it was given")    \
	F(tag, 14, STR, called_station, NJ_INDEX, "Access point, number")      \
	F(tag, 15, STR, acct_status, NJ_LEARN, "Start, Stop, Interim ...")     \
	F(tag, 16, STR, session_id, NJ_INDEX, "Accounting's session")          \
	F(tag, 17, U64, acct_input_bytes, NJ_OPT, "Bytes from the client")     \
	F(tag, 18, U64, acct_output_bytes, NJ_OPT, "Bytes to the client")      \
	F(tag, 19, U64, acct_session_time, NJ_OPT, "Seconds of the session")   \
	F(tag, 20, U64, rounds, NJ_LEARN, "Requests that it took")

NJ_EVENT(radius, RADIUS, "A request for access, and what came of it");

enum {
	HEAD_BYTES = 20,
	MESSAGE_MAX = 4096,
	PENDING_MAX = 64,
	ROOM_BYTES = 512,
	PAD_BYTES = 8 * 1024,
	ATTRIBUTE_BYTES_MAX = 253,
	MAC_TEXT = 17
};

enum {
	ACCESS_REQUEST = 1,
	ACCESS_ACCEPT = 2,
	ACCESS_REJECT = 3,
	ACCOUNTING_REQUEST = 4,
	ACCOUNTING_RESPONSE = 5,
	ACCESS_CHALLENGE = 11,
	DISCONNECT_REQUEST = 40,
	DISCONNECT_ACK = 41,
	DISCONNECT_NAK = 42,
	COA_REQUEST = 43,
	COA_ACK = 44,
	COA_NAK = 45
};

enum {
	USER_NAME = 1,
	USER_PASSWORD = 2,
	CHAP_PASSWORD = 3,
	NAS_IP_ADDRESS = 4,
	FRAMED_IP_ADDRESS = 8,
	REPLY_MESSAGE = 18,
	STATE = 24,
	VENDOR_SPECIFIC = 26,
	CALLED_STATION_ID = 30,
	CALLING_STATION_ID = 31,
	NAS_IDENTIFIER = 32,
	ACCT_STATUS_TYPE = 40,
	ACCT_INPUT_OCTETS = 42,
	ACCT_OUTPUT_OCTETS = 43,
	ACCT_SESSION_ID = 44,
	ACCT_SESSION_TIME = 46,
	ACCT_INPUT_GIGAWORDS = 52,
	ACCT_OUTPUT_GIGAWORDS = 53,
	TUNNEL_CLIENT_ENDPOINT = 66,
	CONNECT_INFO = 77,
	EAP_MESSAGE = 79,
	NAS_IPV6_ADDRESS = 95
};

enum { ODD_MESSAGE };
static const struct nj_oddity oddities[] = {
	[ODD_MESSAGE] = { "radius_message", "What should be RADIUS is not" },
	{ 0 },
};

struct pending {
	struct pending *next;
	int64_t ts_ns;
	uint64_t state; /* hash of what the challenge gave, or 0 */
	uint8_t id, code;
	struct nj_pad pad;
	struct radius_event ev;
	uint64_t room[ROOM_BYTES / 8];
};

struct radius {
	struct pending *oldest;
	unsigned count;
	bool sure;
};

static const struct {
	uint8_t request;
	const char *name;
} kinds[] = { { ACCESS_REQUEST, "Access" },
	{ ACCOUNTING_REQUEST, "Accounting" },
	{ DISCONNECT_REQUEST, "Disconnect" }, { COA_REQUEST, "CoA" } };

/* The request that a code answers; 0 for what is a request, or unknown. */
static uint8_t
request_of(uint8_t code)
{
	switch (code) {
	case ACCESS_ACCEPT:
	case ACCESS_REJECT:
	case ACCESS_CHALLENGE:
		return ACCESS_REQUEST;
	case ACCOUNTING_RESPONSE:
		return ACCOUNTING_REQUEST;
	case DISCONNECT_ACK:
	case DISCONNECT_NAK:
		return DISCONNECT_REQUEST;
	case COA_ACK:
	case COA_NAK:
		return COA_REQUEST;
	default:
		return 0;
	}
}

static const char *
name_of(uint8_t request)
{
	for (unsigned i = 0; i < nj_countof(kinds); i++)
		if (kinds[i].request == request)
			return kinds[i].name;
	return NULL;
}

/* ---- Pending requests ---- */

static void
finish(struct nj_dctx *d, struct radius *s, struct pending *p)
{
	struct pending **at = &s->oldest;

	while (*at && *at != p)
		at = &(*at)->next;
	if (*at) {
		*at = p->next;
		s->count--;
	}
	if (!p->ev.result.data)
		p->ev.result = NJ_LIT("unknown");
	(void)nj_emit_at(d, &radius_desc, &p->ev, p->ts_ns);
	nj_pad_free(&p->pad, d);
	nj_drop(d, p);
}

static struct pending *
find(const struct radius *s, uint8_t request, uint8_t id)
{
	struct pending *p = s->oldest;

	while (p && (p->code != request || p->id != id || p->state))
		p = p->next;
	return p;
}

static struct pending *
challenged(const struct radius *s, uint64_t state)
{
	struct pending *p = s->oldest;

	while (p && (!state || p->state != state))
		p = p->next;
	return p;
}

static struct pending *
add(struct nj_dctx *d, struct radius *s, uint8_t request, uint8_t id)
{
	struct pending *p, **at = &s->oldest;

	if (s->count == PENDING_MAX)
		finish(d, s, s->oldest);
	p = nj_keep(d, sizeof(*p));
	if (!p)
		return NULL;
	memset(p, 0, offsetof(struct pending, room));
	p->ts_ns = nj_now(d);
	p->id = id;
	p->code = request;
	p->ev.request_type = nj_str(name_of(request));
	nj_pad_init(&p->pad, p->room, sizeof(p->room), PAD_BYTES);
	while (*at)
		at = &(*at)->next;
	*at = p;
	s->count++;
	return p;
}

/* ---- Attributes ---- */

static bool
attribute(struct nj_cur *c, uint8_t *type, struct nj_view *v)
{
	uint8_t len;

	*type = nj_cur_u8(c);
	len = nj_cur_u8(c);
	if (c->bad || len < 2)
		return false;
	*v = nj_cur_take(c, len - 2u);
	return !c->bad;
}

static uint32_t
number(struct nj_view v)
{
	struct nj_cur c = nj_cur(v);

	return nj_cur_u32(&c);
}

static uint64_t
state_of(struct nj_view attributes)
{
	static const struct nj_hash_key key;
	struct nj_cur c = nj_cur(attributes);
	struct nj_view v;
	uint8_t type;

	while (nj_cur_left(&c) && attribute(&c, &type, &v))
		if (type == STATE)
			return nj_hash64(&key, v.data, v.len) | 1;
	return 0;
}

/* "00:14:22:e9:54:5e" of whatever separates the digits; empty for what is no
 * hardware address, which may be followed by more (a network's name). */
static size_t
mac_text(struct nj_view v, char out[MAC_TEXT])
{
	size_t digits = 0, used = 0;

	for (size_t i = 0; i < v.len && digits < 12; i++) {
		uint8_t ch = v.data[i] | 0x20;
		bool hex = (ch >= '0' && ch <= '9' && v.data[i] < 0x40) ||
			   (ch >= 'a' && ch <= 'f' && v.data[i] > 0x40);

		if (!hex && v.data[i] != '-' && v.data[i] != ':' &&
			v.data[i] != '.')
			return 0;
		if (!hex)
			continue;
		if (digits && digits % 2 == 0)
			out[used++] = ':';
		out[used++] = (char)ch;
		digits++;
	}
	return digits == 12 ? used : 0;
}

static void
text_set(struct pending *p, struct nj_dctx *d, struct nj_view *to,
	struct nj_view v)
{
	if (!to->data && v.len)
		*to = nj_pad_text(&p->pad, d, v);
}

static const char *
status_name(uint32_t status)
{
	static const char *const names[] = { [1] = "Start",
		[2] = "Stop",
		[3] = "Interim-Update",
		[7] = "Accounting-On",
		[8] = "Accounting-Off",
		[15] = "Failed" };

	return status < nj_countof(names) && names[status] ? names[status]
							   : "unknown";
}

/* The method; EAP says itself which one, in the type of its messages. */
static void
method(struct pending *p, uint8_t type, struct nj_view v)
{
	static const char *const eap[] = { [4] = "EAP-MD5",
		[5] = "EAP-OTP",
		[6] = "EAP-GTC",
		[13] = "EAP-TLS",
		[17] = "LEAP",
		[18] = "EAP-SIM",
		[21] = "EAP-TTLS",
		[23] = "EAP-AKA",
		[25] = "PEAP",
		[26] = "EAP-MSCHAPv2",
		[43] = "EAP-FAST",
		[52] = "EAP-PWD",
		[55] = "TEAP" };
	const char *name = NULL;

	if (type == USER_PASSWORD)
		name = "PAP";
	else if (type == CHAP_PASSWORD)
		name = "CHAP";
	else if (type == VENDOR_SPECIFIC && v.len > 5 &&
		 number(v) == 311) /* Microsoft (RFC 2548) */
		name = v.data[4] == 1    ? "MS-CHAP"
		       : v.data[4] == 25 ? "MS-CHAPv2"
					 : NULL;
	else if (type == EAP_MESSAGE && v.len > 4 && v.data[0] <= 2)
		name = v.data[4] < nj_countof(eap) && eap[v.data[4]]
			       ? eap[v.data[4]]
			       : "EAP";
	if (!name)
		return;
	/* A later message may say more than the identity did. */
	if (!p->ev.auth_method.data ||
		nj_view_eq(p->ev.auth_method, NJ_LIT("EAP")))
		p->ev.auth_method = nj_str(name);
}

static void
accounting(struct pending *p, struct nj_dctx *d, uint8_t type, struct nj_view v)
{
	struct radius_event *ev = &p->ev;
	uint32_t n = number(v);

	switch (type) {
	case ACCT_STATUS_TYPE:
		ev->acct_status = nj_str(status_name(n));
		break;
	case ACCT_SESSION_ID:
		text_set(p, d, &ev->session_id, v);
		break;
	case ACCT_SESSION_TIME:
		nj_set(ev, radius, acct_session_time, n);
		break;
	case ACCT_INPUT_OCTETS:
		nj_set(ev, radius, acct_input_bytes, ev->acct_input_bytes + n);
		break;
	case ACCT_OUTPUT_OCTETS:
		nj_set(ev, radius, acct_output_bytes,
			ev->acct_output_bytes + n);
		break;
	case ACCT_INPUT_GIGAWORDS:
		nj_set(ev, radius, acct_input_bytes,
			ev->acct_input_bytes + ((uint64_t)n << 32));
		break;
	case ACCT_OUTPUT_GIGAWORDS:
		nj_set(ev, radius, acct_output_bytes,
			ev->acct_output_bytes + ((uint64_t)n << 32));
		break;
	default:
		break;
	}
}

static void
endpoint(struct pending *p, struct nj_view v)
{
	char text[NJ_ADDR_TEXT];
	struct nj_addr a;

	/* A tag may stand before it (RFC 2868 3.3). */
	if (v.len && v.data[0] < 0x20)
		v = nj_sub(v, 1, v.len);
	if (!v.len || v.len >= sizeof(text))
		return;
	memcpy(text, v.data, v.len);
	text[v.len] = 0;
	if (nj_addr_parse(&a, text) && !p->ev.remote_ip.family)
		p->ev.remote_ip = a;
}

static void
one(struct pending *p, struct nj_dctx *d, uint8_t type, struct nj_view v)
{
	struct radius_event *ev = &p->ev;
	char mac[MAC_TEXT];

	switch (type) {
	case USER_NAME:
		text_set(p, d, &ev->username, v);
		break;
	case CALLING_STATION_ID:
		text_set(p, d, &ev->calling_station, v);
		text_set(p, d, &ev->mac,
			(struct nj_view){ (uint8_t *)mac, mac_text(v, mac) });
		break;
	case CALLED_STATION_ID:
		text_set(p, d, &ev->called_station, v);
		break;
	case NAS_IDENTIFIER:
		text_set(p, d, &ev->nas_identifier, v);
		break;
	case CONNECT_INFO:
		text_set(p, d, &ev->connect_info, v);
		break;
	case REPLY_MESSAGE:
		text_set(p, d, &ev->reply_msg, v);
		break;
	case FRAMED_IP_ADDRESS:
		if (v.len == 4 && !ev->framed_addr.family)
			ev->framed_addr = nj_addr4(v.data);
		break;
	case NAS_IP_ADDRESS:
		if (v.len == 4)
			ev->nas_addr = nj_addr4(v.data);
		break;
	case NAS_IPV6_ADDRESS:
		if (v.len == 16)
			ev->nas_addr = nj_addr6(v.data);
		break;
	case TUNNEL_CLIENT_ENDPOINT:
		endpoint(p, v);
		break;
	default:
		method(p, type, v);
		if (p->code == ACCOUNTING_REQUEST)
			accounting(p, d, type, v);
		break;
	}
}

static void
attributes(struct pending *p, struct nj_dctx *d, struct nj_view list)
{
	struct nj_cur c = nj_cur(list);
	struct nj_view v;
	uint8_t type;

	while (nj_cur_left(&c) && attribute(&c, &type, &v))
		one(p, d, type, v);
}

/* ---- Messages ---- */

static void
asked(struct nj_dctx *d, struct radius *s, uint8_t code, uint8_t id,
	struct nj_view list)
{
	struct pending *p = find(s, code, id);

	/* The same number again before an answer is the same request. */
	if (p)
		return;
	p = code == ACCESS_REQUEST ? challenged(s, state_of(list)) : NULL;
	if (p) {
		p->id = id;
		p->state = 0;
	} else {
		p = add(d, s, code, id);
	}
	if (!p)
		return;
	p->ev.rounds++;
	attributes(p, d, list);
}

static void
answered(struct nj_dctx *d, struct radius *s, uint8_t code, uint8_t id,
	struct nj_view list)
{
	uint8_t request = request_of(code);
	struct pending *p = find(s, request, id);

	if (!p)
		p = add(d, s, request, id);
	if (!p)
		return;
	attributes(p, d, list);
	if (code == ACCESS_CHALLENGE) {
		p->state = state_of(list);
		return;
	}
	p->ev.result = code == ACCESS_REJECT || code == DISCONNECT_NAK ||
				       code == COA_NAK
			       ? NJ_LIT("failed")
			       : NJ_LIT("success");
	if (nj_now(d) != p->ts_ns)
		nj_set(&p->ev, radius, ttl, nj_now(d) - p->ts_ns);
	finish(d, s, p);
}

static bool
is_port(uint16_t port)
{
	return port == 1812 || port == 1813 || port == 1645 || port == 1646 ||
	       port == 3799;
}

/* Do the attributes fill the message? */
static bool
is_whole(struct nj_view list)
{
	struct nj_cur c = nj_cur(list);
	struct nj_view v;
	uint8_t type;

	while (nj_cur_left(&c))
		if (!attribute(&c, &type, &v) || !type)
			return false;
	return true;
}

static enum nj_verdict
radius_datagram(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct radius *s = nj_state(d);
	struct nj_cur c = nj_cur(v);
	uint8_t code = nj_cur_u8(&c), id = nj_cur_u8(&c);
	uint16_t len = nj_cur_u16(&c);
	struct nj_view list = nj_sub(v, HEAD_BYTES, len - (size_t)HEAD_BYTES);

	(void)dir;
	if (c.bad || len < HEAD_BYTES || len > v.len || len > MESSAGE_MAX ||
		(!name_of(code) && !request_of(code)) || !is_whole(list)) {
		if (!s->sure)
			return NJ_REJECT;
		nj_odd(d, ODD_MESSAGE);
		return NJ_MORE;
	}
	if (!s->sure && dir == NJ_ORIG && request_of(code) &&
		!is_port(nj_port_of(d, NJ_RESP)))
		(void)nj_flip(d);
	s->sure = true;
	nj_confirm(d);
	if (request_of(code))
		answered(d, s, code, id, list);
	else
		asked(d, s, code, id, list);
	return NJ_MORE;
}

/* A message whose attributes fill it to the end that its length names. Far
 * from its ports, only a request for access or accounting is believed. */
static enum nj_verdict
radius_probe(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	bool known;

	(void)dir;
	if (v.len < HEAD_BYTES || v.len > MESSAGE_MAX ||
		((size_t)v.data[2] << 8 | v.data[3]) != v.len)
		return NJ_REJECT;
	known = v.data[0] == ACCESS_REQUEST || v.data[0] == ACCOUNTING_REQUEST;
	if (is_port(nj_port_of(d, NJ_RESP)) || is_port(nj_port_of(d, NJ_ORIG)))
		known = name_of(v.data[0]) || request_of(v.data[0]);
	else if (v.len < HEAD_BYTES + 6)
		return NJ_REJECT;
	return known && is_whole(nj_sub(v, HEAD_BYTES, v.len)) ? NJ_ACCEPT
							       : NJ_REJECT;
}

static void
radius_end(struct nj_dctx *d)
{
	struct radius *s = nj_state(d);

	while (s->oldest)
		finish(d, s, s->oldest);
}

const struct nj_dissector nj_dissector_radius = {
	.name = "radius",
	.title = "RADIUS",
	.ports = (const struct nj_port[]){ { NJ_UDP, 1812 }, { NJ_UDP, 1813 },
		{ NJ_UDP, 1645 }, { NJ_UDP, 1646 }, { NJ_UDP, 3799 }, { 0 } },
	.events = (const struct nj_event_desc *const[]){ &radius_desc, NULL },
	.oddities = oddities,
	.state_bytes = sizeof(struct radius),
	.probe = radius_probe,
	.datagram = radius_datagram,
	.end = radius_end,
};
