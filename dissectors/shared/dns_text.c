/*
 * dns_text.c - texts of DNS messages: the room they are written to, and the
 * names of types, classes and codes (IANA's registries; spelt as in Zeek's
 * dns log, which is what searches are written for).
 */
#include "dissectors/shared/dns_msg.h"

void *
nj_dns_room_take(struct nj_dns_room *room, size_t n, size_t size)
{
	size_t pad = -(uintptr_t)room->at & 7;
	size_t left = (size_t)(room->end - room->at);
	uint8_t *p = room->at + pad;

	if (pad > left || n > (left - pad) / size)
		return NULL;
	room->at = p + n * size;
	return p;
}

struct nj_dns_text
nj_dns_text_begin(struct nj_dns_room *room)
{
	return (struct nj_dns_text){ room, room->at, false };
}

void
nj_dns_text_view(struct nj_dns_text *t, struct nj_view v)
{
	if (t->bad || v.len >= (size_t)(t->room->end - t->room->at)) {
		t->bad = true;
		return;
	}
	if (v.len)
		memcpy(t->room->at, v.data, v.len);
	t->room->at += v.len;
}

void
nj_dns_text_str(struct nj_dns_text *t, const char *s)
{
	nj_dns_text_view(t, nj_str(s));
}

void
nj_dns_text_u32(struct nj_dns_text *t, uint32_t n)
{
	uint8_t digits[10];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (uint8_t)('0' + n % 10);
		n /= 10;
	} while (n);
	nj_dns_text_view(
		t, (struct nj_view){ digits + at, sizeof(digits) - at });
}

void
nj_dns_text_hex(struct nj_dns_text *t, struct nj_view v)
{
	static const char hex[] = "0123456789abcdef";

	if (t->bad || v.len >= (size_t)(t->room->end - t->room->at) / 2) {
		t->bad = true;
		return;
	}
	for (size_t i = 0; i < v.len; i++) {
		*t->room->at++ = (uint8_t)hex[v.data[i] >> 4];
		*t->room->at++ = (uint8_t)hex[v.data[i] & 15];
	}
}

void
nj_dns_text_addr(struct nj_dns_text *t, struct nj_addr a)
{
	char text[NJ_ADDR_TEXT];
	size_t n = nj_addr_text(&a, text);

	nj_dns_text_view(t, (struct nj_view){ (const uint8_t *)text, n });
}

struct nj_view
nj_dns_text_end(struct nj_dns_text *t)
{
	struct nj_view v = { t->begin, (size_t)(t->room->at - t->begin) };

	if (t->bad || t->room->at == t->room->end) {
		t->room->at = t->begin;
		return (struct nj_view){ 0 };
	}
	/* An empty text must not share its place with the next one. */
	if (!v.len)
		t->room->at++;
	return v;
}

static struct nj_view
numbered(struct nj_dns_room *room, const char *prefix, uint32_t n)
{
	struct nj_dns_text t = nj_dns_text_begin(room);

	nj_dns_text_str(&t, prefix);
	nj_dns_text_u32(&t, n);
	return nj_dns_text_end(&t);
}

static const char *const low_types[] = { NULL, "A", "NS", "MD", "MF", "CNAME",
	"SOA", "MB", "MG", "MR", "NULL", "WKS", "PTR", "HINFO", "MINFO", "MX",
	"TXT", "RP", "AFSDB", "X25", "ISDN", "RT", "NSAP", "NSAP-PTR", "SIG",
	"KEY", "PX", "GPOS", "AAAA", "LOC", "NXT", "EID", "NIMLOC", "SRV",
	"ATMA", "NAPTR", "KX", "CERT", "A6", "DNAME", "SINK", "OPT", "APL",
	"DS", "SSHFP", "IPSECKEY", "RRSIG", "NSEC", "DNSKEY", "DHCID", "NSEC3",
	"NSEC3PARAM", "TLSA", "SMIMEA", NULL, "HIP", "NINFO", "RKEY", "TALINK",
	"CDS", "CDNSKEY", "OPENPGPKEY", "CSYNC", "ZONEMD", "SVCB", "HTTPS" };

static const struct {
	uint16_t type;
	const char *name;
} high_types[] = { { 99, "SPF" }, { 100, "UINFO" }, { 101, "UID" },
	{ 102, "GID" }, { 103, "UNSPEC" }, { 104, "NID" }, { 105, "L32" },
	{ 106, "L64" }, { 107, "LP" }, { 108, "EUI48" }, { 109, "EUI64" },
	{ 249, "TKEY" }, { 250, "TSIG" }, { 251, "IXFR" }, { 252, "AXFR" },
	{ 253, "MAILB" }, { 254, "MAILA" }, { 255, "*" }, { 256, "URI" },
	{ 257, "CAA" }, { 32768, "TA" }, { 32769, "DLV" }, { 65281, "WINS" },
	{ 65282, "WINS-R" }, { 65422, "XPF" }, { 65521, "INTEGRITY" } };

static const char *
type_find(uint16_t type)
{
	if (type < nj_countof(low_types))
		return low_types[type];
	for (unsigned i = 0; i < nj_countof(high_types); i++)
		if (high_types[i].type == type)
			return high_types[i].name;
	return NULL;
}

bool
nj_dns_type_known(uint16_t type)
{
	return type_find(type) || type == 65534;
}

struct nj_view
nj_dns_type_name(struct nj_dns_room *room, uint16_t type)
{
	const char *name = type_find(type);

	return name ? nj_str(name) : numbered(room, "query-", type);
}

struct nj_view
nj_dns_class_name(struct nj_dns_room *room, uint16_t class)
{
	switch (class) {
	case 1:
		return NJ_LIT("C_INTERNET");
	case 2:
		return NJ_LIT("C_CSNET");
	case 3:
		return NJ_LIT("C_CHAOS");
	case 4:
		return NJ_LIT("C_HESIOD");
	case NJ_DNS_CLASS_NONE:
		return NJ_LIT("C_NONE");
	case NJ_DNS_CLASS_ANY:
		return NJ_LIT("C_ANY");
	}
	return numbered(room, "qclass-", class);
}

struct nj_view
nj_dns_rcode_name(struct nj_dns_room *room, unsigned rcode)
{
	static const char *const names[] = { "NOERROR", "FORMERR", "SERVFAIL",
		"NXDOMAIN", "NOTIMP", "REFUSED", "YXDOMAIN", "YXRRSET",
		"NXRRSet", "NOTAUTH", "NOTZONE", "unassigned-11",
		"unassigned-12", "unassigned-13", "unassigned-14",
		"unassigned-15", "BADVERS", "BADKEY", "BADTIME", "BADMODE",
		"BADNAME", "BADALG", "BADTRUNC", "BADCOOKIE" };

	if (rcode < nj_countof(names))
		return nj_str(names[rcode]);
	return numbered(room, "rcode-", rcode);
}

struct nj_view
nj_dns_opcode_name(struct nj_dns_room *room, unsigned opcode, bool nbns)
{
	static const char *const names[2][9] = {
		{ "query", "iquery", "server-status", NULL, "notify",
			"dynamic-update", "dso", NULL, NULL },
		{ "netbios-query", NULL, NULL, NULL, NULL,
			"netbios-registration", "netbios-release",
			"netbios-wack", "netbios-refresh" },
	};

	if (opcode < nj_countof(names[0]) && names[nbns][opcode])
		return nj_str(names[nbns][opcode]);
	return numbered(room, nbns ? "netbios-opcode-" : "opcode-", opcode);
}
