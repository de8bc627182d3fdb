/*
 * http1.c - reads the lines of HTTP/1.
 */
#include "dissectors/shared/http1.h"

#include "dissectors/shared/field.h"
#include "engine/crypt/base64.h"

enum {
	CREDENTIALS_MAX = 1024,
	LOOK_MAX = 400 /* bytes of a line that is asked for */
};

static bool
is_blank(uint8_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool
is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* RFC 9110 5.6.2, and what servers let pass besides. */
static bool
is_token(uint8_t c)
{
	return c > ' ' && c < 0x7f && !strchr("()<>@,;:\\\"/[]?={}", c);
}

static struct nj_view
skip_blanks(struct nj_view v)
{
	while (v.len && is_blank(v.data[0]))
		v = nj_sub(v, 1, v.len);
	return v;
}

/* "1.1" at the beginning of v. */
static struct nj_http1_version
version_of(struct nj_view v)
{
	if (v.len >= 3 && is_digit(v.data[0]) && v.data[1] == '.' &&
		is_digit(v.data[2]))
		return (struct nj_http1_version){ v.data[0] - '0',
			v.data[2] - '0' };
	return (struct nj_http1_version){ 0 };
}

/* Is v a version, and written as it should be? In small letters it takes a
 * number to be one: a target may begin so. */
static bool
is_version(struct nj_view v, bool *lower)
{
	if (!nj_view_casestarts(v, NJ_LIT("HTTP/")))
		return false;
	*lower = !nj_view_starts(v, NJ_LIT("HTTP/"));
	return !*lower || (v.len > 5 && is_digit(v.data[5]));
}

/* Where the blanks before the version begin in a request's rest, and where
 * its number; SIZE_MAX when there is none. */
static size_t
version_at(struct nj_view rest, size_t *number, bool *lower)
{
	size_t at = 0;

	for (;;) {
		if (is_version(nj_sub(rest, at, rest.len), lower))
			break;
		while (at < rest.len && !is_blank(rest.data[at]))
			at++;
		while (at < rest.len && is_blank(rest.data[at]))
			at++;
		if (at == rest.len)
			return SIZE_MAX;
	}
	*number = at + 5;
	while (at && is_blank(rest.data[at - 1]))
		at--;
	return at;
}

enum nj_http1_line
nj_http1_request_line(struct nj_view line, struct nj_http1_request *out)
{
	struct nj_view rest;
	size_t n = 0, end, number = 0;

	*out = (struct nj_http1_request){ 0 };
	while (n < line.len && is_token(line.data[n]))
		n++;
	rest = nj_sub(line, n, line.len);
	if (!n) {
		size_t at = line.len >= 9 ? line.len - 9 : line.len;

		return nj_view_casestarts(
			       nj_sub(line, at, line.len), NJ_LIT(" HTTP/"))
			       ? NJ_HTTP1_BAD_VERSIONED
			       : NJ_HTTP1_BAD;
	}
	if (!rest.len || !is_blank(rest.data[0]))
		return NJ_HTTP1_BAD;
	rest = skip_blanks(rest);
	out->method = nj_sub(line, 0, n);
	end = version_at(rest, &number, &out->lower);
	if (end == SIZE_MAX) {
		out->version = (struct nj_http1_version){ 0, 9 };
		out->target = rest;
		while (out->target.len &&
			is_blank(out->target.data[out->target.len - 1]))
			out->target.len--;
		return n < 3 || !out->target.len ? NJ_HTTP1_BAD : NJ_HTTP1_OK;
	}
	out->target = nj_sub(rest, 0, end);
	out->no_target = !end;
	out->version = version_of(nj_sub(rest, number, rest.len));
	return NJ_HTTP1_OK;
}

bool
nj_http1_reply_line(struct nj_view line, struct nj_http1_reply *out)
{
	struct nj_view v;

	*out = (struct nj_http1_reply){ 0 };
	if (!is_version(line, &out->lower))
		return false;
	v = nj_sub(line, 5, line.len);
	out->version = version_of(v);
	while (v.len && v.data[0] != ' ' && v.data[0] != '\t')
		v = nj_sub(v, 1, v.len);
	v = skip_blanks(v);
	if (v.len < 3)
		return false;
	if (is_digit(v.data[0]) && is_digit(v.data[1]) && is_digit(v.data[2]))
		out->code =
			(uint16_t)((v.data[0] - '0') * 100 +
				   (v.data[1] - '0') * 10 + (v.data[2] - '0'));
	v = nj_sub(v, 3, v.len);
	while (v.len && v.data[0] != ' ' && v.data[0] != '\t')
		v = nj_sub(v, 1, v.len);
	if (v.len)
		out->reason = skip_blanks(v);
	return true;
}

bool
nj_http1_known_method(struct nj_view method)
{
	/* RFC 9110, WebDAV (RFC 4918, 3253, 3648, 3744, 5323), PATCH (RFC
	 * 5789), QUERY, UPnP and what Microsoft added. */
	static const char *const methods[] = { "GET", "POST", "HEAD", "OPTIONS",
		"PUT", "DELETE", "TRACE", "CONNECT", "PATCH", "QUERY",
		"PROPFIND", "PROPPATCH", "MKCOL", "COPY", "MOVE", "LOCK",
		"UNLOCK", "POLL", "REPORT", "SUBSCRIBE", "UNSUBSCRIBE",
		"NOTIFY", "BMOVE", "BCOPY", "BDELETE", "BPROPFIND",
		"BPROPPATCH", "SEARCH", "VERSION-CONTROL", "CHECKOUT",
		"CHECKIN", "UNCHECKOUT", "MKWORKSPACE", "UPDATE", "LABEL",
		"MERGE", "BASELINE-CONTROL", "MKACTIVITY", "ORDERPATCH", "ACL",
		"X-MS-ENUMATTS", "RPC_IN_DATA", "RPC_OUT_DATA", "CCM_POST",
		"PURGE", "SOURCE", "BITS_POST", "SSTP_DUPLEX_POST" };

	for (size_t i = 0; i < nj_countof(methods); i++)
		if (nj_view_eq(method, nj_str(methods[i])))
			return true;
	return false;
}

/* RTSP and SIP have methods of these names, and a version of their own. */
static bool
is_shared_method(struct nj_view method)
{
	return nj_view_eq(method, NJ_LIT("OPTIONS")) ||
	       nj_view_eq(method, NJ_LIT("SUBSCRIBE")) ||
	       nj_view_eq(method, NJ_LIT("NOTIFY")) ||
	       nj_view_eq(method, NJ_LIT("UPDATE"));
}

static struct nj_view
skip_line_ends(struct nj_view v)
{
	while (v.len && (v.data[0] == '\r' || v.data[0] == '\n'))
		v = nj_sub(v, 1, v.len);
	return v;
}

bool
nj_http1_is_preface(const struct nj_http1_request *r)
{
	return r->version.major == 2 && nj_view_eq(r->method, NJ_LIT("PRI"));
}

bool
nj_http1_looks_request(struct nj_view v, bool *more)
{
	struct nj_http1_request r;
	size_t end, n = 0;
	bool known;

	*more = false;
	v = skip_line_ends(v);
	while (n < v.len && n < 24 && is_token(v.data[n]))
		n++;
	if (n == v.len) {
		*more = true;
		return true;
	}
	if (!n || v.data[n] != ' ')
		return false;
	known = nj_http1_known_method(nj_sub(v, 0, n));
	if (known && !is_shared_method(nj_sub(v, 0, n)))
		return true;
	/* The line decides; of a long one only the method is looked at. */
	end = nj_view_chr(v, '\n');
	if (end >= LOOK_MAX) {
		*more = v.len < LOOK_MAX;
		return *more || known;
	}
	if (end && v.data[end - 1] == '\r')
		end--;
	if (nj_http1_request_line(nj_sub(v, 0, end), &r) != NJ_HTTP1_OK)
		return false;
	/* HTTP/2 begins with a line that looks like HTTP/1 (RFC 9113 3.4),
	 * and some write its number into one of HTTP/1. */
	if (r.version.major)
		return true;
	return known && nj_view_find(r.target, NJ_LIT(" RTSP/")) == SIZE_MAX &&
	       nj_view_find(r.target, NJ_LIT(" SIP/")) == SIZE_MAX;
}

bool
nj_http1_looks_reply(struct nj_view v, bool *more)
{
	v = skip_line_ends(v);
	*more = v.len < 6;
	if (!nj_view_casestarts(NJ_LIT("HTTP/"), nj_sub(v, 0, 5)))
		return false;
	return *more || is_digit(v.data[5]);
}

/* One escape at v, which begins with '%'; gives how much of v it was. */
static size_t
unescape_one(struct nj_view v, uint8_t *out, size_t *n, unsigned *odd)
{
	int hi = v.len > 1 ? nj_hex_digit(v.data[1]) : -1;
	int lo = v.len > 2 ? nj_hex_digit(v.data[2]) : -1;

	if (v.len == 1) {
		*odd |= NJ_URI_LONE_PERCENT;
		out[(*n)++] = '%';
		return 1;
	}
	if (v.len == 2) {
		*odd |= NJ_URI_HALF_ESCAPE;
		out[(*n)++] = '%';
		out[(*n)++] = v.data[1];
		return 2;
	}
	if (v.data[1] == '%') {
		/* Two may be a fault or an evasion; the first is dropped. */
		*odd |= NJ_URI_DOUBLE_PERCENT;
		return 1;
	}
	if (hi >= 0 && lo >= 0) {
		out[(*n)++] = (uint8_t)(hi << 4 | lo);
		return 3;
	}
	/* %uXXXX, which some clients write and some servers understand. */
	if (v.len >= 6 && v.data[1] == 'u' && lo >= 0 &&
		nj_hex_digit(v.data[3]) >= 0 && nj_hex_digit(v.data[4]) >= 0 &&
		nj_hex_digit(v.data[5]) >= 0) {
		int a = lo << 4 | nj_hex_digit(v.data[3]);

		if (a)
			out[(*n)++] = (uint8_t)a;
		out[(*n)++] = (uint8_t)(nj_hex_digit(v.data[4]) << 4 |
					nj_hex_digit(v.data[5]));
		return 6;
	}
	*odd |= NJ_URI_BAD_ESCAPE;
	out[(*n)++] = '%';
	out[(*n)++] = v.data[1];
	return 2;
}

size_t
nj_http1_unescape(struct nj_view v, uint8_t *out, unsigned *odd)
{
	size_t n = 0, i = 0;

	*odd = 0;
	while (i < v.len) {
		if (v.data[i] == '%')
			i += unescape_one(nj_sub(v, i, v.len), out, &n, odd);
		else
			out[n++] = v.data[i++];
	}
	return n;
}

bool
nj_http1_chunk_size(struct nj_view line, uint64_t *out)
{
	uint64_t size = 0;
	size_t n = 0;

	line = skip_blanks(line);
	while (n < line.len && nj_hex_digit(line.data[n]) >= 0) {
		if (size >> 59)
			return false;
		size = size << 4 | (uint64_t)nj_hex_digit(line.data[n++]);
	}
	*out = size;
	return n > 0;
}

enum nj_http1_range_error
nj_http1_content_range(struct nj_view value, struct nj_http1_range *out)
{
	struct nj_view unit = nj_field_token(&value), first, last, total;
	size_t slash, dash;
	uint64_t a, b;

	*out = (struct nj_http1_range){ 0 };
	if (!nj_view_eq(unit, NJ_LIT("bytes")))
		return NJ_RANGE_UNIT;
	slash = nj_view_chr(value, '/');
	if (slash == SIZE_MAX)
		return NJ_RANGE_PARSE;
	total = nj_view_trim(nj_sub(value, slash + 1, value.len));
	value = nj_view_trim(nj_sub(value, 0, slash));
	dash = nj_view_chr(value, '-');
	if (dash == SIZE_MAX)
		return NJ_RANGE_PARSE;
	first = nj_view_trim(nj_sub(value, 0, dash));
	last = nj_view_trim(nj_sub(value, dash + 1, value.len));
	if (last.len > 1 && last.data[0] == '-' && is_digit(last.data[1]))
		return NJ_RANGE_INVALID;
	if (!nj_view_u64(first, &a) || !nj_view_u64(last, &b))
		return NJ_RANGE_PARSE;
	if (b < a)
		return NJ_RANGE_EMPTY;
	if (b - a >= INT64_MAX)
		return NJ_RANGE_OVERFLOW;
	out->first = a;
	out->length = b - a + 1;
	if (!nj_view_u64(total, &out->total))
		out->total = 0;
	return NJ_RANGE_OK;
}

size_t
nj_http1_basic_user(
	struct nj_view value, uint8_t *out, size_t cap, bool *password)
{
	uint8_t text[CREDENTIALS_MAX];
	size_t n, colon;

	*password = false;
	if (!nj_view_casestarts(value, NJ_LIT("basic ")))
		return SIZE_MAX;
	value = nj_view_trim(nj_sub(value, 6, value.len));
	n = nj_base64_decode(value, text, sizeof(text));
	if (n == SIZE_MAX)
		return SIZE_MAX;
	colon = nj_view_chr((struct nj_view){ text, n }, ':');
	if (colon == SIZE_MAX)
		return SIZE_MAX;
	*password = colon + 1 < n;
	n = nj_min(colon, cap);
	memcpy(out, text, n);
	explicit_bzero(text, sizeof(text));
	return n;
}
