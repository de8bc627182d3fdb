/*
 * filter.c - expressions as a list in which operators follow what they work
 * on, so that neither reading nor matching needs recursion.
 */
#include "engine/pcap/filter.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/base/prefix.h"
#include "engine/packet/packet.h"
#include "engine/pcap/format_priv.h"

enum { NODES_MAX = 128 };

enum kind { NET, PORT, PROTO, FAMILY, VLAN, AND, OR, NOT, OPEN };

struct node {
	uint8_t kind;
	struct nj_prefix net;
	uint16_t lo, hi; /* ports, VLANs; protocol or family in lo */
};

struct nj_pcap_filter {
	unsigned count;
	struct node nodes[NODES_MAX];
};

static const struct {
	const char *word;
	uint8_t kind, value;
} words[] = {
	{ "tcp", PROTO, NJ_IP_TCP },
	{ "udp", PROTO, NJ_IP_UDP },
	{ "sctp", PROTO, NJ_IP_SCTP },
	{ "icmp", PROTO, NJ_IP_ICMP },
	{ "icmp6", PROTO, NJ_IP_ICMP6 },
	{ "igmp", PROTO, 2 },
	{ "gre", PROTO, 47 },
	{ "esp", PROTO, 50 },
	{ "ah", PROTO, 51 },
	{ "ospf", PROTO, 89 },
	{ "ip", FAMILY, 4 },
	{ "ip4", FAMILY, 4 },
	{ "ip6", FAMILY, 6 },
};

struct parser {
	struct nj_view text;
	size_t at;
	struct nj_pcap_filter *f;
	struct node stack[NODES_MAX]; /* operators that wait */
	unsigned depth;
	bool operand; /* the last thing was one */
	char *why;
};

/* ---- Reading ---- */

static bool
wrong(struct parser *p, size_t at, const char *what)
{
	(void)snprintf(p->why, NJ_PCAP_FILTER_TEXT, "at character %zu: %s",
		at + 1, what);
	return false;
}

static struct nj_view
next_word(struct parser *p)
{
	const uint8_t *t = p->text.data;
	size_t n = 1, left;

	while (p->at < p->text.len && isspace(t[p->at]))
		p->at++;
	left = p->text.len - p->at;
	if (!left)
		return (struct nj_view){ 0 };
	if (left > 1 && (t[p->at] == '&' || t[p->at] == '|') &&
		t[p->at + 1] == t[p->at])
		n = 2;
	else if (!strchr("()!&|", t[p->at]))
		while (n < left && !isspace(t[p->at + n]) &&
			!strchr("()!&|", t[p->at + n]))
			n++;
	p->at += n;
	return (struct nj_view){ t + p->at - n, n };
}

static bool
put(struct parser *p, const struct node *n)
{
	if (p->f->count == NODES_MAX)
		return wrong(p, p->at, "the expression is too long");
	p->f->nodes[p->f->count++] = *n;
	return true;
}

static bool
push(struct parser *p, enum kind kind)
{
	if (p->depth == NODES_MAX)
		return wrong(p, p->at, "the expression is too long");
	p->stack[p->depth++].kind = (uint8_t)kind;
	return true;
}

static unsigned
rank(unsigned kind)
{
	return kind == NOT ? 3 : kind == AND ? 2 : kind == OR ? 1 : 0;
}

/* An operator between two: those that bind more closely come first. */
static bool
operator_between(struct parser *p, enum kind kind)
{
	while (p->depth && rank(p->stack[p->depth - 1].kind) >= rank(kind))
		if (!put(p, &p->stack[--p->depth]))
			return false;
	p->operand = false;
	return push(p, kind);
}

static bool
close_bracket(struct parser *p, size_t at)
{
	if (!p->operand)
		return wrong(p, at, "something is missing before \")\"");
	while (p->depth && p->stack[p->depth - 1].kind != OPEN)
		if (!put(p, &p->stack[--p->depth]))
			return false;
	if (!p->depth)
		return wrong(p, at, "\")\" without \"(\"");
	p->depth--;
	return true;
}

/* What stands where an operand is to begin; two side by side mean "and". */
static bool
operand_begins(struct parser *p)
{
	return !p->operand || operator_between(p, AND);
}

