/*
 * dns_rr.c - the data of resource records as text, in the words of Zeek's dns
 * log: an address, a name, or "TYPE what matters of it". RFC 1035, 1876
 * (LOC), 2782 (SRV), 3403 (NAPTR), 4034 and 5155 (DNSSEC), 4255 (SSHFP), 6891
 * (EDNS), 7830, 7871, 7873, 8659 (CAA), 8914, 9460 (SVCB).
 */
#include "dissectors/shared/dns_msg.h"

enum {
	T_NS = 2,
	T_CNAME = 5,
	T_SOA = 6,
	T_WKS = 11,
	T_PTR = 12,
	T_HINFO = 13,
	T_MX = 15,
	T_TXT = 16,
	T_AAAA = 28,
	T_LOC = 29,
	T_NAPTR = 35,
	T_A6 = 38,
	T_DS = 43,
	T_SSHFP = 44,
	T_RRSIG = 46,
	T_NSEC = 47,
	T_DNSKEY = 48,
	T_NSEC3 = 50,
	T_NSEC3PARAM = 51,
	T_SPF = 99,
	T_TKEY = 249,
	T_TSIG = 250,
	T_CAA = 257,
	T_BIND_SIGNING = 65534
};

static void
odd(struct nj_dns_msg *m, enum nj_dns_odd what)
{
	m->odd |= UINT32_C(1) << what;
}

static struct nj_view
rr_data(const struct nj_dns_msg *m, const struct nj_dns_rr *rr)
{
	return nj_sub(m->raw, rr->data, rr->len);
}

/* The name that begins skip bytes into the data; whole: it must end there. */
static struct nj_view
rr_name(struct nj_dns_msg *m, const struct nj_dns_rr *rr, uint32_t skip,
	bool whole)
{
	uint32_t at = rr->data + skip, end = rr->data + rr->len;
	struct nj_view v = { 0 };

	if (skip > rr->len) {
		odd(m, NJ_DNS_ODD_RR_MISMATCH);
		return v;
	}
	(void)nj_dns_name(m, &at, end, &v);
	if (whole && at != end)
		odd(m, NJ_DNS_ODD_RR_MISMATCH);
	return v;
}

static enum nj_dns_tells
tell_addr(
	struct nj_dns_msg *m, const struct nj_dns_rr *rr, struct nj_view *text)
{
	struct nj_view v = rr_data(m, rr);
	struct nj_dns_text t = nj_dns_text_begin(m->room);
	bool v4 = rr->type == NJ_DNS_A;

	/* An A6 record (RFC 6563: historic) holds a whole address only with a
	 * prefix length of 0. */
	if (rr->type == T_A6 && v.len == 17 && v.data[0] == 0)
		v = nj_sub(v, 1, 16);
	if (v.len != (v4 ? 4u : 16u)) {
		odd(m, NJ_DNS_ODD_RR_LENGTH);
		return NJ_DNS_TELLS_FAULT;
	}
	nj_dns_text_addr(&t, v4 ? nj_addr4(v.data) : nj_addr6(v.data));
	*text = nj_dns_text_end(&t);
	return NJ_DNS_TELLS_TEXT;
}

/* "TXT 5 hello TXT 3 abc" */
static enum nj_dns_tells
tell_strings(struct nj_dns_msg *m, const struct nj_dns_rr *rr, const char *word,
	struct nj_view *text)
{
	struct nj_cur c = nj_cur(rr_data(m, rr));
	struct nj_dns_text t = nj_dns_text_begin(m->room);
	bool first = true;

	while (nj_cur_left(&c)) {
		uint8_t n = nj_cur_u8(&c);
		struct nj_view s = nj_cur_take(&c, n);

		if (c.bad) {
			odd(m, NJ_DNS_ODD_STRING);
			break;
		}
		if (!first)
			nj_dns_text_str(&t, " ");
		first = false;
		nj_dns_text_str(&t, word);
		nj_dns_text_u32(&t, n);
		nj_dns_text_str(&t, " ");
		nj_dns_text_view(&t, s);
	}
	*text = nj_dns_text_end(&t);
	return NJ_DNS_TELLS_TEXT;
}

static enum nj_dns_tells
tell_naptr(
	struct nj_dns_msg *m, const struct nj_dns_rr *rr, struct nj_view *text)
{
	struct nj_cur c = nj_cur(rr_data(m, rr));
	uint16_t order = nj_cur_u16(&c), preference = nj_cur_u16(&c);
	struct nj_view part[4], name;
	struct nj_dns_text t;

