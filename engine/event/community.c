/*
 * community.c - the community id: which end comes first, and the hash.
 */
#include "engine/event/community.h"

#include "engine/crypt/base64.h"
#include "engine/crypt/hash.h"

enum { ICMP = 1, ICMP6 = 58 };

static const uint8_t icmp4_pairs[][2] = { { 8, 0 }, { 13, 14 }, { 15, 16 },
	{ 10, 9 }, { 17, 18 } };
static const uint8_t icmp6_pairs[][2] = { { 128, 129 }, { 133, 134 },
	{ 135, 136 }, { 130, 131 }, { 139, 140 }, { 144, 145 } };

int
nj_icmp_counterpart(unsigned type, bool v6)
{
	const uint8_t(*pairs)[2] = v6 ? icmp6_pairs : icmp4_pairs;
	size_t n = v6 ? nj_countof(icmp6_pairs) : nj_countof(icmp4_pairs);

	for (size_t i = 0; i < n; i++) {
		if (pairs[i][0] == type)
			return pairs[i][1];
		if (pairs[i][1] == type)
			return pairs[i][0];
	}
	return -1;
}

/* Whether the responder's end comes first. What nobody answers has just one
 * direction, in which it stays. */
static bool
responder_first(const struct nj_head *h, size_t n)
{
	int order = memcmp(h->orig.bytes, h->resp.bytes, n);
	bool icmp = h->ip_proto == ICMP || h->ip_proto == ICMP6;

	if (icmp && nj_icmp_counterpart(h->orig_p, h->ip_proto == ICMP6) < 0)
		return false;
	return order > 0 || (!order && h->orig_p > h->resp_p);
}

size_t
nj_community_id(
	const struct nj_head *head, bool ports, char out[NJ_COMMUNITY_TEXT])
{
	size_t n = head->orig.family == 4 ? 4 : 16;
	uint8_t bytes[2 + 32 + 2 + 4] = { 0 }, sum[NJ_SHA1_BYTES];
	const struct nj_addr *addr[2] = { &head->orig, &head->resp };
	const uint16_t port[2] = { head->orig_p, head->resp_p };
	uint8_t *p = bytes + 2;
	unsigned first;

	if (!head->ip_proto || !head->orig.family ||
		head->orig.family != head->resp.family)
		return 0;
	first = responder_first(head, n);
	memcpy(p, addr[first]->bytes, n);
	memcpy(p + n, addr[!first]->bytes, n);
	p += 2 * n;
	*p = head->ip_proto;
	p += 2;
	for (unsigned i = 0; ports && i < 2; i++, p += 2) {
		p[0] = (uint8_t)(port[i ^ first] >> 8);
		p[1] = (uint8_t)port[i ^ first];
	}
	nj_sha1((struct nj_view){ bytes, (size_t)(p - bytes) }, sum);
	memcpy(out, "1:", 2);
	return 2 +
	       nj_base64_encode((struct nj_view){ sum, sizeof(sum) }, out + 2);
}
