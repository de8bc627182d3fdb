/*
 * column_dict.c - sorted values as bytes: few lie open, four-byte addresses
 * are differences of numbers, all others say how much of the value before
 * they begin with, and what comes then.
 */
#include "engine/store/dict_priv.h"
#include "engine/store/pack_priv.h"

enum form {
	DICT_OPEN,  /* u16 length and bytes, each */
	DICT_FOURS, /* ints: the values as big-endian numbers */
	DICT_FRONT  /* zip of shared lengths, ints of others, zip of bytes */
};

enum { SHARED_MAX = 255 };

/* ---- Writing ---- */

static void
put_open(struct nj_coder *k, const struct nj_intern *d, const uint32_t *order)
{
	for (uint32_t i = 0; i < d->n; i++) {
		struct nj_view v = nj_intern_value(d, order[i]);
		uint16_t len = (uint16_t)v.len;

		nj_buf_put(&k->out, &len, 2);
		nj_buf_put(&k->out, v.data, v.len);
	}
}

static bool
all_fours(const struct nj_intern *d)
{
	bool fours = true;

	for (uint32_t i = 0; i < d->n; i++)
		fours &= d->entries[i].len == 4;
	return fours;
}

static size_t
shared_of(struct nj_view a, struct nj_view b)
{
	size_t most = nj_min(nj_min(a.len, b.len), (size_t)SHARED_MAX), n = 0;

	while (n < most && a.data[n] == b.data[n])
		n++;
	return n;
}

/* Lengths of both kinds and bytes lie in one block while they are made. */
static bool
put_front(struct nj_coder *k, const struct nj_intern *d, const uint32_t *order)
{
	struct nj_buf shared = { 0 }, own = { 0 }, bytes = { 0 };
	struct nj_view before = { 0 };
	bool ok;

	for (uint32_t i = 0; i < d->n; i++) {
		struct nj_view v = nj_intern_value(d, order[i]);
		size_t same = i ? shared_of(before, v) : 0;

		nj_put_u8(&shared, (uint8_t)same);
		nj_put_u64(&own, v.len - same);
		nj_buf_put(&bytes, v.data + same, v.len - same);
		before = v;
	}
	ok = !shared.bad && !own.bad && !bytes.bad;
	if (ok) {
		nj_zip_put(
			k, (struct nj_view){ shared.data, shared.len }, true);
		nj_ints_put(k, (const uint64_t *)(const void *)own.data, d->n,
			false);
		nj_put_u32(&k->out, (uint32_t)bytes.len);
		nj_zip_put(k, (struct nj_view){ bytes.data, bytes.len }, true);
	}
	nj_buf_free(&shared);
	nj_buf_free(&own);
	nj_buf_free(&bytes);
	return ok;
}

static bool
put_fours(struct nj_coder *k, const struct nj_intern *d, const uint32_t *order)
{
	struct nj_buf values = { 0 };
	uint32_t v;
	bool ok;

	for (uint32_t i = 0; i < d->n; i++) {
		memcpy(&v, nj_intern_value(d, order[i]).data, 4);
		nj_put_u64(&values, __builtin_bswap32(v));
	}
	ok = !values.bad;
	if (ok)
		nj_ints_put(k, (const uint64_t *)(const void *)values.data,
			d->n, false);
	nj_buf_free(&values);
	return ok;
}

void
nj_dict_put(
	struct nj_coder *k, const struct nj_intern *d, const uint32_t *order)
{
	enum form form = d->bytes.len <= NJ_DICT_OPEN_BYTES ? DICT_OPEN
			 : all_fours(d)                     ? DICT_FOURS
							    : DICT_FRONT;

	nj_put_u8(&k->out, (uint8_t)form);
	nj_put_u32(&k->out, d->n);
	if (form == DICT_OPEN)
		put_open(k, d, order);
	else if (form == DICT_FOURS)
		k->out.bad |= !put_fours(k, d, order);
	else
		k->out.bad |= !put_front(k, d, order);
}

/* ---- Reading ---- */

/* The dictionary's places and bytes while they are being made. */
struct making {
	uint32_t n, *at;
	uint8_t *bytes;
};