	for (unsigned i = 0; i < 3; i++) /* flags, service, regexp */
		part[i] = nj_cur_take(&c, nj_cur_u8(&c));
	if (c.bad) {
		odd(m, NJ_DNS_ODD_RR_MISMATCH);
		return NJ_DNS_TELLS_FAULT;
	}
	name = rr_name(m, rr, rr->len - (uint32_t)nj_cur_left(&c), true);
	part[3] = name;
	t = nj_dns_text_begin(m->room);
	nj_dns_text_str(&t, "NAPTR ");
	nj_dns_text_u32(&t, order);
	nj_dns_text_str(&t, " ");
	nj_dns_text_u32(&t, preference);
	for (unsigned i = 0; i < 4; i++) {
		if (part[i].len == 0)
			continue;
		nj_dns_text_str(&t, " ");
		nj_dns_text_view(&t, part[i]);
	}
	*text = nj_dns_text_end(&t);
	return NJ_DNS_TELLS_TEXT;
}

static enum nj_dns_tells
tell_caa(struct nj_dns_msg *m, const struct nj_dns_rr *rr, struct nj_view *text)
{
	struct nj_cur c = nj_cur(rr_data(m, rr));
	uint8_t flags = nj_cur_u8(&c);
	struct nj_view tag = nj_cur_take(&c, nj_cur_u8(&c));
	struct nj_dns_text t = nj_dns_text_begin(m->room);

	if (c.bad) {
		odd(m, NJ_DNS_ODD_CAA);
		return NJ_DNS_TELLS_FAULT;
	}
	nj_dns_text_str(&t, "CAA ");
	nj_dns_text_u32(&t, flags);
	nj_dns_text_str(&t, " ");
	nj_dns_text_view(&t, tag);
	nj_dns_text_str(&t, " ");
	nj_dns_text_view(&t, nj_cur_rest(&c));
	*text = nj_dns_text_end(&t);
	return NJ_DNS_TELLS_TEXT;
}

/* "WORD n n ..." of single bytes of the data. */
static struct nj_view
words(struct nj_dns_msg *m, const char *word, const uint8_t *bytes, unsigned n)
{
	struct nj_dns_text t = nj_dns_text_begin(m->room);

	nj_dns_text_str(&t, word);
	for (unsigned i = 0; i < n; i++) {
		nj_dns_text_str(&t, " ");
		nj_dns_text_u32(&t, bytes[i]);
	}
	return nj_dns_text_end(&t);
}

static struct nj_view
rrsig_text(struct nj_dns_msg *m, const struct nj_dns_rr *rr, struct nj_view v)
{
	struct nj_view signer = rr_name(m, rr, 18, false);
	struct nj_dns_text t = nj_dns_text_begin(m->room);

	nj_dns_text_str(&t, "RRSIG ");
	nj_dns_text_u32(&t, (uint32_t)v.data[0] << 8 | v.data[1]);
	nj_dns_text_str(&t, " ");
	nj_dns_text_view(&t, signer.len ? signer : NJ_LIT("<Root>"));
	return nj_dns_text_end(&t);
}

static struct nj_view
nsec_text(struct nj_dns_msg *m, const struct nj_dns_rr *rr)
{
	struct nj_view next = rr_name(m, rr, 0, false);
	struct nj_view owner = nj_dns_name_at(m, rr->name);
	struct nj_dns_text t = nj_dns_text_begin(m->room);

	nj_dns_text_str(&t, "NSEC ");
	nj_dns_text_view(&t, owner);
	nj_dns_text_str(&t, " ");
	nj_dns_text_view(&t, next);
	return nj_dns_text_end(&t);
}

static struct nj_view
sshfp_text(struct nj_dns_msg *m, struct nj_view v)
{
	struct nj_dns_text t = nj_dns_text_begin(m->room);

	nj_dns_text_str(&t, "SSHFP: ");
	nj_dns_text_hex(&t, nj_sub(v, 2, v.len));
	return nj_dns_text_end(&t);
}

/* DNSSEC and the like: a fixed part that must be there, and a few words. */
static enum nj_dns_tells
tell_fixed(
	struct nj_dns_msg *m, const struct nj_dns_rr *rr, struct nj_view *text)
{
	static const struct {
		uint16_t type;
		uint8_t least;
	} sizes[] = { { T_RRSIG, 18 }, { T_DNSKEY, 4 }, { T_DS, 4 },
		{ T_NSEC3, 6 }, { T_NSEC3PARAM, 5 }, { T_LOC, 16 },
		{ T_SSHFP, 2 }, { T_BIND_SIGNING, 5 } };
	struct nj_view v = rr_data(m, rr);

