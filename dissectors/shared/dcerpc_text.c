/*
 * dcerpc_text.c - texts among the parameters of a call, where they are not
 * sealed: names of services and the commands they run, registry keys, tasks,
 * users, shares. What kind of parameter each is only the interface knows, but
 * how a text is written is the same everywhere: its room, its offset and its
 * length, then its characters (C706 14.3.4.2: conformant and varying arrays;
 * MS-RPCE 2.2.5 for the 64-bit form).
 */
#include "dissectors/shared/dcerpc_priv.h"

#include "dissectors/shared/utf16.h"

enum {
	LENGTH_MAX = 16384, /* in characters; more is no text */
	SHORTEST = 2,
	TEXT_MAX = 512, /* bytes of UTF-8 that are kept of each */
	ALL_MAX = 1024
};

static uint64_t
number(struct nj_view v, size_t at, size_t width)
{
	struct nj_cur c = nj_cur(nj_sub(v, at, width));

	return width == 8 ? nj_cur_le64(&c) : nj_cur_le32(&c);
}

static bool
is_narrow(struct nj_view v)
{
	for (size_t i = 0; i < v.len; i++)
		if (v.data[i] < 0x20 || v.data[i] > 0x7e)
			return false;
	return true;
}

/* Alphabets, and what China, Japan and Korea write with. */
static bool
is_letter(uint16_t c)
{
	return c < 0x0e80 || (c >= 0x2000 && c < 0x2100) ||
	       (c >= 0x3000 && c < 0xa000) || (c >= 0xac00 && c < 0xd7a4);
}

/* Control characters other than line ends and tabs belong to no text, nor do
 * characters that nobody writes; and bytes that can be read one by one are
 * not meant in pairs. */
static bool
is_wide(struct nj_view v)
{
	for (size_t i = 0; i + 1 < v.len; i += 2) {
		uint16_t c = (uint16_t)(v.data[i] | v.data[i + 1] << 8);

		if ((c < 0x20 && c != '\t' && c != '\r' && c != '\n') ||
			c == 0x7f || !is_letter(c))
			return false;
	}
	return !is_narrow(v);
}

/* The characters of the array whose head stands at at, without the zero at
 * its end; *wide says of how many bytes they are. Unset when there is none.
 * *next is where the array ends. */
static struct nj_view
array(struct nj_view v, size_t at, size_t width, bool *wide, size_t *next)
{
	uint64_t room = number(v, at, width);
	uint64_t offset = number(v, at + width, width);
	uint64_t length = number(v, at + 2 * width, width);
	size_t from = at + 3 * width;
	struct nj_view text;

	if (offset || length < SHORTEST || length > room || room > LENGTH_MAX)
		return (struct nj_view){ 0 };
	text = nj_sub(v, from, length);
	*wide = false;
	if (text.len == length && !text.data[length - 1] &&
		is_narrow(nj_sub(text, 0, length - 1))) {
		*next = from + length;
		return nj_sub(text, 0, length - 1);
	}
	text = nj_sub(v, from, length * 2);
	*next = from + length * 2;
	*wide = true;
	/* Some send more room than they use. */
	while (text.len >= 2 && !text.data[text.len - 2] &&
		!text.data[text.len - 1])
		text.len -= 2;
	return text.len / 2 >= SHORTEST && is_wide(text)
		       ? text
		       : (struct nj_view){ 0 };
}

static size_t
put(uint8_t *out, size_t room, struct nj_view text, bool wide)
{
	size_t n = nj_min(room, (size_t)TEXT_MAX);

	if (wide)
		return nj_utf16_decode(text, out, n);
	n = nj_min(n, text.len);
	memcpy(out, text.data, n);
	return n;
}

struct nj_view
rpc_texts_read(struct nj_dctx *d, struct nj_view stub)
{
	uint8_t out[ALL_MAX];
	size_t used = 0, count = 0;

	for (size_t at = 0; at + 12 <= stub.len;) {
		struct nj_view text;
		size_t next = 0;
		bool wide = false;

		text = array(stub, at, 4, &wide, &next);
		if (!text.len && !(at & 7) && at + 24 <= stub.len)
			text = array(stub, at, 8, &wide, &next);
		if (!text.len) {
			at += 4;
			continue;
		}
		if (count++ == RPC_TEXTS_MAX || used + 4 > sizeof(out))
			break;
		used += put(out + used, sizeof(out) - used - 1, text, wide);
		out[used++] = 0;
		at = (next + 3) & ~(size_t)3;
	}
	return used ? nj_keep_view(
			      d, (struct nj_view){ out, used }, sizeof(out))
		    : (struct nj_view){ 0 };
}

unsigned
rpc_texts_split(struct nj_view all, struct nj_view out[RPC_TEXTS_MAX])
{
	unsigned n = 0;

	while (all.len && n < RPC_TEXTS_MAX) {
		out[n] = nj_sub(all, 0, nj_view_chr(all, 0));
		all = nj_sub(all, out[n].len + 1, all.len);
		n++;
	}
	return n;
}
