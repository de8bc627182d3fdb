/*
 * quic_packet.c - QUIC's long header and the protection of Initial packets.
 */
#include "dissectors/shared/quic_packet.h"

#include "engine/crypt/cipher.h"
#include "engine/crypt/hkdf.h"

/* Each generation of drafts has its own salt. */
static const char salt_22[] = "\x7f\xbc\xdb\x0e\x7c\x66\xbb\xe9\x19\x3a"
			      "\x96\xcd\x21\x51\x9e\xbd\x7a\x02\x64\x4a";
static const char salt_23[] = "\xc3\xee\xf7\x12\xc7\x2e\xbb\x5a\x11\xa7"
			      "\xd2\x43\x2b\xb4\x63\x65\xbe\xf9\xf5\x02";
static const char salt_29[] = "\xaf\xbf\xec\x28\x99\x93\xd2\x4c\x9e\x97"
			      "\x86\xf1\x9c\x61\x11\xe0\x43\x90\xa8\x99";
static const char salt_v1[] = "\x38\x76\x2c\xf7\xf5\x59\x34\xb3\x4d\x17"
			      "\x9a\xe6\xa4\xc8\x0c\xad\xcc\xbb\x7f\x0a";
static const char salt_v2[] = "\x0d\xed\xe3\xde\xf7\x00\xa6\xdb\x81\x93"
			      "\x81\xbe\x6e\x26\x9d\xcb\xf9\xbd\x2e\xd9";
static const char salt_q050[] = "\x50\x45\x74\xef\xd0\x66\xfe\x2f\x9d\x94"
				"\x5c\xfc\xdb\xd3\xa7\xf0\xd3\xb5\x6b\x45";
static const char salt_t050[] = "\x7f\xf5\x79\xe5\xac\xd0\x72\x91\x55\x80"
				"\x30\x4c\x43\xa2\x36\x7c\x60\x48\x83\x10";
static const char salt_t051[] = "\x7a\x4e\xde\xf4\xe7\xcc\xee\x5f\xa4\x50"
				"\x6c\x19\x12\x4f\xc8\xcc\xda\x6e\x03\x3d";

static const struct nj_quic_version versions[] = {
	{ 0x00000001, "1", salt_v1, NJ_QUIC_IETF },
	{ 0x6b3343cf, "quicv2", salt_v2, NJ_QUIC_V2 },
	{ 0xff00001d, "draft-29", salt_29, NJ_QUIC_IETF },
	{ 0xff000016, "draft-22", salt_22, NJ_QUIC_IETF },
	{ 0xff000017, "draft-23", salt_23, NJ_QUIC_IETF },
	{ 0xff000018, "draft-24", salt_23, NJ_QUIC_IETF },
	{ 0xff000019, "draft-25", salt_23, NJ_QUIC_IETF },
	{ 0xff00001a, "draft-26", salt_23, NJ_QUIC_IETF },
	{ 0xff00001b, "draft-27", salt_23, NJ_QUIC_IETF },
	{ 0xff00001c, "draft-28", salt_23, NJ_QUIC_IETF },
	{ 0xff00001e, "draft-30", salt_29, NJ_QUIC_IETF },
	{ 0xff00001f, "draft-31", salt_29, NJ_QUIC_IETF },
	{ 0xff000020, "draft-32", salt_29, NJ_QUIC_IETF },
	{ 0xff000021, "draft-33", salt_v1, NJ_QUIC_IETF },
	{ 0xff000022, "draft-34", salt_v1, NJ_QUIC_IETF },
	{ 0xfaceb001, "mvfst (faceb001)", salt_22, NJ_QUIC_IETF },
	{ 0xfaceb002, "mvfst (faceb002)", salt_23, NJ_QUIC_IETF },
	{ 0xfaceb00e, "mvfst (faceb00e)", salt_23, NJ_QUIC_IETF },
	{ 0xfaceb011, "mvfst (faceb011)", salt_23, NJ_QUIC_IETF },
	{ 0xfaceb012, "mvfst (faceb012)", salt_23, NJ_QUIC_IETF },
	{ 0xfaceb013, "mvfst (faceb013)", salt_23, NJ_QUIC_IETF },
	{ 0x54303530, "T050", salt_t050, NJ_QUIC_IETF },
	{ 0x54303531, "T051", salt_t051, NJ_QUIC_IETF },
	{ 0x51303530, "Q050", salt_q050, NJ_QUIC_Q050 },
	{ 0x51303436, "Q046", NULL, NJ_QUIC_GOOGLE },
};

const struct nj_quic_version *
nj_quic_version(uint32_t code)
{
	for (size_t i = 0; i < nj_countof(versions); i++)
		if (versions[i].code == code)
			return &versions[i];
	return NULL;
}

uint64_t
nj_quic_varint(struct nj_cur *c)
{
	uint8_t first = nj_cur_u8(c);
	uint64_t x = first & 0x3f;

	for (unsigned n = (1u << (first >> 6)) - 1; n; n--)
		x = x << 8 | nj_cur_u8(c);
	return c->bad ? 0 : x;
}

/* Version 2 turned the numbers of the types. */
static enum nj_quic_type
type_of(const struct nj_quic_version *v, uint8_t first)
{
	unsigned bits = first >> 4 & 3;

	return (enum nj_quic_type)(
		v->kind == NJ_QUIC_V2 ? (bits + 3) & 3 : bits);
}

