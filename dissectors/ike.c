/*
 * ike.c - how two ends agree on IPsec: ISAKMP and IKE (RFC 2408, 2409) and
 * IKEv2 (RFC 7296), one record a message; behind firewalls on port 4500 (RFC
 * 3948), where ESP shares the flow.
 *
 * Why we tell it: which ciphers and groups are offered (weak ones are a
 * finding), which products speak (vendor identifiers), aggressive mode with
 * its name in the clear, and who keeps knocking with proposals that nobody
 * takes.
 * Not done: what is encrypted, which is all but the first messages.
 */
#include "dissectors/shared/hex.h"
#include "dissectors/shared/ike_names.h"
#include "engine/dissect/dissector.h"

#include <stdio.h>

#define IKE(F, tag)                                                            \
	F(tag, 1, BOOL, is_orig, 0, "The originator sent it")                  \
	F(tag, 2, U8, version_major, NJ_INDEX, "Protocol version")             \
	F(tag, 3, U8, version_minor, 0, "Its second part")                     \
	F(tag, 4, STR, exchange, NJ_INDEX | NJ_LEARN, "What is being agreed")  \
	F(tag, 5, U8, exchange_type, 0, "Its number")                          \
	F(tag, 6, U32, message_id, 0, "Number of the message")                 \
	F(tag, 7, STR, init_spi, NJ_INDEX, "Who began, hexadecimal")           \
	F(tag, 8, STR, resp_spi, NJ_INDEX, "Who answers, hexadecimal")         \
	F(tag, 9, STR, role, 0, "Of the sender: initiator or responder")       \
	F(tag, 10, BOOL, encrypted, 0, "The payloads cannot be read")          \
	F(tag, 11, VSTR, payloads, NJ_LEARN, "Kinds of payloads")              \
	F(tag, 12, VSTR, proposals, NJ_INDEX | NJ_LEARN,                       \
		"Offered or chosen: ciphers, hashes, groups")                  \
	F(tag, 13, VSTR, vendor_ids, NJ_INDEX | NJ_LEARN,                      \
		"Products and extensions, hexadecimal")                        \
	F(tag, 14, VSTR, notifies, NJ_INDEX | NJ_LEARN, "Notifications")       \
	F(tag, 15, U16, ke_group, NJ_OPT | NJ_LEARN,                           \
		"Group of the key exchange (version 2)")                       \
	F(tag, 16, STR, id, NJ_INDEX | NJ_PII, "Name given in the clear")

NJ_EVENT(ike, IKE, "One message of IKE");

#define EVE_IKE(F, tag)                                                        \
	F(tag, 1, U8, ike__version_major, 0, "Protocol version")               \
	F(tag, 2, U8, ike__version_minor, 0, "Its second part")                \
	F(tag, 3, U8, ike__exchange_type, 0, "What is being agreed")           \
	F(tag, 4, U32, ike__message_id, 0, "Number of the message")            \
	F(tag, 5, STR, ike__init_spi, 0, "Who began")                          \
	F(tag, 6, STR, ike__resp_spi, 0, "Who answers")                        \
	F(tag, 7, STR, ike__role, 0, "Of the sender")                          \
	F(tag, 8, U32, ike__ikev2__errors, NJ_OPT, "Errors told")              \
	F(tag, 9, VSTR, ike__ikev2__notify, 0, "Notifications")                \
	F(tag, 10, VSTR, ike__payload, 0, "Kinds of payloads")

NJ_EVENT_X(eve_ike, EVE_IKE, NJ_EV_EVE, "One message of IKE");

enum { ODD_PAYLOAD };
static const struct nj_oddity oddities[] = {
	[ODD_PAYLOAD] = { "ike_payload", "A payload longer than its message" },
	{ 0 }
};

enum {
	PORT = 500,
	PORT_NAT = 4500,
	HEAD = 28,
	LIST_MAX = 24,
	PAYLOADS_MAX = 32,
	TRANSFORMS_MAX = 64,
	PROPOSAL_TEXT = 400,
	FLAG_ENCRYPTED = 0x01, /* version 1 */
	FLAG_INITIATOR = 0x08, /* version 2 */
	FLAG_RESPONSE = 0x20
};

enum { SERVICE_IKE, SERVICE_ESP };
static const char *const services[] = { "ike", "esp", NULL };

struct list {
	struct nj_view v[LIST_MAX];
	uint32_t n;
};

