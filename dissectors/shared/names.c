/*
 * names.c - the checks of names.h, each by the protocol's own specification.
 */
#include "dissectors/shared/names.h"

#include "engine/base/cur.h"

static bool
has_port(const struct nj_dctx *d, uint16_t port)
{
	return nj_port_of(d, NJ_RESP) == port || nj_port_of(d, NJ_ORIG) == port;
}

static bool
has(struct nj_view v, const char *text)
{
	return nj_view_find(nj_sub(v, 0, NJ_DETECT_BYTES), nj_str(text)) !=
	       SIZE_MAX;
}

bool
nj_names_bytes12(const struct nj_dctx *d, struct nj_view v)
{
	(void)d;
	return v.len == 12;
}

bool
nj_names_bytes24(const struct nj_dctx *d, struct nj_view v)
{
	(void)d;
	return v.len == 24;
}

bool
nj_names_collectd(const struct nj_dctx *d, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	unsigned parts = 0;

	while (nj_cur_left(&c)) {
		uint16_t type = nj_cur_u16(&c), len = nj_cur_u16(&c);

		/* Encrypted: one part that is all there is. */
		if (type == 0x0210)
			return len == v.len && has_port(d, 25826);
		if (len < 5 || (type > 0x0101 && type != 0x0200))
			return false;
		nj_cur_skip(&c, len - 4u);
		parts++;
	}
	return !c.bad && parts >= 3;
}

bool
nj_names_diameter(const struct nj_dctx *d, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	uint32_t len, avp;

	(void)d;
	nj_cur_skip(&c, 1);
	len = nj_cur_u24(&c);
	nj_cur_skip(&c, 16 + 4);
	/* Of a first AVP only three bits of flags may be set. */
	if (nj_cur_u8(&c) & 0x1f)
		return false;
	avp = nj_cur_u24(&c);
	return !c.bad && len % 4 == 0 && len >= 28 && avp >= 8 &&
	       avp <= len - 20;
}

bool
nj_names_dropbox(const struct nj_dctx *d, struct nj_view v)
{
	(void)d;
	return has(v, "\"host_int\":");
}

/* EIP-8: two bytes of length, a public key, and nothing follows before the
 * other side has answered. */
bool
nj_names_ethereum_hello(const struct nj_dctx *d, struct nj_view v)
{
	size_t len = v.len < 3 ? 0 : (size_t)v.data[0] << 8 | v.data[1];

	if (len < 300 || len > 800 || v.len < len + 2)
		return false;
	return v.len == len + 2 || has_port(d, 30303);
}

bool
nj_names_ethereum_udp(const struct nj_dctx *d, struct nj_view v)
{
	struct nj_cur c = nj_cur(nj_sub(v, 98, v.len));
	uint8_t first = nj_cur_u8(&c);
	uint64_t len = first - 0xc0u;

	(void)d;
	if (first > 0xf7) {
		len = 0;
		for (unsigned i = first - 0xf7u; i; i--)
			len = len << 8 | nj_cur_u8(&c);
	}
	return !c.bad && first >= 0xc0 && len >= 8 && len == nj_cur_left(&c);
}

bool
nj_names_gnutella(const struct nj_dctx *d, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	unsigned life;

	(void)d;
	nj_cur_skip(&c, 17);
	life = nj_cur_u8(&c);
	life += nj_cur_u8(&c);
	return nj_cur_le32(&c) == nj_cur_left(&c) && !c.bad && life <= 16;
}

bool
nj_names_json_mining(const struct nj_dctx *d, struct nj_view v)
{
	(void)d;
	if (!has(v, "\"method\""))
		return false;
	return has(v, "\"mining.") || has(v, "\"eth_submitLogin\"") ||
	       has(v, "\"eth_getWork\"") || has(v, "\"eth_submitWork\"") ||
	       (has(v, "\"login\"") && has(v, "\"params\"") &&
		       has(v, "\"agent\"") && has(v, "\"pass\""));
}

bool
nj_names_json_rpc(const struct nj_dctx *d, struct nj_view v)
{
	(void)d;
	return (has(v, "\"jsonrpc\":\"2.0\"") ||
		       has(v, "\"jsonrpc\": \"2.0\"")) &&
	       (has(v, "\"method\"") || has(v, "\"result\"") ||
		       has(v, "\"error\""));
}

/* The reliable transport of registrations (draft-ietf-lisp-map-server-
 * reliable-transport): type, length, identifier, data, end marker. */
