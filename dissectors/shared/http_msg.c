/*
 * http_msg.c - header and body of one HTTP/1 message. What ends the body is
 * decided as a careful server would; where others might see another end,
 * which is what request smuggling lives on, an oddity says so.
 */
#include "dissectors/shared/http_msg.h"

#include "dissectors/shared/http_eve.h"
#include "dissectors/shared/http_odd.h"

static void
on_file(void *ctx, struct nj_dctx *d, const struct nj_file *f, bool end)
{
	struct nj_http_msg *m = ctx;

	if (m->tx)
		nj_http_tx_file(m->tx, d, f, end);
}

static void
on_number(void *ctx, struct nj_dctx *d, struct nj_file_spec *spec)
{
	struct nj_http_msg *m = ctx;

	(void)d;
	spec->number = (*m->files)++;
}

static void
on_part_header(void *ctx, struct nj_dctx *d, unsigned depth,
	const struct nj_view field[2])
{
	(void)ctx;
	(void)depth;
	if (nj_view_caseeq(field[0], NJ_LIT("transfer-encoding")))
		nj_odd(d, NJ_HTTP_ODD_NESTED_TE);
}

static void
on_part_odd(void *ctx, struct nj_dctx *d, enum nj_entity_odd what)
{
	static const uint8_t odds[] = { [NJ_ENTITY_TOO_DEEP] =
						NJ_HTTP_ODD_TOO_DEEP,
		[NJ_ENTITY_LONG_HEADER] = NJ_HTTP_ODD_LONG_HEADER,
		[NJ_ENTITY_BAD_BASE64] = NJ_HTTP_ODD_BASE64 };

	(void)ctx;
	nj_odd(d, odds[what]);
}

static void
count_body(const struct nj_http_msg *m)
{
	struct nj_http_tx *t = m->tx;

	t->body_len[m->dir] = m->body.clear;
	t->wire_len[m->dir] = m->body.wire;
	t->coded[m->dir] = m->body.coding != NJ_BODY_PLAIN && m->body.wire;
}

static void
on_about(void *ctx, struct nj_dctx *d, const struct nj_file *f,
	struct nj_file_about *about)
{
	const struct nj_http_msg *m = ctx;
	/* In the middle of a body it depends on the packets how much of it
	 * there was. */
	bool whole = m->ending || m->dir == NJ_ORIG;

	(void)f;
	if (!m->tx)
		return;
	count_body(m);
	nj_http_eve_about(m->tx, d, whole, about);
}

static const struct nj_entity_ops body_ops = { .header = on_part_header,
	.about = on_about,
	.file = on_file,
	.number = on_number,
	.odd = on_part_odd };

void
nj_http_msg_begin(struct nj_http_msg *m, enum nj_dir dir,
	struct nj_http1_version version, struct nj_http_tx *tx)
{
	*m = (struct nj_http_msg){ .dir = (uint8_t)dir,
		.state = NJ_HTTP_HEAD,
		.bare_lf = m->bare_lf,
		.files = m->files,
		.ranged = m->ranged,
		.gss = m->gss,
		.software = m->software,
		.version = version,
		.tx = tx };
	m->spec.ops = &body_ops;
	m->spec.ctx = m;
	m->spec.file.source = NJ_FILE_HTTP;
	m->spec.file.dir = dir;
}

/* What was skipped was counted as seen: now is known what came of it. */
static void
settle_skip(struct nj_http_msg *m, struct nj_dctx *d)
{
	enum nj_dir dir = (enum nj_dir)m->dir;

	if (!m->skipped)
		return;
	m->skipped = false;
	nj_body_unpass(&m->body, nj_skip_left(d, dir),
		nj_skip_lost(d, dir) - m->skip_lost);
}

static uint64_t
target_of(const struct nj_http_tx *t)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; t && i < t->uri.len; i++)
		hash = (hash ^ t->uri.data[i]) * UINT64_C(0x100000001b3);
	for (size_t i = 0; t && i < t->host.len; i++)
		hash = (hash ^ t->host.data[i]) * UINT64_C(0x100000001b3);
	return hash;
}