struct message {
	struct nj_dctx *d;
	struct ike_event ev;
	struct list payloads, proposals, vendors, notifies;
	uint32_t errors; /* notifications below 16384 are (RFC 7296 3.10.1) */
	bool two;
};

struct state {
	bool sure, esp;
};

static void
list_add(struct list *l, struct nj_view v)
{
	if (v.data && l->n < LIST_MAX)
		l->v[l->n++] = v;
}

static struct nj_vstr
list_value(const struct list *l)
{
	return (struct nj_vstr){ l->n ? l->v : NULL, l->n };
}

/* ---- Security associations ---- */

/* A text that grows as transforms are read. */
struct text {
	char *at;
	size_t n;
};

static void
text_add(struct text *t, const char *word, uint32_t number, uint32_t bits)
{
	const char *sep = t->n ? "/" : "";
	size_t room = PROPOSAL_TEXT - t->n;
	int n;

	if (word && bits)
		n = snprintf(t->at + t->n, room, "%s%s-%u", sep, word, bits);
	else if (word)
		n = snprintf(t->at + t->n, room, "%s%s", sep, word);
	else
		n = snprintf(t->at + t->n, room, "%s%u", sep, number);
	if (n > 0 && (size_t)n < room)
		t->n += (size_t)n;
}

/* An attribute of a transform (RFC 7296 3.3.5, RFC 2408 3.3): its type, and
 * its value where that is short. */
static uint16_t
attribute(struct nj_cur *c, uint32_t *value)
{
	uint16_t type = nj_cur_u16(c), len = nj_cur_u16(c);

	*value = len;
	if (type & 0x8000)
		return type & 0x7fff;
	*value = 0;
	if (len == 4)
		*value = nj_cur_u32(c);
	else
		nj_cur_skip(c, len);
	return type;
}

/* Version 2: each transform is one thing, a key length its only attribute. */
static void
transform2(struct text *t, struct nj_cur c)
{
	uint8_t type;
	uint16_t id;
	uint32_t value, bits = 0;

	nj_cur_skip(&c, 4);
	type = nj_cur_u8(&c);
	nj_cur_skip(&c, 1);
	id = nj_cur_u16(&c);
	for (unsigned i = 0; i < 4 && nj_cur_left(&c) >= 4; i++)
		if (attribute(&c, &value) == 14)
			bits = value;
	text_add(t, nj_ike_transform2(type, id), id, bits);
}

/* Version 1: a transform is a whole suite, its parts are attributes. */
static void
transform1(struct text *t, struct nj_cur c)
{
	uint32_t value, cipher = 0, bits = 0;
	bool has_cipher = false;

	nj_cur_skip(&c, 8);
	for (unsigned i = 0; i < 16 && nj_cur_left(&c) >= 4; i++) {
		uint16_t type = attribute(&c, &value);

		if (type == 14) {
			bits = value;
		} else if (type == 1) {
			cipher = value;
			has_cipher = true;
		} else if (type >= 2 && type <= 4) {
			text_add(t, nj_ike_attribute1(type, value), value, 0);
		}
	}
	if (has_cipher)
		text_add(t, nj_ike_attribute1(1, cipher), cipher, bits);
}

/* Proposals one after another, each with its transforms. Version 2 has a
 * suite a proposal, version 1 one a transform. */
static void
proposal(struct message *m, struct nj_cur c)
{
	struct text t = { nj_arena(m->d, PROPOSAL_TEXT), 0 };
	uint8_t spi, count;

	nj_cur_skip(&c, 6);
	spi = nj_cur_u8(&c);
	count = nj_cur_u8(&c);
	nj_cur_skip(&c, spi);
	for (unsigned i = 0; i < count && i < TRANSFORMS_MAX && t.at; i++) {
		struct nj_cur head = c;
		uint16_t len;

		nj_cur_skip(&head, 2);
		len = nj_cur_u16(&head);
		if (head.bad || len < 8)
			break;
		head = nj_cur(nj_cur_take(&c, len));
		if (c.bad)
			break;
		if (m->two) {
			transform2(&t, head);
			continue;
		}
		transform1(&t, head);
		list_add(&m->proposals,
			(struct nj_view){ (uint8_t *)t.at, t.n });
		t = (struct text){ nj_arena(m->d, PROPOSAL_TEXT), 0 };
	}
	if (m->two && t.n)
		list_add(&m->proposals,
			(struct nj_view){ (uint8_t *)t.at, t.n });
}