	for (unsigned i = 0; i < nj_countof(sizes); i++)
		if (sizes[i].type == rr->type && v.len < sizes[i].least)
			return NJ_DNS_TELLS_FAULT;
	switch (rr->type) {
	case T_RRSIG:
		*text = rrsig_text(m, rr, v);
		break;
	case T_DNSKEY:
		*text = words(m, "DNSKEY", v.data + 3, 1);
		break;
	case T_DS:
		*text = words(m, "DS", v.data + 2, 2);
		break;
	case T_NSEC:
		*text = nsec_text(m, rr);
		break;
	case T_NSEC3:
		*text = NJ_LIT("NSEC3");
		break;
	case T_NSEC3PARAM:
		*text = NJ_LIT("NSEC3PARAM");
		break;
	case T_LOC:
		*text = words(m, "LOC: ", v.data + 1, 3);
		break;
	case T_SSHFP:
		*text = sshfp_text(m, v);
		break;
	default:
		*text = NJ_LIT("BIND9 signing signal");
		break;
	}
	return NJ_DNS_TELLS_TEXT;
}

static enum nj_dns_tells
tell_unknown(
	struct nj_dns_msg *m, const struct nj_dns_rr *rr, struct nj_view *text)
{
	struct nj_dns_text t = nj_dns_text_begin(m->room);

	if (!(m->odd >> NJ_DNS_ODD_RR_UNKNOWN & 1))
		m->odd_type = rr->type;
	odd(m, NJ_DNS_ODD_RR_UNKNOWN);
	nj_dns_text_str(&t, "<unknown type=");
	nj_dns_text_u32(&t, rr->type);
	nj_dns_text_str(&t, ">");
	*text = nj_dns_text_end(&t);
	return NJ_DNS_TELLS_TEXT;
}

static enum nj_dns_tells
tell_name(struct nj_dns_msg *m, const struct nj_dns_rr *rr, uint32_t skip,
	struct nj_view *text)
{
	*text = rr_name(m, rr, skip, true);
	return NJ_DNS_TELLS_TEXT;
}

static enum nj_dns_tells
tell_soa(struct nj_dns_msg *m, const struct nj_dns_rr *rr, struct nj_view *text)
{
	uint32_t at = rr->data, end = rr->data + rr->len;

	(void)nj_dns_name(m, &at, end, text);
	(void)nj_dns_name(m, &at, end, NULL);
	if (end - at < 20)
		return NJ_DNS_TELLS_FAULT;
	if (end - at > 20)
		odd(m, NJ_DNS_ODD_RR_MISMATCH);
	return NJ_DNS_TELLS_TEXT;
}

enum nj_dns_tells
nj_dns_rr_text(
	struct nj_dns_msg *m, const struct nj_dns_rr *rr, struct nj_view *text)
{
	*text = (struct nj_view){ 0 };
	switch (rr->type) {
	case NJ_DNS_A:
	case T_AAAA:
	case T_A6:
		return tell_addr(m, rr, text);
	case T_NS:
	case T_CNAME:
	case T_PTR:
		return tell_name(m, rr, 0, text);
	case T_MX:
		return tell_name(m, rr, 2, text);
	case NJ_DNS_SRV:
		/* In the name service this number is a node's status. */
		return m->nbns ? NJ_DNS_TELLS_NOTHING
			       : tell_name(m, rr, 6, text);
	case T_SOA:
		return tell_soa(m, rr, text);
	case T_TXT:
		return tell_strings(m, rr, "TXT ", text);
	case T_SPF:
		return tell_strings(m, rr, "SPF ", text);
	case T_CAA:
		return tell_caa(m, rr, text);
	case T_NAPTR:
		return tell_naptr(m, rr, text);
	case T_RRSIG:
	case T_DNSKEY:
	case T_DS:
	case T_NSEC:
	case T_NSEC3:
	case T_NSEC3PARAM:
	case T_LOC:
	case T_SSHFP:
	case T_BIND_SIGNING:
		return tell_fixed(m, rr, text);
	case T_WKS:
	case T_HINFO:
	case NJ_DNS_NB:
	case NJ_DNS_OPT:
	case NJ_DNS_SVCB:
	case NJ_DNS_HTTPS:
	case T_TKEY:
	case T_TSIG:
		return NJ_DNS_TELLS_NOTHING;
	}
	return tell_unknown(m, rr, text);
}
