/*
 * dns_ext.c - the two records that are lists of options: OPT (EDNS, RFC 6891)
 * and SVCB/HTTPS (RFC 9460).
 */
#include "dissectors/shared/dns_msg.h"

enum { /* EDNS options */
	E_SUBNET = 8,
	E_COOKIE = 10,
	E_KEEPALIVE = 11,
	E_PADDING = 12,
	E_ERROR = 15
};

enum { /* SVCB keys */
	K_MANDATORY,
	K_ALPN,
	K_NO_DEFAULT_ALPN,
	K_PORT,
	K_IPV4HINT,
	K_ECH,
	K_IPV6HINT,
	K_DOHPATH
};

static void
odd(struct nj_dns_msg *m, enum nj_dns_odd what)
{
	m->odd |= UINT32_C(1) << what;
}

/* "192.0.2.0/24/0": address, source and scope prefix length (RFC 7871). */
static void
edns_subnet(struct nj_dns_msg *m, struct nj_view v, struct nj_dns_edns *e)
{
	struct nj_cur c = nj_cur(v);
	uint16_t family = nj_cur_u16(&c);
	uint8_t source = nj_cur_u8(&c), scope = nj_cur_u8(&c);
	uint8_t bytes[16] = { 0 };
	struct nj_view a = nj_cur_rest(&c);
	unsigned max = family == 1 ? 4 : 16;
	struct nj_dns_text t = nj_dns_text_begin(m->room);

	if (c.bad || (family != 1 && family != 2) || a.len > max ||
		source > max * 8 || a.len * 8 < source) {
		odd(m, NJ_DNS_ODD_ECS);
		return;
	}
	if (a.len)
		memcpy(bytes, a.data, a.len);
	nj_dns_text_addr(&t, family == 1 ? nj_addr4(bytes) : nj_addr6(bytes));
	nj_dns_text_str(&t, "/");
	nj_dns_text_u32(&t, source);
	nj_dns_text_str(&t, "/");
	nj_dns_text_u32(&t, scope);
	e->subnet = nj_dns_text_end(&t);
}

/* "22 No Reachable Authority" (RFC 8914), then the extra text. */
static void
edns_error(struct nj_dns_msg *m, struct nj_view v, struct nj_dns_edns *e)
{
	static const char *const names[] = { "Other",
		"Unsupported DNSKEY Algorithm", "Unsupported DS Digest Type",
		"Stale Answer", "Forged Answer", "DNSSEC Indeterminate",
		"DNSSEC Bogus", "Signature Expired", "Signature Not Yet Valid",
		"DNSKEY Missing", "RRSIGs Missing", "No Zone Key Bit Set",
		"NSEC Missing", "Cached Error", "Not Ready", "Blocked",
		"Censored", "Filtered", "Prohibited", "Stale NXDomain Answer",
		"Not Authoritative", "Not Supported", "No Reachable Authority",
		"Network Error", "Invalid Data" };
	struct nj_cur c = nj_cur(v);
	uint16_t code = nj_cur_u16(&c);
	struct nj_view extra = nj_cur_rest(&c);
	struct nj_dns_text t = nj_dns_text_begin(m->room);

	if (c.bad || e->error_count == nj_countof(e->errors))
		return;
	nj_dns_text_u32(&t, code);
	if (code < nj_countof(names)) {
		nj_dns_text_str(&t, " ");
		nj_dns_text_str(&t, names[code]);
	}
	if (extra.len) {
		nj_dns_text_str(&t, ": ");
		nj_dns_text_view(&t, extra);
	}
	e->errors[e->error_count++] = nj_dns_text_end(&t);
}

static void
edns_option(struct nj_dns_msg *m, uint16_t code, struct nj_view v,
	struct nj_dns_edns *e)
{
	switch (code) {
	case E_SUBNET:
		edns_subnet(m, v, e);
		break;
	case E_COOKIE:
		/* RFC 7873: 8 bytes of the client, then 8 to 32 of the
		 * server. */
		if (v.len == 8 || (v.len >= 16 && v.len <= 40))
			e->cookie = v;
		break;
	case E_KEEPALIVE:
		e->keepalive = true;
		break;
	case E_PADDING:
		e->has_padding = true;
		e->padding = (uint16_t)v.len;
		break;
	case E_ERROR:
		edns_error(m, v, e);
		break;
	}
}

void
nj_dns_edns(
	struct nj_dns_msg *m, const struct nj_dns_rr *rr, struct nj_dns_edns *e)
{
	struct nj_cur c = nj_cur(nj_sub(m->raw, rr->data, rr->len));