static void
association(struct message *m, struct nj_cur c)
{
	nj_cur_skip(&c, m->two ? 0 : 8); /* domain and situation */
	for (unsigned i = 0; i < LIST_MAX && nj_cur_left(&c) >= 8; i++) {
		struct nj_cur head = c;
		uint16_t len;

		nj_cur_skip(&head, 2);
		len = nj_cur_u16(&head);
		if (len < 8)
			return;
		proposal(m, nj_cur(nj_cur_take(&c, len)));
		if (c.bad)
			return;
	}
}

/* ---- Other payloads ---- */

static void
notify(struct message *m, struct nj_cur c)
{
	uint16_t type;
	const char *name;

	nj_cur_skip(&c, m->two ? 2 : 6);
	type = nj_cur_u16(&c);
	if (c.bad)
		return;
	m->errors += type < 16384;
	name = nj_ike_notify(m->two, type);
	list_add(&m->notifies,
		name ? nj_str(name) : nj_arena_printf(m->d, "%u", type));
}

/* Kind, protocol, port; then the name (RFC 2407 section 4.6.2). */
static void
identity(struct message *m, struct nj_cur c)
{
	uint8_t kind = nj_cur_u8(&c);

	nj_cur_skip(&c, 3);
	if (c.bad || !nj_cur_left(&c))
		return;
	if (kind == 1 && nj_cur_left(&c) == 4)
		m->ev.id = nj_arena_printf(m->d, "%u.%u.%u.%u", c.at[0],
			c.at[1], c.at[2], c.at[3]);
	else if (kind == 2 || kind == 3)
		m->ev.id = nj_sub(nj_cur_rest(&c), 0, 255);
	else
		m->ev.id = nj_hex(m->d, nj_sub(nj_cur_rest(&c), 0, 64));
}

static void
payload(struct message *m, uint8_t kind, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	const char *name = nj_ike_payload(m->two, kind);

	list_add(&m->payloads,
		name ? nj_str(name) : nj_arena_printf(m->d, "%u", kind));
	if (kind == (m->two ? 33 : 1))
		association(m, c);
	else if (kind == (m->two ? 43 : 13))
		list_add(&m->vendors, nj_hex(m->d, nj_sub(v, 0, 64)));
	else if (kind == (m->two ? 41 : 11))
		notify(m, c);
	else if (kind == 5 && !m->two)
		identity(m, c);
	else if (kind == 34 && m->two && v.len >= 2)
		nj_set(&m->ev, ike, ke_group, nj_cur_u16(&c));
}

static void
payloads(struct message *m, uint8_t next, struct nj_cur c)
{
	for (unsigned i = 0; next && i < PAYLOADS_MAX; i++) {
		uint8_t kind = next;
		uint16_t len;

		next = nj_cur_u8(&c);
		nj_cur_skip(&c, 1);
		len = nj_cur_u16(&c);
		if (c.bad || len < 4 || len - 4u > nj_cur_left(&c)) {
			nj_odd(m->d, ODD_PAYLOAD);
			return;
		}
		payload(m, kind, nj_cur_take(&c, len - 4u));
		/* Encrypted; its next payload is inside. */
		if (m->two && (kind == 46 || kind == 53)) {
			m->ev.encrypted = true;
			return;
		}
	}
}

static void
eve_tell(struct message *m, enum nj_dir dir)
{
	const struct ike_event *ev = &m->ev;
	struct eve_ike_event to = { .ike__version_major = ev->version_major,
		.ike__version_minor = ev->version_minor,
		.ike__exchange_type = ev->exchange_type,
		.ike__message_id = ev->message_id,
		.ike__init_spi = ev->init_spi,
		.ike__resp_spi = ev->resp_spi,
		.ike__role = ev->role,
		.ike__payload = ev->payloads };

	if (!nj_wanted(m->d, &eve_ike_desc))
		return;
	/* There the chain's end is a payload too. */
	list_add(&m->payloads, NJ_LIT("NoNextPayload"));
	to.ike__payload = list_value(&m->payloads);
	if (m->two) {
		nj_set(&to, eve_ike, ike__ikev2__errors, m->errors);
		to.ike__ikev2__notify = ev->notifies;
	}
	(void)nj_emit_dir(m->d, &eve_ike_desc, &to, dir);
}

