/*
 * segment.c - columns read back from parts. Stored bytes may be corrupt, on
 * purpose too: a checksum comes first, then every length and code is held
 * against what the header says.
 */
#include "engine/base/crc.h"
#include "engine/event/community.h"
#include "engine/store/bloom_priv.h"
#include "engine/store/read_priv.h"

/* A part's bytes behind its checksum. held is to be let go. */
static enum nj_err
part_get(const struct nj_seg_source *from, uint8_t part, struct nj_cur *in,
	void **held)
{
	struct nj_view v = { 0 };
	enum nj_err err;
	uint32_t crc;

	*held = NULL;
	err = from->get(from->ctx, part, &v, held);
	if (err)
		return err;
	*in = nj_cur(v);
	crc = nj_cur_le32(in);
	if (!in->bad && crc == nj_crc32c(0, in->at, nj_cur_left(in)))
		return NJ_OK;
	from->let_go(*held);
	return NJ_E_FORMAT;
}

/* ---- Presence ---- */

static bool
read_presence(struct nj_decoder *d, struct nj_column *out, uint32_t present)
{
	size_t bytes = ((size_t)out->rows + 7) / 8, words = bytes / 8 + 1;
	uint8_t some = nj_cur_u8(&d->in);
	const uint8_t *from;
	uint64_t *bits;
	uint32_t count = 0;

	if (!some)
		return (!d->in.bad && present == out->rows) ||
		       nj_decoder_bad(d);
	from = nj_zip_get(d, bytes);
	bits = from ? nj_decoder_room(d, words, sizeof(*bits)) : NULL;
	if (!bits)
		return false;
	bits[words - 1] = 0;
	memcpy(bits, from, bytes);
	if (out->rows % 64)
		bits[out->rows / 64] &= (UINT64_C(1) << out->rows % 64) - 1;
	for (size_t i = 0; i < words; i++)
		count += (uint32_t)__builtin_popcountll(bits[i]);
	out->present = bits;
	return count == present || nj_decoder_bad(d);
}

/* Moves values of rows that have one to where their rows are, and puts 0 to
 * the others: from the end, so that none is lost. Where nearly all have one,
 * they go in stretches of those that follow on each other. */
struct stretch {
	uint32_t rows; /* to the next change, within a word of bits */
	bool has;
};
static struct stretch
stretch_before(const uint64_t *present, uint32_t end)
{
	uint32_t left = (end - 1) % 64 + 1;
	uint64_t bits = present[(end - 1) / 64] << (64 - left);
	bool has = bits >> 63;
	uint64_t change = has ? ~bits : bits;
	uint32_t same = change ? (uint32_t)__builtin_clzll(change) : 64;

	return (struct stretch){ nj_min(same, left), has };
}

#define SPREAD(name, word)                                                     \
	static void name##_dense(                                              \
		word *v, const struct nj_column *c, uint32_t n)                \
	{                                                                      \
		for (uint32_t i = c->rows; i > n;) {                           \
			struct stretch s = stretch_before(c->present, i);      \
                                                                               \
			i -= s.rows;                                           \
			if (!s.has) {                                          \
				memset(v + i, 0, s.rows * sizeof(*v));         \
				continue;                                      \
			}                                                      \
			n -= s.rows;                                           \
			memmove(v + i, v + n, s.rows * sizeof(*v));            \
		}                                                              \
	}                                                                      \
	static void name(word *v, const struct nj_column *c, uint32_t n)       \
	{                                                                      \
		if (n > c->rows - c->rows / 8) {                               \
			name##_dense(v, c, n);                                 \
			return;                                                \
		}                                                              \
		for (uint32_t i = c->rows; i--;) {                             \
			word has = c->present[i / 64] >> i % 64 & 1;           \
                                                                               \
			n -= (uint32_t)has;                                    \
			v[i] = v[n] & (word)(0 - has);                         \
		}                                                              \
	}
SPREAD(spread64, uint64_t)
SPREAD(spread32, uint32_t)

/* ---- Values ---- */

static uint64_t *
read_numbers(struct nj_decoder *d, uint32_t n, uint32_t room)
{
	uint64_t *u = nj_decoder_room(d, room, sizeof(*u));

	return u && nj_ints_get(d, (struct nj_ints_to){ .u = u }, n) ? u : NULL;
}

/* Codes below limit. */
static uint32_t *
read_codes(struct nj_decoder *d, uint32_t n, uint32_t room, uint32_t limit)
{
	uint32_t *code = nj_decoder_room(d, (size_t)room + 1, sizeof(*code));
	uint32_t most = 0;

	if (!code || !nj_ints_get(d, (struct nj_ints_to){ .code = code }, n))
		return NULL;
	for (uint32_t i = 0; i < n; i++)
		most = code[i] > most ? code[i] : most;
	if (n && most >= limit) {
		(void)nj_decoder_bad(d);
		return NULL;
	}
	return code;
}

