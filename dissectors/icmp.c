/*
 * icmp.c - ICMP and ICMPv6 messages that say something (RFC 792, 4443, 4861,
 * 4884): errors with the packet they are about, redirects, router and
 * neighbour messages, and the first of each kind of all others.
 *
 * Why we tell them: errors show scans and broken paths, a redirect or a router
 * advertisement changes where a network's traffic goes, and neighbour messages
 * say which MAC has which address. Echo is what conn counts already; it is
 * told once a flow and side, with its length.
 */
#include "dissectors/shared/odd_eve.h"
#include "engine/base/hash.h"
#include "engine/dissect/dissector.h"

#define ICMP(F, tag)                                                           \
	F(tag, 1, BOOL, v6, NJ_LEARN, "ICMPv6")                                \
	F(tag, 2, BOOL, from_orig, 0, "The flow's originator sent it")         \
	F(tag, 3, U8, type, NJ_INDEX | NJ_LEARN, "Type")                       \
	F(tag, 4, U8, code, NJ_INDEX | NJ_LEARN, "Code")                       \
	F(tag, 5, STR, name, NJ_INDEX | NJ_LEARN, "Their name")                \
	F(tag, 6, U16, len, 0, "Bytes after the header")                       \
	F(tag, 7, STR, err_proto, NJ_INDEX,                                    \
		"Error: protocol of the packet it is about")                   \
	F(tag, 8, ADDR, err_orig_h, NJ_INDEX, "Error: who sent that packet")   \
	F(tag, 9, U16, err_orig_p, NJ_OPT, "Error: from which port")           \
	F(tag, 10, ADDR, err_resp_h, NJ_INDEX, "Error: to whom")               \
	F(tag, 11, U16, err_resp_p, NJ_OPT | NJ_INDEX, "Error: to which port") \
	F(tag, 12, U32, mtu, NJ_OPT, "Largest packet that would have passed")  \
	F(tag, 13, ADDR, gateway, NJ_INDEX | NJ_LEARN,                         \
		"Redirect: router to be used instead")                         \
	F(tag, 14, ADDR, target, NJ_INDEX,                                     \
		"Neighbour message or redirect: address it is about")          \
	F(tag, 15, STR, link_addr, NJ_INDEX, "MAC that it tells")              \
	F(tag, 16, VSTR, prefixes, NJ_INDEX | NJ_LEARN,                        \
		"Router advertisement: prefixes")                              \
	F(tag, 17, VADDR, dns_servers, NJ_INDEX | NJ_LEARN,                    \
		"Router advertisement: name servers (RFC 8106)")               \
	F(tag, 18, IVAL, lifetime, NJ_OPT,                                     \
		"Router advertisement: how long the router serves")

NJ_EVENT(icmp, ICMP, "What an ICMP message said");

enum {
	TOLD_MAX = 32, /* records a flow */
	LIST_MAX = 8
};

struct icmp_state {
	uint16_t told;
	uint64_t seen[8]; /* hashes of what was told, a ring */
};

/* How the eight bytes of header and what follows are read. */
enum form {
	FORM_PLAIN,
	FORM_ERROR, /* the packet follows */
	FORM_MTU,   /* the same, with the MTU in the header */
	FORM_REDIRECT4,
	FORM_NEIGHBOUR, /* target, then options */
	FORM_REDIRECT6,
	FORM_ROUTER_SOLICIT,
	FORM_ROUTER
};

struct kind {
	uint8_t type;
	uint8_t form;
	const char *name;
};