static bool
read_open(struct nj_decoder *d, struct making *m)
{
	size_t most = nj_cur_left(&d->in);

	if (m->n > most / 2)
		return nj_decoder_bad(d);
	m->bytes = nj_decoder_room(d, most, 1);
	if (!m->bytes)
		return false;
	m->at[0] = 0;
	for (uint32_t i = 0; i < m->n; i++) {
		struct nj_view v = nj_cur_take(&d->in, nj_cur_le16(&d->in));

		if (v.len)
			memcpy(m->bytes + m->at[i], v.data, v.len);
		m->at[i + 1] = m->at[i] + (uint32_t)v.len;
	}
	return !d->in.bad || nj_decoder_bad(d);
}

static bool
read_fours(struct nj_decoder *d, struct making *m)
{
	uint32_t *v = nj_decoder_room(d, m->n, sizeof(*v));

	if (!v || !nj_ints_get(d, (struct nj_ints_to){ .code = v }, m->n))
		return false;
	m->bytes = (uint8_t *)v;
	for (uint32_t i = 0; i < m->n; i++) {
		m->at[i] = 4 * i;
		v[i] = __builtin_bswap32(v[i]);
	}
	m->at[m->n] = 4 * m->n;
	return true;
}

/* From lengths to places; false where they do not fit together. */
static bool
front_places(struct making *m, const uint8_t *shared, const uint32_t *own,
	uint32_t bytes)
{
	uint64_t at = 0, taken = 0;
	uint32_t before = 0;

	for (uint32_t i = 0; i < m->n; i++) {
		uint64_t len = (uint64_t)shared[i] + own[i];

		m->at[i] = (uint32_t)at;
		at += len;
		taken += own[i];
		if (shared[i] > before || at > NJ_INTERN_BYTES_MAX)
			return false;
		before = (uint32_t)len;
	}
	m->at[m->n] = (uint32_t)at;
	return taken == bytes;
}

static bool
read_front(struct nj_decoder *d, struct making *m)
{
	const uint8_t *shared = nj_zip_get(d, m->n), *from;
	uint32_t *own = nj_decoder_room(d, m->n, sizeof(*own)), bytes;

	if (!shared || !own ||
		!nj_ints_get(d, (struct nj_ints_to){ .code = own }, m->n))
		return false;
	bytes = nj_cur_le32(&d->in);
	from = nj_zip_get(d, bytes);
	if (!from)
		return false;
	if (!front_places(m, shared, own, bytes))
		return nj_decoder_bad(d);
	m->bytes = nj_decoder_room(d, m->at[m->n], 1);
	if (!m->bytes)
		return false;
	for (uint32_t i = 0; i < m->n; i++) {
		uint8_t *to = m->bytes + m->at[i];

		if (shared[i])
			memcpy(to, m->bytes + m->at[i - 1], shared[i]);
		memcpy(to + shared[i], from, own[i]);
		from += own[i];
	}
	return true;
}

bool
nj_dict_read(struct nj_decoder *d, struct nj_dict *out)
{
	uint8_t form = nj_cur_u8(&d->in);
	struct making m = { .n = nj_cur_le32(&d->in) };
	bool ok;

	if (d->in.bad)
		return nj_decoder_bad(d);
	m.at = nj_decoder_room(d, (size_t)m.n + 1, sizeof(*m.at));
	if (!m.at)
		return false;
	ok = form == DICT_OPEN    ? read_open(d, &m)
	     : form == DICT_FOURS ? read_fours(d, &m)
	     : form == DICT_FRONT ? read_front(d, &m)
				  : nj_decoder_bad(d);
	*out = (struct nj_dict){ m.n, m.at, m.bytes };
	return ok;
}

bool
nj_dict_open_holds(struct nj_cur in, struct nj_view value, bool nocase)
{
	uint8_t form = nj_cur_u8(&in);
	uint32_t n = nj_cur_le32(&in);

	if (form != DICT_OPEN)
		return true;
	for (uint32_t i = 0; i < n && !in.bad; i++) {
		struct nj_view v = nj_cur_take(&in, nj_cur_le16(&in));

		if (nocase ? nj_view_caseeq(v, value) : nj_view_eq(v, value))
			return true;
	}
	return in.bad;
}