bool
nj_names_lisp(const struct nj_dctx *d, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	uint16_t len;

	(void)d;
	nj_cur_skip(&c, 2);
	len = nj_cur_u16(&c);
	if (len < 12)
		return false;
	if (v.len < len)
		return len < 4096;
	nj_cur_skip(&c, len - 8u);
	return nj_cur_u32(&c) == 0x9facade9;
}

/* The first line, without its end, which may be CR, LF or both; empty when it
 * has none, or is no text. */
static struct nj_view
text_line(struct nj_view v)
{
	for (size_t n = 0; n < nj_min(v.len, (size_t)NJ_DETECT_BYTES); n++) {
		if (v.data[n] == '\r' || v.data[n] == '\n')
			return nj_sub(v, 0, n);
		if (v.data[n] < ' ' || v.data[n] == 0x7f)
			break;
	}
	return (struct nj_view){ 0 };
}

bool
nj_names_line(const struct nj_dctx *d, struct nj_view v)
{
	(void)d;
	return text_line(v).len != 0;
}

bool
nj_names_long(const struct nj_dctx *d, struct nj_view v)
{
	(void)d;
	return v.len >= NJ_DETECT_BYTES;
}

bool
nj_names_mgcp(const struct nj_dctx *d, struct nj_view v)
{
	struct nj_view line = text_line(v);
	size_t at = nj_view_find(line, NJ_LIT(" MGCP "));

	(void)d;
	return at != SIZE_MAX && line.len >= at + 9 && line.data[at + 7] == '.';
}

bool
nj_names_nntp(const struct nj_dctx *d, struct nj_view v)
{
	struct nj_view line = text_line(v);

	(void)d;
	return nj_view_find(line, NJ_LIT("NNTP")) != SIZE_MAX ||
	       nj_view_find(line, NJ_LIT("nntp")) != SIZE_MAX ||
	       nj_view_find(line, NJ_LIT("InterNetNews")) != SIZE_MAX;
}

bool
nj_names_nat_pmp(const struct nj_dctx *d, struct nj_view v)
{
	(void)d;
	switch (v.data[1]) {
	case 0:
		return v.len == 2;
	case 1:
	case 2:
		return v.len == 12;
	case 0x80:
		return v.len == 12 || v.len == 8;
	default:
		return v.len == 16 || v.len == 8;
	}
}

bool
nj_names_netflow5(const struct nj_dctx *d, struct nj_view v)
{
	(void)d;
	return v.len == 24 + 48u * v.data[3];
}

/* Version 9 counts records, IPFIX bytes; sets are the same in both. */
bool
nj_names_netflow9(const struct nj_dctx *d, struct nj_view v)
{
	bool nine = v.data[1] == 9;
	struct nj_cur c = nj_cur(v);
	unsigned sets = 0;

	(void)d;
	nj_cur_skip(&c, nine ? 20 : 16);
	while (nj_cur_left(&c) >= 4) {
		uint16_t id = nj_cur_u16(&c), len = nj_cur_u16(&c);

		if (len < 4 || (id > 3 && id < 256) ||
			(nine && id > 1 && id < 256) || (!nine && id < 2))
			return false;
		nj_cur_skip(&c, len - 4u);
		sets++;
	}
	return !c.bad && sets;
}

bool
nj_names_pcp(const struct nj_dctx *d, struct nj_view v)
{
	(void)d;
	return v.len >= 24 && v.len <= 1100 && v.len % 4 == 0;
}

/* Over IPv6 two bytes of padding follow (annex E). */
bool
nj_names_ptp(const struct nj_dctx *d, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	uint16_t len;

	(void)d;
	nj_cur_skip(&c, 2);
	len = nj_cur_u16(&c);
	return !c.bad && len >= 34 && len <= v.len && v.len - len <= 4;
}

static bool
is_tag(uint32_t tag)
{
	return tag == 0x4e4f4e43 /* NONC */ || tag == 0x53494700 /* SIG */ ||
	       tag == 0x53524550 /* SREP */;
}

bool
nj_names_roughtime(const struct nj_dctx *d, struct nj_view v)
{
	bool framed = nj_view_starts(v, NJ_LIT("ROUGHTIM"));
	struct nj_cur c = nj_cur(nj_sub(v, framed ? 12 : 0, v.len));
	uint32_t tags = nj_cur_le32(&c), last = 0;
	bool known = false;

	(void)d;
	if (tags < 2 || tags > 32)
		return false;
	for (uint32_t i = 1; i < tags; i++) {
		uint32_t at = nj_cur_le32(&c);

		if (at < last || at % 4 || at > v.len)
			return false;
		last = at;
	}
	for (uint32_t i = 0; i < tags; i++)
		known |= is_tag(nj_cur_u32(&c));
	return !c.bad && known;
}