	*e = (struct nj_dns_edns){ .present = true,
		.dnssec_ok = rr->ttl >> 15 & 1,
		.version = rr->ttl >> 16 & 255,
		.rcode_high = (uint8_t)(rr->ttl >> 24),
		.udp_size = rr->class };
	while (nj_cur_left(&c)) {
		uint16_t code = nj_cur_u16(&c), n = nj_cur_u16(&c);
		struct nj_view v = nj_cur_take(&c, n);

		if (c.bad) {
			odd(m, NJ_DNS_ODD_EDNS_OPTION);
			return;
		}
		edns_option(m, code, v, e);
	}
}

static bool
svcb_alpn(struct nj_dns_text *t, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	bool first = true;

	while (nj_cur_left(&c)) {
		struct nj_view id = nj_cur_take(&c, nj_cur_u8(&c));

		if (c.bad || !id.len)
			return false;
		if (!first)
			nj_dns_text_str(t, ",");
		first = false;
		nj_dns_text_view(t, id);
	}
	return !first;
}

static bool
svcb_addrs(struct nj_dns_text *t, struct nj_view v, size_t size)
{
	if (v.len == 0 || v.len % size)
		return false;
	for (size_t at = 0; at < v.len; at += size) {
		const uint8_t *p = v.data + at;

		if (at)
			nj_dns_text_str(t, ",");
		nj_dns_text_addr(t, size == 4 ? nj_addr4(p) : nj_addr6(p));
	}
	return true;
}

/* One "key=value". ech is told by its length alone: the rest is a key. */
static bool
svcb_param(struct nj_dns_msg *m, struct nj_dns_text *t, uint16_t key,
	struct nj_view v)
{
	static const char *const names[] = { " mandatory=", " alpn=",
		" no-default-alpn",
		" port=", " ipv4hint=", " ech=", " ipv6hint=", " dohpath=" };

	if (key < nj_countof(names)) {
		nj_dns_text_str(t, names[key]);
	} else {
		nj_dns_text_str(t, " key");
		nj_dns_text_u32(t, key);
		nj_dns_text_str(t, "=");
	}
	switch (key) {
	case K_NO_DEFAULT_ALPN:
		return v.len == 0;
	case K_ALPN:
		if (svcb_alpn(t, v))
			return true;
		odd(m, NJ_DNS_ODD_SVCB_ALPN);
		return false;
	case K_PORT:
		if (v.len != 2) {
			odd(m, NJ_DNS_ODD_SVCB_PORT);
			return false;
		}
		nj_dns_text_u32(t, (uint32_t)v.data[0] << 8 | v.data[1]);
		return true;
	case K_IPV4HINT:
		return svcb_addrs(t, v, 4);
	case K_IPV6HINT:
		return svcb_addrs(t, v, 16);
	case K_DOHPATH:
		nj_dns_text_view(t, v);
		return true;
	case K_MANDATORY:
		nj_dns_text_hex(t, v);
		return true;
	}
	nj_dns_text_u32(t, (uint32_t)v.len);
	return true;
}

bool
nj_dns_svcb_text(
	struct nj_dns_msg *m, const struct nj_dns_rr *rr, struct nj_view *text)
{
	struct nj_cur c = nj_cur(nj_sub(m->raw, rr->data, rr->len));
	uint16_t priority = nj_cur_u16(&c);
	uint32_t at = rr->data + 2, end = rr->data + rr->len;
	struct nj_view target = { 0 };
	struct nj_dns_text t;
	bool sound = true;

	*text = (struct nj_view){ 0 };
	if (c.bad)
		return false;
	(void)nj_dns_name(m, &at, end, &target);
	t = nj_dns_text_begin(m->room);
	nj_dns_text_str(&t, rr->type == NJ_DNS_SVCB ? "SVCB " : "HTTPS ");
	nj_dns_text_u32(&t, priority);
	nj_dns_text_str(&t, " ");
	nj_dns_text_view(&t, target.len ? target : NJ_LIT("."));
	c = nj_cur(nj_sub(m->raw, at, end - at));
	while (sound && nj_cur_left(&c)) {
		uint16_t key = nj_cur_u16(&c), n = nj_cur_u16(&c);
		struct nj_view v = nj_cur_take(&c, n);

		if (c.bad) {
			odd(m, NJ_DNS_ODD_SVCB_LENGTH);
			sound = false;
		} else {
			sound = svcb_param(m, &t, key, v);
		}
	}
	*text = nj_dns_text_end(&t);
	return sound;
}