/* Counts of elements to places; gives false when they are too many. */
static bool
read_places(struct nj_decoder *d, struct nj_column *out, uint32_t present)
{
	uint32_t *first = read_codes(d, present, out->rows, UINT32_MAX);
	uint64_t sum = 0;

	if (!first)
		return false;
	if (out->present)
		spread32(first, out, present);
	for (uint32_t i = 0; i < out->rows; i++) {
		uint32_t count = first[i];

		first[i] = (uint32_t)sum;
		sum += count;
		if (sum > NJ_SEG_ELEMS_MAX)
			return nj_decoder_bad(d);
	}
	first[out->rows] = (uint32_t)sum;
	out->first = first;
	out->n = (uint32_t)sum;
	return true;
}

static bool
read_values(struct nj_decoder *d, struct nj_column *out, bool codes,
	uint32_t present)
{
	uint32_t n = out->first ? out->n : present, *code;
	uint32_t room = out->first ? n : out->rows;
	uint64_t *u;

	if (codes) {
		out->code = code = read_codes(d, n, room, out->dict.n);
		if (!code)
			return false;
		if (out->present && !out->first)
			spread32(code, out, n);
		return true;
	}
	out->u = u = read_numbers(d, n, room);
	if (!u)
		return false;
	if (out->present && !out->first)
		spread64(u, out, n);
	return true;
}

static bool
read_uids(struct nj_decoder *d, struct nj_column *out, uint32_t present)
{
	const uint8_t *from = nj_zip_get(d, NJ_SEG_UID_KEY * (size_t)present);
	uint64_t *high = nj_decoder_room(d, out->rows, sizeof(*high));
	uint32_t *low = nj_decoder_room(d, out->rows, sizeof(*low));

	if (!from || !high || !low)
		return false;
	for (uint32_t i = 0; i < present; i++, from += NJ_SEG_UID_KEY) {
		memcpy(&high[i], from, sizeof(*high));
		memcpy(&low[i], from + sizeof(*high), sizeof(*low));
	}
	if (out->present) {
		spread64(high, out, present);
		spread32(low, out, present);
	}
	out->u = high;
	out->code = low;
	return true;
}

static bool
read_column(struct nj_decoder *d, struct nj_column *out,
	const struct nj_seg_column *c)
{
	enum nj_seg_kind kind = nj_seg_kind(c->id, c->type);
	bool codes = kind == NJ_SEG_CODE || kind == NJ_SEG_CODES;

	if (nj_cur_u8(&d->in) != (c->derived ? NJ_SEG_DERIVED : NJ_SEG_PLAIN))
		return nj_decoder_bad(d);
	if (c->derived)
		return c->type == NJ_T_STR ? read_presence(d, out, c->present)
					   : nj_decoder_bad(d);
	if ((codes && !nj_dict_read(d, &out->dict)) ||
		!read_presence(d, out, c->present))
		return false;
	if (kind == NJ_SEG_UID)
		return read_uids(d, out, c->present);
	if (nj_seg_is_vector(kind) && !read_places(d, out, c->present))
		return false;
	return read_values(d, out, codes, c->present);
}

enum nj_err
nj_seg_read(struct nj_column *out, const struct nj_seg_header *h,
	const struct nj_seg_source *from, const struct nj_seg_column *c,
	struct nj_seg_arena *arena)
{
	struct nj_decoder d = { .arena = arena };
	size_t used = arena->used;
	enum nj_err err;
	void *held;

	*out = (struct nj_column){
		.id = c->id, .type = c->type, .rows = h->rows, .n = h->rows
	};
	if (nj_seg_kind(c->id, c->type) == NJ_SEG_KIND_COUNT)
		return NJ_E_NOENT;
	err = part_get(from, c->id, &d.in, &held);
	if (err)
		return err;
	if (!read_column(&d, out, c)) {
		*out = (struct nj_column){ 0 };
		arena->used = used;
	}
	from->let_go(held);
	return d.err;
}

/* ---- Community ids that follow from the heads ---- */

/* Interned as they are computed, then sorted. */
static enum nj_err
derive_values(struct nj_decoder *d, struct nj_column *out,
	const struct nj_seg_heads *heads, struct nj_intern *dict)
{
	uint32_t *code = nj_decoder_room(d, out->rows, sizeof(*code));
	char text[NJ_COMMUNITY_TEXT];
	struct nj_head head;

	if (!code)
		return d->err;
	for (uint32_t i = 0; i < out->rows; i++) {
		struct nj_view v = { (const uint8_t *)text, 0 };
		int64_t number;

		code[i] = UINT32_MAX;
		if (out->present && !(out->present[i / 64] >> i % 64 & 1))
			continue;
		nj_seg_head(heads, i, &head);
		v.len = nj_community_id(
			&head, nj_flow_has_ports(head.ip_proto), text);
		number = nj_intern_get(dict, v);
		if (number == NJ_INTERN_NONE)
			return NJ_E_NOMEM;
		code[i] = (uint32_t)number;
	}
	out->code = code;
	return NJ_OK;
}