static const struct kind kinds4[] = {
	{ 0, FORM_PLAIN, "echo_reply" },
	{ 3, FORM_ERROR, "unreachable" },
	{ 4, FORM_ERROR, "source_quench" },
	{ 5, FORM_REDIRECT4, "redirect" },
	{ 8, FORM_PLAIN, "echo_request" },
	{ 9, FORM_PLAIN, "router_advertisement" },
	{ 10, FORM_PLAIN, "router_solicitation" },
	{ 11, FORM_ERROR, "time_exceeded" },
	{ 12, FORM_ERROR, "parameter_problem" },
	{ 13, FORM_PLAIN, "timestamp_request" },
	{ 14, FORM_PLAIN, "timestamp_reply" },
	{ 17, FORM_PLAIN, "mask_request" },
	{ 18, FORM_PLAIN, "mask_reply" },
};
static const struct kind kinds6[] = {
	{ 1, FORM_ERROR, "unreachable" },
	{ 2, FORM_MTU, "too_big" },
	{ 3, FORM_ERROR, "time_exceeded" },
	{ 4, FORM_ERROR, "parameter_problem" },
	{ 128, FORM_PLAIN, "echo_request" },
	{ 129, FORM_PLAIN, "echo_reply" },
	{ 130, FORM_PLAIN, "mld_query" },
	{ 131, FORM_PLAIN, "mld_report" },
	{ 132, FORM_PLAIN, "mld_done" },
	{ 133, FORM_ROUTER_SOLICIT, "router_solicitation" },
	{ 134, FORM_ROUTER, "router_advertisement" },
	{ 135, FORM_NEIGHBOUR, "neighbor_solicitation" },
	{ 136, FORM_NEIGHBOUR, "neighbor_advertisement" },
	{ 137, FORM_REDIRECT6, "redirect" },
	{ 143, FORM_PLAIN, "mldv2_report" },
};

static const struct kind *
kind_find(bool v6, uint8_t type)
{
	const struct kind *list = v6 ? kinds6 : kinds4;
	size_t n = v6 ? nj_countof(kinds6) : nj_countof(kinds4);

	for (size_t i = 0; i < n; i++)
		if (list[i].type == type)
			return &list[i];
	return NULL;
}

/* What is told beside the code, for the codes that mean most. */
static const char *
code_name(bool v6, uint8_t type, uint8_t code)
{
	static const char *const v4[] = { "net_unreachable", "host_unreachable",
		"protocol_unreachable", "port_unreachable",
		"fragmentation_needed", "source_route_failed", "net_unknown",
		"host_unknown", NULL, "net_prohibited", "host_prohibited", NULL,
		NULL, "admin_prohibited" };
	static const char *const six[] = { "no_route", "admin_prohibited",
		"beyond_scope", "address_unreachable", "port_unreachable",
		"policy_failed", "reject_route" };

	if (!v6 && type == 3 && code < nj_countof(v4))
		return v4[code];
	if (v6 && type == 1 && code < nj_countof(six))
		return six[code];
	return NULL;
}

static struct nj_view
proto_name(struct nj_dctx *d, uint8_t proto)
{
	switch (proto) {
	case 1:
		return NJ_LIT("icmp");
	case 6:
		return NJ_LIT("tcp");
	case 17:
		return NJ_LIT("udp");
	case 58:
		return NJ_LIT("icmp6");
	case 132:
		return NJ_LIT("sctp");
	}
	return nj_arena_printf(d, "%u", proto);
}

/* The beginning of the packet that an error is about (RFC 4884 keeps it in
 * front). What of it is there is told. */
static void
read_packet(struct nj_dctx *d, struct icmp_event *ev, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	uint8_t first = nj_cur_u8(&c), proto;
	struct nj_view src, dst;
	size_t header = 40;

	if (first >> 4 == 4) {
		header = (first & 15) * 4u;
		nj_cur_skip(&c, 8);
		proto = nj_cur_u8(&c);
		nj_cur_skip(&c, 2);
		src = nj_cur_take(&c, 4);
		dst = nj_cur_take(&c, 4);
		if (c.bad || header < 20)
			return;
		ev->err_orig_h = nj_addr4(src.data);
		ev->err_resp_h = nj_addr4(dst.data);
		nj_cur_skip(&c, header - 20);
	} else if (first >> 4 == 6) {
		nj_cur_skip(&c, 5);
		proto = nj_cur_u8(&c);
		nj_cur_skip(&c, 1);
		src = nj_cur_take(&c, 16);
		dst = nj_cur_take(&c, 16);
		if (c.bad)
			return;
		ev->err_orig_h = nj_addr6(src.data);
		ev->err_resp_h = nj_addr6(dst.data);
	} else {
		return;
	}
	ev->err_proto = proto_name(d, proto);
	if ((proto == 6 || proto == 17 || proto == 132) &&
		nj_cur_left(&c) >= 4) {
		nj_set(ev, icmp, err_orig_p, nj_cur_u16(&c));
		nj_set(ev, icmp, err_resp_p, nj_cur_u16(&c));
	}
}

