/*
 * dhcpv6.c - DHCPv6 messages, one record each (RFC 8415).
 *
 * Why we tell them: the DUID is a device's name across all its addresses, the
 * answers say which name servers a network trusts, and a second server is how
 * mitm6 takes a network over. What a relay has wrapped up is told as the
 * message inside, with the outermost relay's addresses.
 * Not done: authentication (RFC 8415 20) and leasequery (RFC 5007).
 */
#include "engine/dissect/dissector.h"

#define DHCPV6(F, tag)                                                         \
	F(tag, 1, STR, msg_type, NJ_INDEX | NJ_LEARN, "Kind of message")       \
	F(tag, 2, U32, trans_id, 0, "Pairs question and answer")               \
	F(tag, 3, STR, client_duid, NJ_INDEX | NJ_PII,                         \
		"The client's identity, hexadecimal (option 1)")               \
	F(tag, 4, STR, mac, NJ_INDEX | NJ_LEARN,                               \
		"MAC in the client's identity, or as a relay tells it (79)")   \
	F(tag, 5, STR, server_duid, NJ_INDEX | NJ_LEARN,                       \
		"The server's identity (2)")                                   \
	F(tag, 6, VADDR, addrs, NJ_INDEX, "Addresses asked for or given (3)")  \
	F(tag, 7, VSTR, prefixes, NJ_INDEX,                                    \
		"Prefixes asked for or given (25)")                            \
	F(tag, 8, IVAL, preferred_lifetime, NJ_OPT,                            \
		"How long the first of them is preferred")                     \
	F(tag, 9, IVAL, valid_lifetime, NJ_OPT,                                \
		"How long the first of them is valid")                         \
	F(tag, 10, STR, client_fqdn, NJ_INDEX | NJ_LEARN | NJ_PII,             \
		"Name of the client (39)")                                     \
	F(tag, 11, VADDR, dns_servers, NJ_INDEX | NJ_LEARN,                    \
		"Name servers (23)")                                           \
	F(tag, 12, VSTR, domain_search, NJ_INDEX | NJ_LEARN,                   \
		"Domains to search (24)")                                      \
	F(tag, 13, STR, vendor_class, NJ_INDEX | NJ_LEARN,                     \
		"What the client says it is (16)")                             \
	F(tag, 14, VU64, param_list, NJ_LEARN,                                 \
		"Options that the client asks for, in order (6)")              \
	F(tag, 15, U16, status, NJ_OPT | NJ_LEARN, "Status of an answer (13)") \
	F(tag, 16, STR, status_message, 0, "Its text")                         \
	F(tag, 17, ADDR, relay_link_addr, NJ_INDEX,                            \
		"Relay: address on the client's link")                         \
	F(tag, 18, ADDR, relay_peer_addr, NJ_INDEX,                            \
		"Relay: whom it speaks for")                                   \
	F(tag, 19, STR, interface_id, NJ_INDEX, "Relay: interface (18)")       \
	F(tag, 20, STR, boot_url, NJ_INDEX, "File to boot from (59)")

NJ_EVENT(dhcpv6, DHCPV6, "A DHCPv6 message");

enum { ODD_OPTION, ODD_DEEP };
static const struct nj_oddity oddities[] = {
	[ODD_OPTION] = { "dhcpv6_option_length",
		"An option longer than its message" },
	[ODD_DEEP] = { "dhcpv6_relay_depth",
		"A message inside too many relays" },
	{ 0 }
};

enum {
	PORT_CLIENT = 546,
	PORT_SERVER = 547,
	RELAY_FORW = 12,
	RELAY_REPL = 13,
	TYPES_END = 14,
	RELAYS_MAX = 8,
	RELAY_BYTES = 34,
	LIST_MAX = 8,
	PARAMS_MAX = 32,
	OPTIONS_MAX = 128,
	DUID_MAX = 130
};

/* Lists that a record grows while it is read. */
struct lists {
	struct nj_addr addrs[LIST_MAX], dns[LIST_MAX];
	struct nj_view prefixes[LIST_MAX], domains[LIST_MAX];
	uint64_t params[PARAMS_MAX];
	uint32_t addr_count, dns_count, prefix_count, domain_count;
};