/* A range that goes on behind those that came before it belongs to their
 * file. */
static void
ranged_take(struct nj_http_msg *m)
{
	struct nj_http_ranged *r = m->ranged;

	if (!m->spec.partial || !r->file.open ||
		r->target != target_of(m->tx) ||
		r->file.total != m->spec.file.total ||
		r->file.seen + r->file.missing > m->spec.range_first)
		return;
	m->body.file = r->file;
	r->file.open = false;
}

static void
ranged_keep(struct nj_http_msg *m, struct nj_dctx *d)
{
	if (!m->body.file.open)
		return;
	nj_file_close(&m->ranged->file, d, false);
	m->ranged->file = m->body.file;
	m->ranged->target = target_of(m->tx);
	m->body.file.open = false;
}

void
nj_http_msg_end(struct nj_http_msg *m, struct nj_dctx *d)
{
	settle_skip(m, d);

	if (m->body.bad_coding)
		nj_odd(d, NJ_HTTP_ODD_INFLATE);
	m->ending = true;
	/* Other responses may carry the rest of the file of a 206. */
	nj_body_end(&m->body, d, &m->spec, m->code != 206);
	ranged_keep(m, d);
	m->state = NJ_HTTP_NONE;
	if (m->tx)
		count_body(m);
}

/* ---- Header fields ---- */

static void
content_length(struct nj_http_msg *m, struct nj_dctx *d, struct nj_view value)
{
	struct nj_view token = nj_field_token(&value);
	uint64_t n;

	if (!token.len)
		return;
	if (m->chunked)
		nj_odd(d, NJ_HTTP_ODD_LENGTH_AND_CHUNKED);
	m->has_length = true;
	if (!nj_view_u64(token, &n) || n > INT64_MAX) {
		nj_odd_addl(d, NJ_HTTP_ODD_LENGTH, token);
		m->length = 0;
		return;
	}
	if (n && token.data[0] == '0')
		nj_odd_addl(d, NJ_HTTP_ODD_LENGTH_ZEROS, token);
	/* Of a range and a length the greater counts: none may hide bytes. */
	m->length = m->spec.partial ? nj_max(n, m->length) : n;
	if (!n && m->expect_100)
		nj_odd(d, NJ_HTTP_ODD_LENGTH_0_EXPECT);
}

static void
content_range(struct nj_http_msg *m, struct nj_dctx *d, struct nj_view value)
{
	static const uint8_t odds[] = { [NJ_RANGE_UNIT] =
						NJ_HTTP_ODD_RANGE_UNIT,
		[NJ_RANGE_PARSE] = NJ_HTTP_ODD_RANGE_PARSE,
		[NJ_RANGE_INVALID] = NJ_HTTP_ODD_RANGE_INVALID,
		[NJ_RANGE_EMPTY] = NJ_HTTP_ODD_RANGE_EMPTY,
		[NJ_RANGE_OVERFLOW] = NJ_HTTP_ODD_RANGE_OVERFLOW };
	struct nj_http1_range range;
	enum nj_http1_range_error err = nj_http1_content_range(value, &range);

	if (m->code != 206)
		return;
	if (err) {
		nj_odd_addl(d, odds[err], value);
		return;
	}
	m->spec.partial = true;
	m->spec.range_first = range.first;
	m->spec.file.sized = range.total > 0;
	m->spec.file.total = range.total;
	m->length = nj_max(m->length, range.length);
	m->has_length = true;
}

static void
transfer_encoding(
	struct nj_http_msg *m, struct nj_dctx *d, struct nj_view value)
{
	struct nj_view token = nj_field_token(&value), last = token;

	/* RFC 9112 6.1: a message of HTTP/1.0 has no chunks. */
	if (!nj_http1_is(m->version, 1, 1))
		return;
	if (!nj_view_caseeq(token, NJ_LIT("chunked"))) {
		/* Chunks are the last coding, around all others. */
		for (; token.len; token = nj_field_token(&value))
			last = token;
		if (!nj_view_caseeq(last, NJ_LIT("chunked")))
			return;
	} else if (value.len) {
		nj_odd_addl(d, NJ_HTTP_ODD_CHUNKED_MULTI, value);
	}
	m->chunked = true;
	if (m->has_length)
		nj_odd(d, NJ_HTTP_ODD_LENGTH_AND_CHUNKED);
}