static struct nj_view
mac_text(struct nj_dctx *d, struct nj_view mac)
{
	const uint8_t *m = mac.data;

	return nj_arena_printf(d, "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1],
		m[2], m[3], m[4], m[5]);
}

/* A prefix option (RFC 4861 4.6.2): "2001:db8::/64". */
static struct nj_view
prefix_text(struct nj_dctx *d, struct nj_view v)
{
	struct nj_addr a = nj_addr6(v.data + 14);
	char text[NJ_ADDR_TEXT];

	nj_addr_text(&a, text);
	return nj_arena_printf(d, "%s/%u", text, v.data[0]);
}

/* Neighbour discovery options: type, length in 8 bytes, value. */
static void
read_options(struct nj_dctx *d, struct icmp_event *ev, struct nj_cur c)
{
	struct nj_view *prefixes = nj_arena(d, LIST_MAX * sizeof(*prefixes));
	struct nj_addr *dns = nj_arena(d, LIST_MAX * sizeof(*dns));
	uint32_t prefix_count = 0, dns_count = 0;

	while (nj_cur_left(&c) >= 8 && prefixes && dns) {
		uint8_t type = nj_cur_u8(&c), len = nj_cur_u8(&c);
		struct nj_view v = nj_cur_take(&c, len ? len * 8u - 2 : 0);

		if (c.bad || !len)
			break;
		if (type == 1 || type == 2)
			ev->link_addr = mac_text(d, v);
		else if (type == 3 && v.len == 30 && prefix_count < LIST_MAX)
			prefixes[prefix_count++] = prefix_text(d, v);
		for (size_t at = 6;
			type == 25 && at + 16 <= v.len && dns_count < LIST_MAX;
			at += 16)
			dns[dns_count++] = nj_addr6(v.data + at);
		if (type == 5 && v.len == 6) {
			struct nj_cur m = nj_cur(nj_sub(v, 2, 4));

			nj_set(ev, icmp, mtu, nj_cur_u32(&m));
		}
	}
	if (prefix_count)
		ev->prefixes = (struct nj_vstr){ prefixes, prefix_count };
	if (dns_count)
		ev->dns_servers = (struct nj_vaddr){ dns, dns_count };
}

static void
read_target(struct icmp_event *ev, struct nj_cur *c)
{
	struct nj_view target = nj_cur_take(c, 16);

	if (!c->bad)
		ev->target = nj_addr6(target.data);
}

/* head: from the fifth byte of the header on. */
static void
read_body(struct nj_dctx *d, struct icmp_event *ev, enum form form,
	struct nj_view head, struct nj_view body)
{
	struct nj_cur h = nj_cur(head), c = nj_cur(body);
	struct nj_view v;

	switch (form) {
	case FORM_PLAIN:
		break;
	case FORM_MTU:
		nj_set(ev, icmp, mtu, nj_cur_u32(&h));
		read_packet(d, ev, body);
		break;
	case FORM_ERROR:
		if (!ev->v6 && ev->type == 3 && ev->code == 4) {
			nj_cur_skip(&h, 2);
			nj_set(ev, icmp, mtu, nj_cur_u16(&h));
		}
		read_packet(d, ev, body);
		break;
	case FORM_REDIRECT4:
		ev->gateway = nj_addr4(head.data);
		read_packet(d, ev, body);
		break;
	case FORM_NEIGHBOUR:
		read_target(ev, &c);
		read_options(d, ev, c);
		break;
	case FORM_REDIRECT6:
		v = nj_cur_take(&c, 16);
		if (!c.bad)
			ev->gateway = nj_addr6(v.data);
		read_target(ev, &c);
		read_options(d, ev, c);
		break;
	case FORM_ROUTER_SOLICIT:
		read_options(d, ev, c);
		break;
	case FORM_ROUTER:
		nj_cur_skip(&h, 2);
		nj_set(ev, icmp, lifetime, nj_cur_u16(&h) * NJ_NS_PER_S);
		nj_cur_skip(&c, 8);
		read_options(d, ev, c);
		break;
	}
}