static struct nj_view
hex_text(struct nj_dctx *d, struct nj_view v, const char *between)
{
	static const char hex[] = "0123456789abcdef";
	size_t step = between[0] ? 3 : 2, n = 0;
	char *out = v.len ? nj_arena(d, v.len * step) : NULL;

	if (!out)
		return (struct nj_view){ 0 };
	for (size_t i = 0; i < v.len; i++) {
		if (i && between[0])
			out[n++] = between[0];
		out[n++] = hex[v.data[i] >> 4];
		out[n++] = hex[v.data[i] & 15];
	}
	return (struct nj_view){ (uint8_t *)out, n };
}

/* A DUID may hold a MAC: type 1 behind a time, type 3 at once (RFC 8415 11),
 * both with the hardware type of Ethernet. */
static struct nj_view
duid_mac(struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	uint16_t type = nj_cur_u16(&c), hardware = nj_cur_u16(&c);

	if (type == 1)
		nj_cur_skip(&c, 4);
	if (c.bad || hardware != 1 || (type != 1 && type != 3) ||
		nj_cur_left(&c) != 6)
		return (struct nj_view){ 0 };
	return nj_cur_rest(&c);
}

/* A name in the DNS's form without compression; moves behind it. */
static struct nj_view
name_text(struct nj_dctx *d, struct nj_cur *c)
{
	size_t max = nj_cur_left(c), n = 0;
	char *out = max ? nj_arena(d, max) : NULL;

	/* Without room nothing moves on: whoever reads names must stop. */
	c->bad |= !out;
	while (nj_cur_left(c)) {
		struct nj_view label = nj_cur_take(c, nj_cur_u8(c));

		if (c->bad || !label.len)
			break;
		if (n)
			out[n++] = '.';
		memcpy(out + n, label.data, label.len);
		n += label.len;
	}
	return (struct nj_view){ n ? (uint8_t *)out : NULL, n };
}

static void
set_lifetimes(struct dhcpv6_event *ev, uint32_t preferred, uint32_t valid)
{
	if (nj_has(ev, dhcpv6, valid_lifetime))
		return;
	nj_set(ev, dhcpv6, preferred_lifetime, preferred * NJ_NS_PER_S);
	nj_set(ev, dhcpv6, valid_lifetime, valid * NJ_NS_PER_S);
}

static void
read_status(struct dhcpv6_event *ev, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	uint16_t code = nj_cur_u16(&c);

	if (c.bad || nj_has(ev, dhcpv6, status))
		return;
	nj_set(ev, dhcpv6, status, code);
	if (nj_cur_left(&c))
		ev->status_message = nj_cur_rest(&c);
}

/* Addresses (5) and prefixes (26) inside an identity association. */
static void
read_association(struct nj_dctx *d, struct dhcpv6_event *ev, struct lists *l,
	struct nj_view v)
{
	struct nj_cur c = nj_cur(v);

	while (nj_cur_left(&c) >= 4) {
		uint16_t code = nj_cur_u16(&c), len = nj_cur_u16(&c);
		struct nj_cur o = nj_cur(nj_cur_take(&c, len));
		struct nj_view a;
		uint32_t preferred, valid;

		if (c.bad)
			return;
		if (code == 13)
			read_status(ev, nj_cur_rest(&o));
		if (code == 5 && l->addr_count < LIST_MAX) {
			a = nj_cur_take(&o, 16);
			preferred = nj_cur_u32(&o);
			valid = nj_cur_u32(&o);
			if (o.bad)
				continue;
			l->addrs[l->addr_count++] = nj_addr6(a.data);
			set_lifetimes(ev, preferred, valid);
		} else if (code == 26 && l->prefix_count < LIST_MAX) {
			char text[NJ_ADDR_TEXT];
			struct nj_addr addr;
			uint8_t bits;

			preferred = nj_cur_u32(&o);
			valid = nj_cur_u32(&o);
			bits = nj_cur_u8(&o);
			a = nj_cur_take(&o, 16);
			if (o.bad)
				continue;
			addr = nj_addr6(a.data);
			nj_addr_text(&addr, text);
			l->prefixes[l->prefix_count++] =
				nj_arena_printf(d, "%s/%u", text, bits);
			set_lifetimes(ev, preferred, valid);
		}
	}
}