static bool
number(struct nj_view v, uint64_t max, uint16_t *out)
{
	uint64_t n;

	if (!nj_view_u64(v, &n) || n > max)
		return false;
	*out = (uint16_t)n;
	return true;
}

static bool
range(struct nj_view v, struct node *n)
{
	size_t dash = nj_view_chr(v, '-');

	return dash != SIZE_MAX && number(nj_sub(v, 0, dash), 65535, &n->lo) &&
	       number(nj_sub(v, dash + 1, v.len), 65535, &n->hi) &&
	       n->lo <= n->hi;
}

/* What follows a word that takes a value. */
static bool
valued(struct nj_view word, struct nj_view v, struct node *n)
{
	if (nj_view_eq(word, NJ_LIT("host")) ||
		nj_view_eq(word, NJ_LIT("net"))) {
		n->kind = NET;
		return nj_prefix_parse(&n->net, v);
	}
	if (nj_view_eq(word, NJ_LIT("portrange"))) {
		n->kind = PORT;
		return range(v, n);
	}
	n->hi = 0;
	if (nj_view_eq(word, NJ_LIT("proto"))) {
		n->kind = PROTO;
		return number(v, 255, &n->lo);
	}
	n->kind = nj_view_eq(word, NJ_LIT("vlan")) ? VLAN : PORT;
	if (!number(v, n->kind == VLAN ? 4095 : 65535, &n->lo))
		return false;
	n->hi = n->lo;
	return true;
}

static bool
is_valued(struct nj_view word)
{
	static const char *const list[] = { "host", "net", "port", "portrange",
		"vlan", "proto" };

	for (size_t i = 0; i < nj_countof(list); i++)
		if (nj_view_eq(word, nj_str(list[i])))
			return true;
	return false;
}

static bool
operand(struct parser *p, struct nj_view word)
{
	size_t at = (size_t)(word.data - p->text.data);
	struct node n = { 0 };
	struct nj_view v;

	if (!operand_begins(p))
		return false;
	p->operand = true;
	for (size_t i = 0; i < nj_countof(words); i++) {
		if (!nj_view_eq(word, nj_str(words[i].word)))
			continue;
		n.kind = words[i].kind;
		n.lo = words[i].value;
		return put(p, &n);
	}
	if (nj_prefix_parse(&n.net, word)) {
		n.kind = NET;
		return put(p, &n);
	}
	if (nj_view_eq(word, NJ_LIT("src")) || nj_view_eq(word, NJ_LIT("dst")))
		return wrong(p, at,
			"a flow has both directions; for single packets "
			"there is --bpf");
	if (!is_valued(word))
		return wrong(p, at,
			"no word of a filter: there are host, net, port, "
			"portrange, vlan, proto, tcp, udp, icmp ...");
	v = next_word(p);
	if (!v.len)
		return wrong(p, p->at, "a value is missing");
	if (!valued(word, v, &n))
		return wrong(p, (size_t)(v.data - p->text.data),
			"no value for the word before it");
	return put(p, &n);
}

static bool
is_word(struct nj_view v, const char *a, const char *b)
{
	return nj_view_eq(v, nj_str(a)) || nj_view_eq(v, nj_str(b));
}

static bool
step(struct parser *p, struct nj_view word)
{
	size_t at = (size_t)(word.data - p->text.data);
	bool and = is_word(word, "and", "&&");

	if (and || is_word(word, "or", "||")) {
		if (!p->operand)
			return wrong(p, at, "something is missing before it");
		return operator_between(p, and? AND : OR);
	}
	if (is_word(word, "not", "!"))
		return operand_begins(p) && push(p, NOT);
	if (is_word(word, "(", "("))
		return operand_begins(p) && push(p, OPEN);
	if (is_word(word, ")", ")"))
		return close_bracket(p, at);
	return operand(p, word);
}

static bool
parse(struct parser *p)
{
	struct nj_view word;

	while ((word = next_word(p)).len)
		if (!step(p, word))
			return false;
	if (!p->operand)
		return wrong(p, p->at, "something is missing at the end");
	while (p->depth) {
		const struct node *n = &p->stack[--p->depth];

		if (n->kind == OPEN)
			return wrong(p, p->at, "\")\" is missing");
		if (!put(p, n))
			return false;
	}
	return true;
}