static void
connection(struct nj_http_msg *m, struct nj_view value)
{
	struct nj_view token;

	while ((token = nj_field_token(&value)).len) {
		m->keep_alive |= nj_view_caseeq(token, NJ_LIT("keep-alive"));
	}
}

static void
expect(struct nj_http_msg *m, struct nj_dctx *d, struct nj_view value)
{
	struct nj_view v = value, token = nj_field_token(&v);

	if (!nj_view_caseeq(token, NJ_LIT("100-continue")))
		nj_odd_addl(d, NJ_HTTP_ODD_EXPECT, value);
	m->expect_100 = true;
	if (m->has_length && !m->length)
		nj_odd(d, NJ_HTTP_ODD_LENGTH_0_EXPECT);
}

static void
upgrade(struct nj_http_msg *m, struct nj_view value)
{
	m->upgrade = true;
	m->websocket = nj_view_caseeq(nj_view_trim(value), NJ_LIT("websocket"));
}

static void
websocket(struct nj_http_msg *m, struct nj_dctx *d, struct nj_view name,
	struct nj_view value)
{
	struct nj_http_tx *t = m->tx;

	if (t && m->dir == NJ_ORIG)
		nj_websocket_field(&t->websocket, &t->pad, d, name, value);
	else if (t)
		nj_websocket_answer(&t->websocket, &t->pad, d, name, value);
}

void
nj_http_msg_line_field(
	struct nj_http_msg *m, struct nj_dctx *d, struct nj_view line)
{
	struct nj_view name, value;

	if (nj_field_split(line, &name, &value))
		nj_http_msg_field(m, d, name, value);
}

void
nj_http_msg_field(struct nj_http_msg *m, struct nj_dctx *d, struct nj_view name,
	struct nj_view value)
{
	if (m->tx)
		nj_http_eve_field(m->tx, d, (enum nj_dir)m->dir,
			(const struct nj_view[]){ name, value });
	if (nj_view_caseeq(name, NJ_LIT("content-length")))
		content_length(m, d, value);
	else if (nj_view_caseeq(name, NJ_LIT("content-range")))
		content_range(m, d, value);
	else if (nj_view_caseeq(name, NJ_LIT("transfer-encoding")))
		transfer_encoding(m, d, value);
	else if (nj_view_caseeq(name, NJ_LIT("connection")))
		connection(m, value);
	else if (nj_view_caseeq(name, NJ_LIT("upgrade")))
		upgrade(m, value);
	else if (nj_view_caseeq(name, NJ_LIT("expect")))
		expect(m, d, value);
	else if (nj_view_casestarts(name, NJ_LIT("content-")))
		nj_body_field(&m->body, d, name, value);
	else if (nj_view_casestarts(name, NJ_LIT("sec-websocket-")))
		websocket(m, d, name, value);
	else if (m->dir == NJ_ORIG && m->tx)
		nj_http_tx_request_field(m->tx, d, name, value);
	if (m->software)
		nj_software_http_field(m->software, d, (enum nj_dir)m->dir,
			(const struct nj_view[]){ name, value });
	if (m->gss)
		nj_http_auth_field(m->gss, d, name, value);
}

/* May this response have no body at all (RFC 9110 6.4.1)? */
static bool
no_body(const struct nj_http_msg *m)
{
	const struct nj_http_tx *t = m->tx;

	if (m->dir == NJ_ORIG)
		return false;
	return (t && t->is_head) || (m->code >= 100 && m->code < 200) ||
	       m->code == 204 || m->code == 304 ||
	       (t && t->is_connect && m->code >= 200 && m->code < 300);
}