/* Does v hold a message, by its head? */
static bool
is_message(struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	uint8_t version, exchange;

	nj_cur_skip(&c, 17);
	version = nj_cur_u8(&c);
	exchange = nj_cur_u8(&c);
	nj_cur_skip(&c, 5);
	return nj_cur_u32(&c) == v.len && !c.bad &&
	       (version == 0x10 || version == 0x20) &&
	       nj_ike_exchange(version >> 4, exchange) != NULL;
}

static void
message(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct message *m = nj_arena(d, sizeof(*m));
	struct nj_cur c = nj_cur(v);
	struct nj_view spi[2];
	uint8_t next, version, flags;

	if (!m)
		return;
	memset(m, 0, sizeof(*m));
	m->d = d;
	spi[0] = nj_cur_take(&c, 8);
	spi[1] = nj_cur_take(&c, 8);
	next = nj_cur_u8(&c);
	version = nj_cur_u8(&c);
	m->ev.exchange_type = nj_cur_u8(&c);
	flags = nj_cur_u8(&c);
	m->ev.message_id = nj_cur_u32(&c);
	nj_cur_skip(&c, 4);
	m->two = version >> 4 == 2;
	m->ev.is_orig = dir == NJ_ORIG;
	m->ev.version_major = version >> 4;
	m->ev.version_minor = version & 15;
	m->ev.exchange =
		nj_str(nj_ike_exchange(version >> 4, m->ev.exchange_type));
	m->ev.init_spi = nj_hex(d, spi[0]);
	m->ev.resp_spi = nj_hex(d, spi[1]);
	if (m->two)
		m->ev.role = nj_str(
			flags & FLAG_INITIATOR ? "initiator" : "responder");
	m->ev.encrypted = !m->two && flags & FLAG_ENCRYPTED;
	if (!m->ev.encrypted)
		payloads(m, next, c);
	m->ev.payloads = list_value(&m->payloads);
	m->ev.proposals = list_value(&m->proposals);
	m->ev.vendor_ids = list_value(&m->vendors);
	m->ev.notifies = list_value(&m->notifies);
	(void)nj_emit(d, &ike_desc, &m->ev);
	eve_tell(m, dir);
}

static bool
is_nat(const struct nj_dctx *d)
{
	return nj_port_of(d, NJ_ORIG) == PORT_NAT ||
	       nj_port_of(d, NJ_RESP) == PORT_NAT;
}

static enum nj_verdict
ike_datagram(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct state *s = nj_state(d);
	bool marked = v.len >= 4 && memcmp(v.data, "\0\0\0", 4) == 0;
	struct nj_view inner = marked ? nj_sub(v, 4, v.len) : v;

	if (is_message(inner) && (marked || !is_nat(d) || !s->esp)) {
		if (!s->sure)
			nj_name_flow(d, SERVICE_IKE);
		s->sure = true;
		message(d, dir, inner);
		return NJ_MORE;
	}
	if (!is_nat(d))
		return s->sure ? NJ_BROKEN : NJ_REJECT;
	/* A byte of ones keeps the way open; else it is ESP, whose SPI is not
	 * below 256 and whose head and tail take more than this. */
	if (v.len == 1 && v.data[0] == 0xff)
		return NJ_MORE;
	if (marked || v.len < 24 || (!v.data[0] && !v.data[1] && !v.data[2]))
		return s->sure || s->esp ? NJ_BROKEN : NJ_REJECT;
	if (!s->esp)
		nj_name_flow(d, SERVICE_ESP);
	s->esp = true;
	return NJ_MORE;
}

static enum nj_verdict
ike_probe(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	bool marked = v.len >= 4 && memcmp(v.data, "\0\0\0", 4) == 0;

	(void)dir;
	if (is_nat(d))
		return NJ_ACCEPT;
	return is_message(marked ? nj_sub(v, 4, v.len) : v) ? NJ_ACCEPT
							    : NJ_REJECT;
}

const struct nj_dissector nj_dissector_ike = {
	.name = "ike",
	.title = "IKE",
	.service = "",
	.services = services,
	.ports = (const struct nj_port[]){ { NJ_UDP, PORT },
		{ NJ_UDP, PORT_NAT }, { 0 } },
	.events = (const struct nj_event_desc *const[]){ &ike_desc,
		&eve_ike_desc, NULL },
	.oddities = oddities,
	.state_bytes = sizeof(struct state),
	.probe = ike_probe,
	.datagram = ike_datagram,
};