/* Epoch, connection, call, sequence, serial; type, flags, status, security
 * index, checksum, service. */
bool
nj_names_rx(const struct nj_dctx *d, struct nj_view v)
{
	uint16_t a = nj_port_of(d, NJ_ORIG), b = nj_port_of(d, NJ_RESP);
	bool known = (a >= 7000 && a <= 7009) || (b >= 7000 && b <= 7009);

	return known && v.len >= 28 && v.data[23] <= 5;
}

bool
nj_names_sflow(const struct nj_dctx *d, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	uint32_t samples, len;

	nj_cur_skip(&c, 4);
	nj_cur_skip(&c, nj_cur_u32(&c) == 1 ? 4 : 16);
	if (v.data[3] != 5)
		return has_port(d, 6343);
	nj_cur_skip(&c, 12);
	samples = nj_cur_u32(&c);
	nj_cur_skip(&c, 4);
	len = nj_cur_u32(&c);
	return !c.bad && samples && samples < 256 && len % 4 == 0 &&
	       len <= nj_cur_left(&c);
}

/* A text with its end, of at most max bytes. */
static bool
text_ends(struct nj_cur *c, size_t max)
{
	struct nj_view rest = nj_cur_rest(c);
	size_t n = nj_view_chr(nj_sub(rest, 0, max), 0);

	if (n == SIZE_MAX)
		return false;
	for (size_t i = 0; i < n; i++)
		if (rest.data[i] < ' ' || rest.data[i] > 0x7e)
			return false;
	nj_cur_skip(c, n + 1);
	return true;
}

/* A bind: system, password, type of system, version; an answer: system. */
bool
nj_names_smpp(const struct nj_dctx *d, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	uint32_t len = nj_cur_u32(&c), command = nj_cur_u32(&c);
	uint32_t status = nj_cur_u32(&c);
	uint8_t version;

	(void)d;
	nj_cur_skip(&c, 4);
	if (command & 0x80000000)
		return status < 0x500 && len <= 128 && text_ends(&c, 16);
	if (status || !text_ends(&c, 16) || !text_ends(&c, 9) ||
		!text_ends(&c, 13))
		return false;
	version = nj_cur_u8(&c);
	return !c.bad && (version <= 5 || (version >= 0x30 && version <= 0x50));
}

/* A name of a method: letters, as many as were said. */
static bool
thrift_name(struct nj_view name, size_t len)
{
	if (len < 2 || len > 96 || name.len < len)
		return false;
	for (size_t i = 0; i < len; i++) {
		uint8_t ch = name.data[i], lower = ch | 0x20;

		if (!(lower >= 'a' && lower <= 'z') &&
			!(ch >= '0' && ch <= '9') && ch != '_' && ch != ':' &&
			ch != '.')
			return false;
	}
	return true;
}

bool
nj_names_thrift(const struct nj_dctx *d, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	uint32_t len;

	(void)d;
	if (v.data[0] != 0x82) {
		nj_cur_skip(&c, v.data[0] == 0x80 ? 4 : 8);
		len = nj_cur_u32(&c);
		return thrift_name(nj_cur_rest(&c), len);
	}
	nj_cur_skip(&c, 2);
	for (unsigned i = 0; i < 5 && nj_cur_u8(&c) & 0x80; i++)
		continue;
	len = nj_cur_u8(&c);
	return thrift_name(nj_cur_rest(&c), len);
}

bool
nj_names_wsd(const struct nj_dctx *d, struct nj_view v)
{
	(void)d;
	v = nj_sub(v, 0, 1024);
	return nj_view_find(v, NJ_LIT("/ws/2005/04/discovery")) != SIZE_MAX ||
	       nj_view_find(v, NJ_LIT("/ws-dd/ns/discovery/2009/01")) !=
		       SIZE_MAX;
}

/* A tag of an initialisation: reference or not, versions, options. */
bool
nj_names_z3950(const struct nj_dctx *d, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	uint8_t len, tag;

	(void)d;
	nj_cur_skip(&c, 1);
	len = nj_cur_u8(&c);
	if (len & 0x80)
		nj_cur_skip(&c, len & 0x7f);
	tag = nj_cur_u8(&c);
	len = nj_cur_u8(&c);
	if (tag == 0x82) {
		nj_cur_skip(&c, len);
		tag = nj_cur_u8(&c);
		len = nj_cur_u8(&c);
	}
	if (tag != 0x83 || len < 2 || len > 3)
		return false;
	nj_cur_skip(&c, len);
	return nj_cur_u8(&c) == 0x84 && !c.bad;
}