void
nj_http_msg_head_done(struct nj_http_msg *m, struct nj_dctx *d)
{
	bool sized = m->has_length && !m->chunked;

	if (m->dir == NJ_RESP && m->gss)
		nj_http_auth_reply(*m->gss, d, m->code);
	if (no_body(m) || (sized && !m->length) ||
		(m->dir == NJ_ORIG && !sized && !m->chunked)) {
		nj_http_msg_end(m, d);
		return;
	}
	if (m->chunked && nj_body_is_container(&m->body))
		nj_odd(d, NJ_HTTP_ODD_CHUNKED_PARTS);
	if (sized && !m->spec.partial) {
		m->spec.file.sized = true;
		m->spec.file.total = m->length;
	}
	ranged_take(m);
	nj_body_start(&m->body, d, &m->spec);
	m->left = m->length;
	m->state = m->chunked ? NJ_HTTP_CHUNK_SIZE
		   : sized    ? NJ_HTTP_SIZED
			      : NJ_HTTP_CLOSE;
}

void
nj_http_msg_framed(struct nj_http_msg *m, struct nj_dctx *d, bool body)
{
	if (m->dir == NJ_RESP && m->gss)
		nj_http_auth_reply(*m->gss, d, m->code);
	if (!body) {
		nj_http_msg_end(m, d);
		return;
	}
	if (m->has_length && !m->spec.partial) {
		m->spec.file.sized = true;
		m->spec.file.total = m->length;
	}
	ranged_take(m);
	nj_body_start(&m->body, d, &m->spec);
	m->state = NJ_HTTP_CLOSE;
}

/* ---- Steps ---- */

static size_t
line_within(struct nj_http_msg *m, struct nj_dctx *d, struct nj_view v,
	size_t max, struct nj_view *line)
{
	size_t n = nj_view_chr(v, '\n');

	if (n >= max) {
		if (v.len < max)
			return 0;
		nj_odd(d, NJ_HTTP_ODD_LONG_LINE);
		m->skip_line = true;
		*line = nj_sub(v, 0, max);
		return max;
	}
	*line = nj_sub(v, 0, n);
	if (n && v.data[n - 1] == '\r') {
		line->len--;
	} else if (!m->bare_lf) {
		m->bare_lf = true;
		nj_odd(d, NJ_HTTP_ODD_BARE_LF);
	}
	return n + 1;
}

size_t
nj_http_msg_line(struct nj_http_msg *m, struct nj_dctx *d, struct nj_view v,
	struct nj_view *line)
{
	return line_within(m, d, v, NJ_HTTP_LINE_MAX, line);
}

/* A copy of line with the lines that continue it behind it, without their
 * ends. */
static struct nj_view
join(struct nj_dctx *d, struct nj_view line, struct nj_view more)
{
	uint8_t *joined = nj_arena(d, line.len + more.len);
	size_t len = line.len;

	if (!joined)
		return line;
	memcpy(joined, line.data, line.len);
	while (more.len) {
		struct nj_view part = nj_sub(more, 0, nj_view_chr(more, '\n'));

		more = nj_sub(more, nj_min(part.len + 1, more.len), more.len);
		if (part.len && part.data[part.len - 1] == '\r')
			part.len--;
		memcpy(joined + len, part.data, part.len);
		len += part.len;
	}
	return (struct nj_view){ joined, len };
}

/* Lines that continue *line, which took n bytes of v, are joined with it, up
 * to the limit of one line: no more than that is ever held. Gives what all
 * take, or 0 when more bytes are needed. */
static size_t
unfold(struct nj_http_msg *m, struct nj_dctx *d, struct nj_view v, size_t n,
	struct nj_view *line)
{
	size_t end = n;

	while (!m->skip_line && end < NJ_HTTP_LINE_MAX) {
		struct nj_view more;
		size_t taken;

		/* The next line's first byte decides. */
		if (end == v.len)
			return 0;
		if (v.data[end] != ' ' && v.data[end] != '\t')
			break;
		taken = line_within(m, d, nj_sub(v, end, v.len),
			NJ_HTTP_LINE_MAX - end, &more);
		if (!taken)
			return 0;
		end += taken;
	}
	if (end == n)
		return n;
	*line = join(d, *line, nj_sub(v, n, end - n));
	nj_odd_addl(d, NJ_HTTP_ODD_FOLDING,
		nj_sub(*line, 0, nj_view_chr(*line, ':')));
	return end;
}