/* Options that are lists of names, numbers or addresses. */
static void
read_list(struct nj_dctx *d, struct dhcpv6_event *ev, struct lists *l,
	uint16_t code, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);

	switch (code) {
	case 6:
		for (uint32_t i = 0; i < PARAMS_MAX && nj_cur_left(&c) >= 2;
			i++) {
			l->params[i] = nj_cur_u16(&c);
			ev->param_list = (struct nj_vu64){ l->params, i + 1 };
		}
		break;
	case 23:
		while (nj_cur_left(&c) >= 16 && l->dns_count < LIST_MAX)
			l->dns[l->dns_count++] =
				nj_addr6(nj_cur_take(&c, 16).data);
		break;
	case 24:
		while (nj_cur_left(&c) && l->domain_count < LIST_MAX) {
			struct nj_view name = name_text(d, &c);

			if (name.len)
				l->domains[l->domain_count++] = name;
		}
		break;
	}
}

/* Who a client is. */
static void
read_client(struct nj_dctx *d, struct dhcpv6_event *ev, uint16_t code,
	struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	struct nj_view mac, class;

	switch (code) {
	case 1:
		ev->client_duid = hex_text(d, nj_sub(v, 0, DUID_MAX), "");
		mac = duid_mac(v);
		if (mac.len)
			ev->mac = hex_text(d, mac, ":");
		break;
	case 16:
		nj_cur_skip(&c, 4);
		class = nj_cur_take(&c, nj_cur_u16(&c));
		if (!c.bad && class.len)
			ev->vendor_class = class;
		break;
	case 39:
		nj_cur_skip(&c, 1);
		ev->client_fqdn = name_text(d, &c);
		break;
	case 79:
		if (v.len == 8 && nj_cur_u16(&c) == 1)
			ev->mac = hex_text(d, nj_cur_rest(&c), ":");
		break;
	}
}

static void
read_option(struct nj_dctx *d, struct dhcpv6_event *ev, struct lists *l,
	uint16_t code, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);

	switch (code) {
	case 2:
		ev->server_duid = hex_text(d, nj_sub(v, 0, DUID_MAX), "");
		break;
	case 3:
	case 25:
		nj_cur_skip(&c, 12);
		read_association(d, ev, l, nj_cur_rest(&c));
		break;
	case 4:
		nj_cur_skip(&c, 4);
		read_association(d, ev, l, nj_cur_rest(&c));
		break;
	case 13:
		read_status(ev, v);
		break;
	case 18:
		ev->interface_id = v.len ? v : (struct nj_view){ 0 };
		break;
	case 59:
		ev->boot_url = v.len ? v : (struct nj_view){ 0 };
		break;
	default:
		read_client(d, ev, code, v);
		read_list(d, ev, l, code, v);
		break;
	}
}

/* All options; gives the message that a relay carries (9), if there is one. */
static struct nj_view
read_options(struct nj_dctx *d, struct dhcpv6_event *ev, struct lists *l,
	struct nj_cur c)
{
	struct nj_view inner = { 0 };

	for (unsigned i = 0; i < OPTIONS_MAX && nj_cur_left(&c); i++) {
		uint16_t code = nj_cur_u16(&c), len = nj_cur_u16(&c);
		struct nj_view v = nj_cur_take(&c, len);

		if (c.bad) {
			nj_odd(d, ODD_OPTION);
			break;
		}
		if (code == 9)
			inner = v;
		else
			read_option(d, ev, l, code, v);
	}
	return inner;
}