/* Was the same said in this flow? Echo differs in every message; of it only
 * the side counts. */
static bool
is_repeat(struct nj_dctx *d, enum nj_dir dir, struct nj_view head,
	struct nj_view body, bool plain)
{
	static const struct nj_hash_key key = { 0x69636d70, 0x74656c6c };
	struct icmp_state *s = nj_state(d);
	struct nj_view what =
		plain ? (struct nj_view){ 0 } : nj_sub(body, 0, 64);
	uint64_t h = nj_hash64(&key, what.data, what.len) ^
		     nj_mix64((uint64_t)head.data[0] << 16 |
			      (uint64_t)head.data[1] << 8 | dir | 1u << 24);

	for (unsigned i = 0; i < nj_countof(s->seen); i++)
		if (s->seen[i] == h)
			return true;
	s->seen[s->told % nj_countof(s->seen)] = h;
	return false;
}

/* Types and codes that IANA's registry does not have, or has no more. */
static void
tell_unknown(struct nj_dctx *d, enum nj_dir dir, uint8_t type, uint8_t code)
{
	enum { TYPES = 19, NONE = -1 };
	static const int16_t codes_max[TYPES] = { [1] = NONE,
		[2] = NONE,
		[3] = 15,
		[5] = 3,
		[6] = NONE,
		[7] = NONE,
		[9] = 16,
		[11] = 1,
		[12] = 2 };

	if (type >= TYPES || codes_max[type] == NONE)
		nj_odd_eve_decode(d, "decoder.icmpv4.unknown_type", dir);
	else if (code > codes_max[type])
		nj_odd_eve_decode(d, "decoder.icmpv4.unknown_code", dir);
}

static enum nj_verdict
icmp_datagram(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct nj_view head = nj_icmp_header(d);
	struct icmp_state *s = nj_state(d);
	const struct kind *kind;
	struct icmp_event ev = { 0 };
	const char *name;

	if (head.len < 8)
		return NJ_MORE;
	ev.v6 = nj_proto_of(d) != 1;
	ev.from_orig = dir == NJ_ORIG;
	ev.type = head.data[0];
	ev.code = head.data[1];
	ev.len = (uint16_t)nj_min(v.len, UINT16_MAX);
	kind = kind_find(ev.v6, ev.type);
	if (!ev.v6)
		tell_unknown(d, dir, ev.type, ev.code);
	if (s->told >= TOLD_MAX)
		return NJ_DONE;
	if (is_repeat(d, dir, head, v, !kind || kind->form == FORM_PLAIN))
		return NJ_MORE;
	s->told++;
	name = code_name(ev.v6, ev.type, ev.code);
	if (name || kind)
		ev.name = nj_str(name ? name : kind->name);
	if (kind)
		read_body(d, &ev, kind->form, nj_sub(head, 4, 4), v);
	nj_emit(d, &icmp_desc, &ev);
	return NJ_MORE;
}

const struct nj_dissector nj_dissector_icmp = {
	.name = "icmp",
	.title = "ICMP and ICMPv6",
	.service = "", /* conn's proto says it */
	.ports = (const struct nj_port[]){ { NJ_ICMP, 0 }, { 0 } },
	.events = (const struct nj_event_desc *const[]){ &icmp_desc,
		&eve_anomaly_desc, NULL },
	.state_bytes = sizeof(struct icmp_state),
	.datagram = icmp_datagram,
};
