/*
 * json.c - nested JSON into bounded memory.
 */
#include "engine/base/json.h"

#include <stdio.h>

void
nj_json_init(struct nj_json *j, struct nj_buf buf)
{
	*j = (struct nj_json){ .buf = buf };
	j->now.len = j->kept.len = buf.len;
	if (!buf.fixed)
		return;
	j->buf.cap -= nj_min(buf.cap, (size_t)NJ_JSON_DEPTH_MAX);
}

bool
nj_json_keep(struct nj_json *j)
{
	if (!j->buf.bad) {
		j->now.len = j->buf.len;
		j->kept = j->now;
		return true;
	}
	j->now = j->kept;
	j->buf.len = j->kept.len;
	j->buf.bad = !j->buf.data;
	return false;
}

struct nj_view
nj_json_view(struct nj_json *j)
{
	(void)nj_json_keep(j);
	if (j->buf.fixed && j->buf.len)
		j->buf.cap += NJ_JSON_DEPTH_MAX;
	while (j->now.depth)
		nj_json_end(j);
	if (!j->buf.len || j->buf.bad)
		return (struct nj_view){ 0 };
	return (struct nj_view){ j->buf.data, j->buf.len };
}

/* What stands before a value. */
static void
begin(struct nj_json *j, const char *key)
{
	if (j->now.keyed) {
		j->now.keyed = false;
		return;
	}
	if (j->now.more)
		nj_buf_char(&j->buf, ',');
	j->now.more = true;
	if (!key)
		return;
	nj_buf_char(&j->buf, '"');
	nj_buf_str(&j->buf, key);
	nj_buf_put(&j->buf, "\":", 2);
}

static void
open_level(struct nj_json *j, const char *key, bool array)
{
	begin(j, key);
	if (j->now.depth == NJ_JSON_DEPTH_MAX) {
		j->buf.bad = true;
		return;
	}
	j->now.arrays &= ~(UINT32_C(1) << j->now.depth);
	j->now.arrays |= (uint32_t)array << j->now.depth;
	j->now.depth++;
	j->now.more = false;
	nj_buf_char(&j->buf, array ? '[' : '{');
}

void
nj_json_obj(struct nj_json *j, const char *key)
{
	open_level(j, key, false);
}

void
nj_json_arr(struct nj_json *j, const char *key)
{
	open_level(j, key, true);
}

void
nj_json_end(struct nj_json *j)
{
	if (!j->now.depth)
		return;
	j->now.depth--;
	nj_buf_char(&j->buf, j->now.arrays >> j->now.depth & 1 ? ']' : '}');
	j->now.more = true;
}

void
nj_json_key(struct nj_json *j, struct nj_view key)
{
	begin(j, NULL);
	nj_buf_json_str(&j->buf, key);
	nj_buf_char(&j->buf, ':');
	j->now.keyed = true;
}

void
nj_json_str(struct nj_json *j, const char *key, struct nj_view v)
{
	begin(j, key);
	nj_buf_json_str(&j->buf, v);
}

void
nj_json_text(struct nj_json *j, const char *key, const char *text)
{
	nj_json_str(j, key, nj_str(text));
}

void
nj_json_u64(struct nj_json *j, const char *key, uint64_t v)
{
	begin(j, key);
	nj_buf_u64(&j->buf, v);
}

void
nj_json_i64(struct nj_json *j, const char *key, int64_t v)
{
	begin(j, key);
	if (v < 0)
		nj_buf_char(&j->buf, '-');
	nj_buf_u64(&j->buf, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

void
nj_json_bool(struct nj_json *j, const char *key, bool v)
{
	begin(j, key);
	nj_buf_str(&j->buf, v ? "true" : "false");
}

void
nj_json_addr(struct nj_json *j, const char *key, const struct nj_addr *a)
{
	char text[NJ_ADDR_TEXT];
	size_t n = nj_addr_text(a, text);

	nj_json_str(j, key, (struct nj_view){ (uint8_t *)text, n });
}

void
nj_json_addr_full(struct nj_json *j, const char *key, const struct nj_addr *a)
{
	char text[NJ_ADDR_TEXT];
	size_t n = 0;

	if (a->family != 6) {
		nj_json_addr(j, key, a);
		return;
	}
	for (unsigned i = 0; i < 16; i += 2)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%02x%02x",
			i ? ":" : "", a->bytes[i], a->bytes[i + 1]);
	nj_json_str(j, key, (struct nj_view){ (uint8_t *)text, n });
}

void
nj_json_hex(struct nj_json *j, const char *key, struct nj_view v, char sep)
{
	static const char digits[] = "0123456789abcdef";

	begin(j, key);
	nj_buf_char(&j->buf, '"');
	for (size_t i = 0; i < v.len && !j->buf.bad; i++) {
		const char two[3] = { sep, digits[v.data[i] >> 4],
			digits[v.data[i] & 15] };
		bool first = !sep || !i;

		nj_buf_put(&j->buf, two + first, 3U - first);
	}
	nj_buf_char(&j->buf, '"');
}

void
nj_json_raw(struct nj_json *j, const char *key, struct nj_view json)
{
	if (!json.len)
		return;
	begin(j, key);
	nj_buf_put(&j->buf, json.data, json.len);
}