/* The dictionary in the arena, sorted, and codes as it says. */
static enum nj_err
derive_dict(struct nj_decoder *d, struct nj_column *out, uint32_t *code,
	const struct nj_intern *dict)
{
	uint32_t *order = nj_decoder_room(d, dict->n, sizeof(*order));
	uint32_t *rank = nj_decoder_room(d, dict->n, sizeof(*rank));
	uint32_t *at = nj_decoder_room(d, (size_t)dict->n + 1, sizeof(*at));
	uint8_t *bytes = nj_decoder_room(d, dict->bytes.len, 1);

	if (!order || !rank || !at || !bytes)
		return d->err;
	if (!nj_intern_sort(dict, order))
		return NJ_E_NOMEM;
	at[0] = 0;
	for (uint32_t i = 0; i < dict->n; i++) {
		struct nj_view v = nj_intern_value(dict, order[i]);

		rank[order[i]] = i;
		memcpy(bytes + at[i], v.data, v.len);
		at[i + 1] = at[i] + (uint32_t)v.len;
	}
	for (uint32_t i = 0; i < out->rows; i++)
		code[i] = code[i] == UINT32_MAX ? 0 : rank[code[i]];
	out->dict = (struct nj_dict){ dict->n, at, bytes };
	return NJ_OK;
}

static enum nj_err
derive(struct nj_column *out, const struct nj_seg_header *h,
	const struct nj_seg_source *from, struct nj_seg_arena *arena)
{
	struct nj_decoder d = { .arena = arena };
	struct nj_intern dict = { .seed = { h->bytes, h->rows } };
	struct nj_seg_heads heads;
	enum nj_err err = nj_seg_heads_read(&heads, h, from, arena);

	if (!err)
		err = derive_values(&d, out, &heads, &dict);
	if (!err)
		err = derive_dict(&d, out, (uint32_t *)out->code, &dict);
	nj_intern_fini(&dict);
	return err;
}

enum nj_err
nj_segment_column(struct nj_column *out, const struct nj_seg_header *h,
	const struct nj_seg_source *from, uint8_t id,
	struct nj_seg_arena *arena)
{
	const struct nj_seg_column *c = nj_seg_header_column(h, id);
	size_t used = arena->used;
	enum nj_err err;

	if (!c)
		return NJ_E_NOENT;
	err = nj_seg_read(out, h, from, c, arena);
	if (err || !c->derived)
		return err;
	err = derive(out, h, from, arena);
	if (err) {
		*out = (struct nj_column){ 0 };
		arena->used = used;
	}
	return err;
}

/* ---- Filters ---- */

static bool
out_of_range(const struct nj_seg_column *c, uint64_t v)
{
	uint64_t flip = nj_seg_is_signed(c->type) ? UINT64_C(1) << 63 : 0;

	if (!c->ranged || c->type == NJ_T_F64)
		return false;
	return (v ^ flip) < (c->min.u ^ flip) || (v ^ flip) > (c->max.u ^ flip);
}

static uint64_t
hash_of(const struct nj_seg_column *c, enum nj_seg_kind kind, struct nj_view v)
{
	uint64_t word = 0;
	uint32_t low;

	if (kind == NJ_SEG_CODE || kind == NJ_SEG_CODES)
		return nj_bloom_bytes(v, nj_seg_is_text(c->type));
	memcpy(&word, v.data, sizeof(word));
	if (kind != NJ_SEG_UID)
		return nj_bloom_number(word);
	memcpy(&low, v.data + sizeof(word), sizeof(low));
	return nj_bloom_uid(word, low);
}

bool
nj_segment_may_hold(const struct nj_seg_header *h,
	const struct nj_seg_source *from, uint8_t id, struct nj_view value)
{
	const struct nj_seg_column *c = nj_seg_header_column(h, id);
	enum nj_seg_kind kind =
		c ? nj_seg_kind(c->id, c->type) : NJ_SEG_KIND_COUNT;
	bool number = kind == NJ_SEG_NUMBER || kind == NJ_SEG_NUMBERS, may;
	struct nj_cur in;
	uint64_t word;
	void *held;

	if (!c || kind == NJ_SEG_KIND_COUNT)
		return c != NULL;
	if ((number && value.len != 8) ||
		(kind == NJ_SEG_UID && value.len != NJ_SEG_UID_KEY))
		return true;
	if (number) {
		memcpy(&word, value.data, sizeof(word));
		if (out_of_range(c, word))
			return false;
	}
	if (!c->filter &&
		(number || c->derived || c->distinct > NJ_SEG_FILTER_CODES_MIN))
		return true;
	if (part_get(from, c->filter ? id | NJ_PART_FILTER : id, &in, &held))
		return true;
	if (c->filter) {
		may = nj_bloom_may_hold(in, hash_of(c, kind, value));
	} else {
		nj_cur_skip(&in, 1);
		may = nj_dict_open_holds(in, value, nj_seg_is_text(c->type));
	}
	from->let_go(held);
	return may;
}