static size_t
step_head(struct nj_http_msg *m, struct nj_dctx *d, struct nj_view v)
{
	struct nj_view line;
	size_t n = nj_http_msg_line(m, d, v, &line);

	if (!n)
		return 0;
	if (!line.len) {
		nj_http_msg_head_done(m, d);
		return n;
	}
	n = unfold(m, d, v, n, &line);
	if (n)
		nj_http_msg_line_field(m, d, line);
	return n;
}

/* Bytes of the body or chunk. When many are to come that nobody looks at,
 * they are skipped but for the last, whose time is that of the record. */
static size_t
step_data(struct nj_http_msg *m, struct nj_dctx *d, struct nj_view v)
{
	size_t n = (size_t)nj_min((uint64_t)v.len, m->left);
	uint64_t skip;

	settle_skip(m, d);
	nj_body_data(&m->body, d, &m->spec, nj_sub(v, 0, n));
	m->left -= n;
	if (m->left > NJ_HTTP_SKIP_AFTER && nj_body_idle(&m->body) &&
		m->body.wire > NJ_HTTP_SKIP_AFTER) {
		skip = nj_min(
			m->left - NJ_BODY_TAIL, (uint64_t)NJ_HTTP_SKIP_MAX);
		m->left -= skip;
		m->skipped = true;
		m->skip_lost = nj_skip_lost(d, (enum nj_dir)m->dir);
		nj_body_pass(&m->body, d, skip);
		nj_skip(d, skip);
	}
	return n;
}

static size_t
step_chunk(struct nj_http_msg *m, struct nj_dctx *d, struct nj_view v)
{
	struct nj_view line;
	size_t n = nj_http_msg_line(m, d, v, &line);

	if (!n)
		return 0;
	switch (m->state) {
	case NJ_HTTP_CHUNK_END:
		m->state = NJ_HTTP_CHUNK_SIZE;
		return n;
	case NJ_HTTP_TRAILER:
		if (!line.len)
			nj_http_msg_end(m, d);
		return n;
	default:
		break;
	}
	if (!nj_http1_chunk_size(line, &m->left)) {
		nj_odd(d, NJ_HTTP_ODD_CHUNK_SIZE);
		m->left = 0;
	}
	m->state = m->left ? NJ_HTTP_CHUNK_DATA : NJ_HTTP_TRAILER;
	return n;
}

size_t
nj_http_msg_step(struct nj_http_msg *m, struct nj_dctx *d, struct nj_view v)
{
	size_t n;

	switch ((enum nj_http_msg_state)m->state) {
	case NJ_HTTP_NONE:
		return 0;
	case NJ_HTTP_HEAD:
		return step_head(m, d, v);
	case NJ_HTTP_SIZED:
		n = step_data(m, d, v);
		if (!m->left)
			nj_http_msg_end(m, d);
		return n;
	case NJ_HTTP_CHUNK_DATA:
		n = step_data(m, d, v);
		if (!m->left)
			m->state = NJ_HTTP_CHUNK_END;
		return n;
	case NJ_HTTP_CHUNK_SIZE:
	case NJ_HTTP_CHUNK_END:
	case NJ_HTTP_TRAILER:
		return step_chunk(m, d, v);
	case NJ_HTTP_CLOSE:
		nj_body_data(&m->body, d, &m->spec, v);
		return v.len;
	}
	return v.len;
}

bool
nj_http_msg_gap(struct nj_http_msg *m, struct nj_dctx *d, uint64_t n)
{
	uint64_t inside = nj_min(n, m->left);

	settle_skip(m, d);
	if (m->state == NJ_HTTP_CLOSE) {
		nj_body_gap(&m->body, d, &m->spec, n);
		return true;
	}
	if (m->state != NJ_HTTP_SIZED && m->state != NJ_HTTP_CHUNK_DATA)
		return false;
	nj_body_gap(&m->body, d, &m->spec, inside);
	m->left -= inside;
	if (inside < n)
		return false;
	if (!m->left && m->state == NJ_HTTP_SIZED)
		nj_http_msg_end(m, d);
	else if (!m->left)
		m->state = NJ_HTTP_CHUNK_END;
	return true;
}
