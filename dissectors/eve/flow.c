/*
 * flow.c - EVE "flow": one event a flow, at its end.
 */
#include "dissectors/eve/maps.h"

#include <stdio.h>

enum { PORT_NBNS = 137, PORT_MDNS = 5353, PORT_LLMNR = 5355 };

/* DNS has four names in EVE, of which one has no dissector there. */
static struct nj_view
dns_name(const struct nj_head *h)
{
	if (h->orig_p == PORT_NBNS || h->resp_p == PORT_NBNS)
		return NJ_LIT("failed");
	if (h->resp_p == PORT_MDNS)
		return NJ_LIT("mdns");
	if (h->resp_p == PORT_LLMNR)
		return NJ_LIT("llmnr");
	return NJ_LIT("dns");
}

/* What only speaks inside another protocol names no flow, and tunnels are not
 * told by their payload there. */
static bool
is_nameless(struct nj_view service)
{
	static const char *const inner[] = { "gssapi", "ntlm", "spnego",
		"ayiya", "geneve", "gre", "gtpv1", "teredo", "vxlan" };

	for (size_t i = 0; i < nj_countof(inner); i++)
		if (nj_view_eq(service, nj_str(inner[i])))
			return true;
	return false;
}

/* Payload of which no protocol could be told. */
static void
put_failed(struct nj_eve *e, const char *path)
{
	const struct nj_row_field *payload = nj_eve_value(e, "payload");
	uint8_t proto = e->row->head.ip_proto;

	if (payload && payload->u && (proto == 6 || proto == 17))
		nj_json_text(&e->json, nj_eve_key(e, path), "failed");
}

/* Of the services in the order they were confirmed: the first names the
 * flow, unless TLS came later, as after STARTTLS. */
static void
put_app_proto(struct nj_eve *e, const char *path, const struct nj_row_field *f)
{
	const struct nj_row_field *all = nj_eve_value(e, "service");
	struct nj_view rest = { 0 }, name, first = { 0 }, last = { 0 };

	(void)f;
	if (all)
		rest = all->bytes;
	while (rest.len) {
		size_t n = nj_min(nj_view_chr(rest, ','), rest.len);

		name = nj_sub(rest, 0, n);
		rest = nj_sub(rest, n + 1, rest.len);
		if (is_nameless(name))
			continue;
		if (nj_view_eq(name, NJ_LIT("dns")))
			name = dns_name(&e->row->head);
		if (!first.data || nj_view_eq(name, NJ_LIT("smb")))
			first = name;
		else if (nj_view_eq(name, NJ_LIT("ssl")) &&
			 !nj_view_eq(first, NJ_LIT("quic")))
			last = name;
	}
	if (!first.data) {
		put_failed(e, path);
		return;
	}
	nj_json_str(&e->json, nj_eve_key(e, path),
		nj_eve_app_proto(last.data ? last : first));
	if (last.data)
		nj_json_str(&e->json, nj_eve_key(e, "app_proto_orig"),
			nj_eve_app_proto(first));
}

/* Whole seconds between the seconds of both ends. */
static void
put_age(struct nj_eve *e, const char *path, const struct nj_row_field *f)
{
	const struct nj_row_field *end = nj_eve_value(e, "end");

	if (end)
		nj_json_i64(&e->json, nj_eve_key(e, path),
			end->i / NJ_NS_PER_S - f->i / NJ_NS_PER_S);
}

static void
put_reason(struct nj_eve *e, const char *path, const struct nj_row_field *f)
{
	static const char *const words[][2] = { { "closed", "shutdown" },
		{ "finish", "shutdown" }, { "evicted", "forced" },
		{ "reused", "tcp_reuse" } };
	const char *word = "timeout";

	for (size_t i = 0; i < nj_countof(words); i++)
		if (nj_view_eq(f->bytes, nj_str(words[i][0])))
			word = words[i][1];
	nj_json_text(&e->json, nj_eve_key(e, path), word);
}

/* There are no rules that could raise an alert. */
static void
put_alerted(struct nj_eve *e, const char *path, const struct nj_row_field *f)
{
	(void)f;
	nj_json_bool(&e->json, nj_eve_key(e, path), false);
}

static uint8_t
flags_of(const struct nj_eve *e, const char *field)
{
	const struct nj_row_field *f = nj_eve_value(e, field);

	return f ? (uint8_t)f->u : 0;
}

static void
put_hex(struct nj_eve *e, const char *path, uint8_t flags)
{
	char text[4];

	(void)snprintf(text, sizeof(text), "%02x", flags);
	nj_json_text(&e->json, nj_eve_key(e, path), text);
}

/* Both sides' flags together, each side's, and each flag by its name. */
static void
put_flags(struct nj_eve *e, const char *path, const struct nj_row_field *f)
{
	static const char *const names[] = { "tcp.fin", "tcp.syn", "tcp.rst",
		"tcp.psh", "tcp.ack", "tcp.urg", "tcp.ecn", "tcp.cwr" };
	uint8_t resp = flags_of(e, "resp_flags"), all = (uint8_t)f->u | resp;

	put_hex(e, path, all);
	put_hex(e, "tcp.tcp_flags_ts", (uint8_t)f->u);
	put_hex(e, "tcp.tcp_flags_tc", resp);
	for (size_t i = 0; i < nj_countof(names); i++)
		if (all >> i & 1)
			nj_json_bool(&e->json, nj_eve_key(e, names[i]), true);
}

static const struct nj_eve_rule rules[] = {
	{ "src_port", "src_port", NULL },
	{ "dest_port", "dest_port", NULL },
	{ "dest_macs", "ether.dest_macs", NULL },
	{ "src_macs", "ether.src_macs", NULL },
	{ "spi", "spi", NULL },
	{ "icmp_type", "icmp_type", NULL },
	{ "icmp_code", "icmp_code", NULL },
	{ "response_icmp_type", "response_icmp_type", NULL },
	{ "response_icmp_code", "response_icmp_code", NULL },
	{ NULL, "app_proto", put_app_proto },
	{ "orig_pkts", "flow.pkts_toserver", NULL },
	{ "resp_pkts", "flow.pkts_toclient", NULL },
	{ "orig_frame_bytes", "flow.bytes_toserver", NULL },
	{ "resp_frame_bytes", "flow.bytes_toclient", NULL },
	{ "start", "flow.start", NULL },
	{ "end", "flow.end", NULL },
	{ "start", "flow.age", put_age },
	{ "state", "flow.state", NULL },
	{ "ended", "flow.reason", put_reason },
	{ NULL, "flow.alerted", put_alerted },
	{ "orig_flags", "tcp.tcp_flags", put_flags },
	{ "tcp_state", "tcp.state", NULL },
	{ "community_id", "community_id", NULL },
	{ 0 },
};

/* Suricata keeps flows of these protocols only; what routers and hosts tell
 * each other beside them (IGMP, OSPF, VRRP) is none to readers of EVE. */
static bool
takes(const struct nj_eve *e)
{
	static const uint8_t kept[] = { 1, 6, 17, 50, 58, 132 };

	for (size_t i = 0; i < nj_countof(kept); i++)
		if (e->row->head.ip_proto == kept[i])
			return true;
	return false;
}

const struct nj_eve_map nj_eve_flow = { "eve_flow", "flow", rules, takes };