enum nj_err
nj_pcap_filter_create(struct nj_pcap_filter **out, struct nj_view text,
	char why[NJ_PCAP_FILTER_TEXT])
{
	struct parser *p = calloc(1, sizeof(*p));
	enum nj_err err = NJ_OK;

	*out = calloc(1, sizeof(**out));
	(void)snprintf(why, NJ_PCAP_FILTER_TEXT, "%s", nj_err_text(NJ_E_NOMEM));
	if (!p || !*out) {
		err = NJ_E_NOMEM;
	} else {
		p->text = text;
		p->f = *out;
		p->why = why;
		err = parse(p) ? NJ_OK : NJ_E_CONFIG;
	}
	free(p);
	if (err)
		nj_pcap_filter_destroy(out);
	return err;
}

void
nj_pcap_filter_destroy(struct nj_pcap_filter **f)
{
	free(*f);
	*f = NULL;
}

/* ---- Matching ---- */

static bool
match_net(const struct nj_prefix *net, const struct pcap_flow *flow)
{
	for (unsigned i = 0; i < 2; i++) {
		struct nj_addr a = { .family = flow->family[i] };

		memcpy(a.bytes, flow->addr[i], sizeof(a.bytes));
		if (a.family && nj_prefix_holds(net, &a))
			return true;
	}
	return false;
}

static bool
has_ports(const struct pcap_flow *flow)
{
	return flow->proto == NJ_IP_TCP || flow->proto == NJ_IP_UDP ||
	       flow->proto == NJ_IP_SCTP;
}

static bool
match_range(const struct node *n, const uint16_t v[2])
{
	return (v[0] >= n->lo && v[0] <= n->hi) ||
	       (v[1] >= n->lo && v[1] <= n->hi);
}

static bool
match_node(const struct node *n, const struct pcap_flow *flow)
{
	switch ((enum kind)n->kind) {
	case NET:
		return match_net(&n->net, flow);
	case PORT:
		return has_ports(flow) && match_range(n, flow->port);
	case VLAN:
		return match_range(n, flow->vlan);
	case PROTO:
		return flow->proto == n->lo;
	case FAMILY:
		return flow->family[0] == n->lo;
	default:
		return false;
	}
}

bool
pcap_filter_match(const struct nj_pcap_filter *f, const struct pcap_flow *flow)
{
	bool stack[NODES_MAX + 1] = { false };
	unsigned depth = 0;

	for (unsigned i = 0; i < f->count; i++) {
		const struct node *n = &f->nodes[i];
		bool top = depth && stack[depth - 1];

		if (n->kind == NOT) {
			stack[depth - 1] = !top;
		} else if (n->kind == AND || n->kind == OR) {
			depth--;
			stack[depth - 1] = n->kind == AND
						   ? stack[depth - 1] && top
						   : stack[depth - 1] || top;
		} else {
			stack[depth++] = match_node(n, flow);
		}
	}
	return depth && stack[0];
}

static bool
is_host(const struct node *n)
{
	return n->kind == NET &&
	       n->net.bits == (n->net.addr.family == 4 ? 32 : 128);
}

bool
pcap_filter_key(const struct nj_pcap_filter *f, uint32_t keys[2])
{
	struct pcap_flow flow = { 0 }, other;
	unsigned hosts = 0, ports = 0, protos = 0;

	for (unsigned i = 0; i < f->count; i++) {
		const struct node *n = &f->nodes[i];

		if (is_host(n) && hosts < 2) {
			flow.family[hosts] = n->net.addr.family;
			memcpy(flow.addr[hosts++], n->net.addr.bytes, 16);
		} else if (n->kind == PORT && n->lo == n->hi && ports < 2) {
			flow.port[ports++] = n->lo;
		} else if (n->kind == PROTO && !protos++) {
			flow.proto = (uint8_t)n->lo;
		} else if (n->kind != AND) {
			return false;
		}
	}
	if (hosts != 2 || ports != 2 || protos != 1)
		return false;
	/* Which port is whose is not said. */
	other = flow;
	other.port[0] = flow.port[1];
	other.port[1] = flow.port[0];
	keys[0] = pcap_key_tuple(&flow);
	keys[1] = pcap_key_tuple(&other);
	return true;
}