/* Q046: both ids in one byte of lengths, the number not protected. */
static bool
google_header(struct nj_quic_header *out, struct nj_cur *c, struct nj_view v)
{
	uint8_t lens = nj_cur_u8(c);

	out->type = NJ_QUIC_INITIAL;
	out->dcid = nj_cur_take(c, lens >> 4 ? (size_t)(lens >> 4) + 3 : 0);
	out->scid = nj_cur_take(c, lens & 15 ? (size_t)(lens & 15) + 3 : 0);
	out->whole = v;
	return !c->bad;
}

bool
nj_quic_header(struct nj_quic_header *out, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	uint8_t first = nj_cur_u8(&c);
	uint64_t len;

	*out = (struct nj_quic_header){ .code = nj_cur_u32(&c) };
	out->version = nj_quic_version(out->code);
	if (c.bad || !(first & 0x80))
		return false;
	if (out->version && out->version->kind == NJ_QUIC_GOOGLE)
		return google_header(out, &c, v);
	out->dcid = nj_cur_take(&c, nj_cur_u8(&c));
	out->scid = nj_cur_take(&c, nj_cur_u8(&c));
	if (c.bad)
		return false;
	out->whole = v;
	if (!out->version) {
		out->type = out->code ? NJ_QUIC_UNKNOWN : NJ_QUIC_NEGOTIATION;
		return true;
	}
	if (out->dcid.len > NJ_QUIC_CID_MAX || out->scid.len > NJ_QUIC_CID_MAX)
		return false;
	out->type = type_of(out->version, first);
	if (out->type == NJ_QUIC_RETRY)
		return true;
	if (out->type == NJ_QUIC_INITIAL) {
		len = nj_quic_varint(&c); /* of the token */
		if (len > nj_cur_left(&c))
			return false;
		nj_cur_skip(&c, (size_t)len);
	}
	len = nj_quic_varint(&c);
	if (c.bad || len > nj_cur_left(&c))
		return false;
	out->pn_at = (size_t)(c.at - v.data);
	out->whole = nj_sub(v, 0, out->pn_at + (size_t)len);
	return true;
}

void
nj_quic_keys(struct nj_quic_keys *out, const struct nj_quic_version *v,
	struct nj_view dcid, bool client)
{
	bool v2 = v->kind == NJ_QUIC_V2;
	uint8_t initial[NJ_SHA256_BYTES], secret[NJ_SHA256_BYTES];

	nj_hkdf_extract((struct nj_view){ (const uint8_t *)v->salt, 20 }, dcid,
		initial);
	nj_hkdf_expand_label(initial, client ? "client in" : "server in",
		secret, sizeof(secret));
	nj_hkdf_expand_label(secret, v2 ? "quicv2 key" : "quic key", out->key,
		sizeof(out->key));
	nj_hkdf_expand_label(
		secret, v2 ? "quicv2 iv" : "quic iv", out->iv, sizeof(out->iv));
	nj_hkdf_expand_label(
		secret, v2 ? "quicv2 hp" : "quic hp", out->hp, sizeof(out->hp));
}

bool
nj_quic_open(const struct nj_quic_keys *keys, const struct nj_quic_header *h,
	uint8_t buf[NJ_QUIC_PACKET_MAX], struct nj_view *out)
{
	size_t len = h->whole.len, at = h->pn_at, pn_len;
	struct nj_aead a = { .key = keys->key };
	uint8_t mask[16];

	/* The sample lies where the longest number would end. */
	if (len > NJ_QUIC_PACKET_MAX || at + 4 + 16 > len)
		return false;
	memcpy(buf, h->whole.data, len);
	if (!nj_aes128_block(keys->hp, buf + at + 4, mask))
		return false;
	buf[0] ^= mask[0] & 0x0f;
	pn_len = (buf[0] & 3u) + 1;
	memcpy(a.nonce, keys->iv, sizeof(a.nonce));
	for (size_t i = 0; i < pn_len; i++) {
		buf[at + i] ^= mask[1 + i];
		a.nonce[sizeof(a.nonce) - pn_len + i] ^= buf[at + i];
	}
	at += pn_len;
	a.aad = (struct nj_view){ buf, at };
	a.text = (struct nj_view){ buf + at, len - at };
	if (len - at < NJ_AEAD_TAG || !nj_aes128_gcm_open(&a, buf + at))
		return false;
	*out = (struct nj_view){ buf + at, len - at - NJ_AEAD_TAG };
	return true;
}

bool
nj_quic_chlo(struct nj_quic_chlo *out, struct nj_view v)
{
	/* Header, authentication hash and frame header are in front. */
	size_t at = nj_view_find(nj_sub(v, 0, 128), NJ_LIT("CHLO"));
	struct nj_cur tags;
	struct nj_view values;
	uint32_t from = 0, count;

	*out = (struct nj_quic_chlo){ 0 };
	if (at == SIZE_MAX)
		return false;
	tags = nj_cur(nj_sub(v, at + 4, v.len));
	count = nj_cur_le16(&tags);
	nj_cur_skip(&tags, 2);
	values = nj_sub(nj_cur_rest(&tags), (size_t)count * 8, v.len);
	for (uint32_t i = 0; i < count; i++) {
		uint32_t tag = nj_cur_u32(&tags), to = nj_cur_le32(&tags);
		struct nj_view value;

		if (tags.bad || to < from || to > values.len)
			break;
		value = nj_sub(values, from, to - from);
		from = to;
		if (tag == 0x534e4900) /* SNI */
			out->server_name = value;
		else if (tag == 0x55414944) /* UAID */
			out->user_agent = value;
	}
	return true;
}