/* Unwraps what relays have put around the message. */
static struct nj_view
read_relays(struct nj_dctx *d, struct dhcpv6_event *ev, struct lists *l,
	struct nj_view v)
{
	for (unsigned depth = 0;
		v.len >= RELAY_BYTES &&
		(v.data[0] == RELAY_FORW || v.data[0] == RELAY_REPL);
		depth++) {
		struct nj_cur c = nj_cur(nj_sub(v, RELAY_BYTES, v.len));

		if (depth == RELAYS_MAX) {
			nj_odd(d, ODD_DEEP);
			return (struct nj_view){ 0 };
		}
		if (depth == 0) {
			ev->relay_link_addr = nj_addr6(v.data + 2);
			ev->relay_peer_addr = nj_addr6(v.data + 18);
		}
		v = read_options(d, ev, l, c);
	}
	return v;
}

static struct nj_view
type_name(struct nj_dctx *d, uint8_t type)
{
	static const char *const names[TYPES_END] = { NULL, "SOLICIT",
		"ADVERTISE", "REQUEST", "CONFIRM", "RENEW", "REBIND", "REPLY",
		"RELEASE", "DECLINE", "RECONFIGURE", "INFORMATION-REQUEST",
		"RELAY-FORW", "RELAY-REPL" };

	return type < TYPES_END && names[type]
		       ? nj_str(names[type])
		       : nj_arena_printf(d, "TYPE-%u", type);
}

static enum nj_verdict
dhcpv6_datagram(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct lists *l = nj_arena(d, sizeof(*l));
	struct dhcpv6_event ev = { 0 };
	struct nj_cur c;

	(void)dir;
	if (!l)
		return NJ_MORE;
	memset(l, 0, sizeof(*l));
	nj_confirm(d);
	v = read_relays(d, &ev, l, v);
	c = nj_cur(v);
	ev.msg_type = type_name(d, nj_cur_u8(&c));
	ev.trans_id = nj_cur_u24(&c);
	if (c.bad)
		return NJ_MORE;
	(void)read_options(d, &ev, l, c);
	ev.addrs = (struct nj_vaddr){ l->addr_count ? l->addrs : NULL,
		l->addr_count };
	ev.dns_servers =
		(struct nj_vaddr){ l->dns_count ? l->dns : NULL, l->dns_count };
	ev.prefixes = (struct nj_vstr){ l->prefix_count ? l->prefixes : NULL,
		l->prefix_count };
	ev.domain_search =
		(struct nj_vstr){ l->domain_count ? l->domains : NULL,
			l->domain_count };
	nj_emit(d, &dhcpv6_desc, &ev);
	return NJ_MORE;
}

/* A known type, and options that add up to the end. */
static bool
is_sound(struct nj_view v)
{
	bool relay =
		v.len && (v.data[0] == RELAY_FORW || v.data[0] == RELAY_REPL);
	struct nj_cur c = nj_cur(nj_sub(v, relay ? RELAY_BYTES : 4, v.len));
	unsigned n = 0;

	if (v.len < (relay ? RELAY_BYTES : 4u) + 4 || !v.data[0] ||
		v.data[0] >= TYPES_END)
		return false;
	for (; nj_cur_left(&c); n++) {
		uint16_t code = nj_cur_u16(&c), len = nj_cur_u16(&c);

		nj_cur_skip(&c, len);
		if (c.bad || !code || code > 255)
			return false;
	}
	return n > 0;
}

static enum nj_verdict
dhcpv6_probe(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	bool known = false;

	(void)dir;
	for (unsigned i = NJ_ORIG; i <= NJ_RESP; i++) {
		uint16_t port = nj_port_of(d, (enum nj_dir)i);

		known |= port == PORT_CLIENT || port == PORT_SERVER;
	}
	/* The form alone is too weak to be looked for elsewhere. */
	return known && is_sound(v) ? NJ_ACCEPT : NJ_REJECT;
}

const struct nj_dissector nj_dissector_dhcpv6 = {
	.name = "dhcpv6",
	.title = "DHCPv6",
	.ports = (const struct nj_port[]){ { NJ_UDP, PORT_SERVER },
		{ NJ_UDP, PORT_CLIENT }, { 0 } },
	.events = (const struct nj_event_desc *const[]){ &dhcpv6_desc, NULL },
	.oddities = oddities,
	.probe = dhcpv6_probe,
	.datagram = dhcpv6_datagram,
};
