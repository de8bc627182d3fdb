/*
 * entity.c - MIME messages as a stack of open entities.
 *
 * Lines go to the innermost entity. A line that begins with two hyphens is
 * held against the boundaries of all containers around it, the outermost
 * first, as a missing end of an inner one must not hide the outer parts.
 */
#include "dissectors/shared/entity.h"

enum encoding { ENC_PLAIN, ENC_BASE64, ENC_QP };

enum { PIECE = 768 }; /* bytes decoded at a time, on the stack */

static void
odd(struct nj_entity *e, struct nj_dctx *d, enum nj_entity_odd what)
{
	if (e->ops->odd)
		e->ops->odd(e->ctx, d, what);
}

static void
drop(struct nj_dctx *d, uint8_t **p)
{
	if (*p)
		nj_drop(d, *p);
	*p = NULL;
}

/* ---- Bodies ---- */

static bool
is_part(const struct nj_entity *e)
{
	return e->in.up && e->in.up->kind == NJ_ENTITY_MULTIPART;
}

static void
file_open(struct nj_entity *e, struct nj_dctx *d)
{
	struct nj_file_spec spec = e->spec;

	spec.name = (struct nj_view){ e->name, e->name_len };
	/* Where the line end before a boundary, or before the end of a mail,
	 * is not told from the text's own. */
	spec.hold_eol = e->in.encoding == ENC_QP ||
			(e->in.encoding == ENC_PLAIN && !is_part(e));
	if (e->ops->number)
		e->ops->number(e->ctx, d, &spec);
	nj_file_open(&e->file, d, &spec);
	if (e->ops->file)
		e->ops->file(e->ctx, d, &e->file, false);
}

static void
file_data(struct nj_entity *e, struct nj_dctx *d, struct nj_view v)
{
	if (!v.len)
		return;
	if (!e->file.open)
		file_open(e, d);
	nj_file_data(&e->file, d, v);
	if (e->ops->text && !e->in.no_text)
		e->ops->text(e->ctx, d, v);
}

static void
file_close(struct nj_entity *e, struct nj_dctx *d, bool whole)
{
	uint8_t rest[2];

	if (!e->file.open)
		return;
	if (e->in.encoding == ENC_BASE64)
		file_data(e, d,
			(struct nj_view){
				rest, nj_base64_rest(&e->base64, rest) });
	(void)nj_file_sniff(&e->file, d);
	if (e->ops->file)
		e->ops->file(e->ctx, d, &e->file, true);
	nj_file_close_told(&e->file, d, whole, e->ops->about, e->ctx);
}

static void
body_plain(struct nj_entity *e, struct nj_dctx *d, struct nj_view v, bool eol)
{
	if (e->crlf_due)
		file_data(e, d, NJ_LIT("\r\n"));
	e->crlf_due = false;
	file_data(e, d, v);
	/* The line end before a boundary belongs to the boundary. */
	if (eol && is_part(e))
		e->crlf_due = true;
	else if (eol)
		file_data(e, d, NJ_LIT("\r\n"));
}

static void
body_coded(struct nj_entity *e, struct nj_dctx *d, struct nj_view v, bool eol)
{
	uint8_t out[PIECE + 4];
	bool was_odd = e->base64.odd;

	do {
		struct nj_view piece = nj_sub(v, 0, PIECE);
		bool last = piece.len == v.len;
		size_t n;

		n = e->in.encoding == ENC_BASE64
			    ? nj_base64_more(&e->base64, piece, out)
			    : nj_qp_more(&e->qp, piece, eol && last, out);
		file_data(e, d, (struct nj_view){ out, n });
		v = nj_sub(v, piece.len, v.len);
	} while (v.len);
	if (e->base64.odd && !was_odd)
		odd(e, d, NJ_ENTITY_BAD_BASE64);
}

static void
body(struct nj_entity *e, struct nj_dctx *d, struct nj_view v, bool eol)
{
	if (e->in.kind != NJ_ENTITY_LEAF)
		return;
	if (e->in.encoding == ENC_PLAIN)
		body_plain(e, d, v, eol);
	else
		body_coded(e, d, v, eol);
}

/* ---- The stack ---- */

static void
fresh(struct nj_entity *e)
{
	e->crlf_due = false;
	e->base64 = (struct nj_base64_stream){ 0 };
	e->qp = (struct nj_qp_stream){ 0 };
	e->header_len = 0;
	e->name_len = 0;
}

static void
push(struct nj_entity *e, struct nj_dctx *d)
{
	struct nj_entity_level *up = NULL;

	if (e->depth < NJ_ENTITY_DEPTH_MAX)
		up = nj_keep(d, sizeof(*up));
	else
		odd(e, d, NJ_ENTITY_TOO_DEEP);
	if (!up)
		return; /* its bytes are passed over until it ends */
	*up = e->in;
	e->depth++;
	e->in.up = up;
	e->in.kind = NJ_ENTITY_LEAF;
	e->in.in_header = true;
	e->in.no_text = false;
	e->in.boundary_len = 0;
	fresh(e);
	if (e->ops->begin)
		e->ops->begin(e->ctx, d, e->depth);
}

static void header_finish(struct nj_entity *e, struct nj_dctx *d);

static void
pop(struct nj_entity *e, struct nj_dctx *d, bool whole)
{
	struct nj_entity_level *up = e->in.up;

	if (e->in.in_header)
		header_finish(e, d);
	file_close(e, d, whole);
	fresh(e);
	if (!up)
		return;
	e->in = *up;
	e->depth--;
	nj_drop(d, up);
}

/* ---- Header fields ---- */

static void
content_type(struct nj_entity *e, struct nj_view value)
{
	struct nj_view type, subtype, rest, boundary;

	if (!nj_field_media(value, &type, &subtype, &rest))
		return;
	e->in.kind = NJ_ENTITY_LEAF;
	e->in.no_text = !nj_view_caseeq(type, NJ_LIT("text"));
	if (nj_view_caseeq(type, NJ_LIT("message")))
		e->in.kind = NJ_ENTITY_MESSAGE;
	if (!nj_view_caseeq(type, NJ_LIT("multipart")))
		return;
	boundary = nj_field_param(rest, "boundary");
	if (!boundary.len || boundary.len > NJ_ENTITY_BOUNDARY_MAX)
		return;
	e->in.kind = NJ_ENTITY_MULTIPART;
	e->in.boundary_len = (uint8_t)boundary.len;
	memcpy(e->in.boundary, boundary.data, boundary.len);
}

static void
take_name(struct nj_entity *e, struct nj_dctx *d, struct nj_view value,
	const char *param)
{
	uint8_t out[NJ_ENTITY_NAME_MAX];
	size_t n = nj_field_filename(value, param, out, sizeof(out));

	if (!n)
		return;
	if (!e->name)
		e->name = nj_keep(d, sizeof(out));
	if (!e->name)
		return;
	memcpy(e->name, out, n);
	e->name_len = (uint16_t)n;
}

void
nj_entity_field(struct nj_entity *e, struct nj_dctx *d, struct nj_view name,
	struct nj_view value)
{
	struct nj_view token = value;

	if (nj_view_caseeq(name, NJ_LIT("content-type"))) {
		content_type(e, value);
		take_name(e, d, value, "name");
	} else if (nj_view_caseeq(name, NJ_LIT("content-disposition"))) {
		take_name(e, d, value, "filename");
	} else if (nj_view_caseeq(name, NJ_LIT("content-transfer-encoding"))) {
		token = nj_field_token(&token);
		e->in.encoding =
			nj_view_caseeq(token, NJ_LIT("base64")) ? ENC_BASE64
			: nj_view_caseeq(token, NJ_LIT("quoted-printable"))
				? ENC_QP
				: ENC_PLAIN;
	}
}

/* The field that was held back is complete. */
static void
header_finish(struct nj_entity *e, struct nj_dctx *d)
{
	struct nj_view field[2];
	struct nj_view line = { e->header, e->header_len };

	e->header_len = 0;
	if (!line.len || !nj_field_split(line, &field[0], &field[1]))
		return;
	if (e->ops->header)
		e->ops->header(e->ctx, d, e->depth, field);
	nj_entity_field(e, d, field[0], field[1]);
}

static bool
header_room(struct nj_entity *e, struct nj_dctx *d, size_t more)
{
	uint32_t cap = e->header_cap ? e->header_cap : 496;
	uint8_t *bigger;

	if (e->header_len + more > NJ_ENTITY_HEADER_MAX)
		return false;
	while (cap < e->header_len + more)
		cap *= 4;
	cap = nj_min(cap, (uint32_t)NJ_ENTITY_HEADER_MAX);
	if (cap == e->header_cap)
		return true;
	bigger = nj_keep(d, cap);
	if (!bigger)
		return false;
	if (e->header_len)
		memcpy(bigger, e->header, e->header_len);
	drop(d, &e->header);
	e->header = bigger;
	e->header_cap = cap;
	return true;
}

static void
header_line(struct nj_entity *e, struct nj_dctx *d, struct nj_view v)
{
	bool more = v.len && (v.data[0] == ' ' || v.data[0] == '\t');

	if (!more || !e->header_len)
		header_finish(e, d);
	if (!v.len) {
		nj_entity_body(e, d);
		return;
	}
	if (!e->header_len)
		v = nj_view_trim(v);
	if (!header_room(e, d, v.len)) {
		odd(e, d, NJ_ENTITY_LONG_HEADER);
		return;
	}
	memcpy(e->header + e->header_len, v.data, v.len);
	e->header_len += (uint32_t)v.len;
}

/* ---- Boundaries ---- */

static bool
is_boundary(const struct nj_entity_level *l, struct nj_view v)
{
	return l->boundary_len && v.len >= l->boundary_len + 2u &&
	       !memcmp(v.data + 2, l->boundary, l->boundary_len);
}

/* If v is a boundary of some container, ends what lies inside it and begins
 * the next part. */
static bool
boundary(struct nj_entity *e, struct nj_dctx *d, struct nj_view v)
{
	/* The boundary of an entity counts only once its header is over. */
	const struct nj_entity_level *l = e->in.in_header ? e->in.up : &e->in;
	unsigned above = e->in.in_header, found = 0;
	bool any = false, last;
	size_t n;

	if (v.len < 3 || v.data[0] != '-' || v.data[1] != '-')
		return false;
	for (; l; l = l->up, above++) {
		if (!is_boundary(l, v))
			continue;
		any = true;
		found = above;
	}
	if (!any)
		return false;
	while (found--)
		pop(e, d, true);
	n = 2u + e->in.boundary_len;
	last = v.len >= n + 2 && v.data[n] == '-' && v.data[n + 1] == '-';
	if (last)
		e->in.kind = NJ_ENTITY_IGNORE;
	else
		push(e, d);
	return true;
}

/* ---- Lines ---- */

void
nj_entity_line(
	struct nj_entity *e, struct nj_dctx *d, struct nj_view v, bool eol)
{
	bool begins = !e->mid_line;

	e->mid_line = !eol;
	if (begins && boundary(e, d, v))
		return;
	if (e->in.in_header) {
		if (begins)
			header_line(e, d, v);
		return;
	}
	body(e, d, v, eol);
}

/* Where the first line of v ends: its length without and with its end. False
 * when its end is not in v. */
static bool
line_end(const struct nj_entity *e, struct nj_view v, size_t *text,
	size_t *whole)
{
	size_t at = 0, lf;

	for (;;) {
		lf = nj_view_chr(nj_sub(v, at, v.len), '\n');
		if (lf == SIZE_MAX)
			return false;
		at += lf;
		if (at && v.data[at - 1] == '\r') {
			*text = at - 1;
			break;
		}
		if (e->in.in_header || e->in.kind != NJ_ENTITY_LEAF) {
			*text = at;
			break;
		}
		at++;
	}
	*whole = at + 1;
	return true;
}

/* Puts bytes of v behind those carried; gives how many. */
static size_t
carry_add(struct nj_entity *e, struct nj_dctx *d, struct nj_view v)
{
	size_t n = nj_min(v.len, (size_t)NJ_ENTITY_LINE_MAX - e->carry_len);

	if (!e->carry)
		e->carry = nj_keep(d, NJ_ENTITY_LINE_MAX);
	if (!e->carry) {
		/* No room: the line falls apart, which only hides a
		 * boundary or a field. */
		nj_entity_line(e, d, v, false);
		return v.len;
	}
	memcpy(e->carry + e->carry_len, v.data, n);
	e->carry_len = (uint16_t)(e->carry_len + n);
	return n;
}

/* A line that is too long to wait for: all of it but a last CR goes on. */
static void
carry_flush(struct nj_entity *e, struct nj_dctx *d)
{
	bool cr = e->carry[e->carry_len - 1] == '\r';

	nj_entity_line(
		e, d, (struct nj_view){ e->carry, e->carry_len - cr }, false);
	e->carry[0] = '\r';
	e->carry_len = cr;
}

/* The same where they lie: however a line that is too long was cut, it falls
 * into the same pieces. Gives how many bytes that are. */
static size_t
pieces(struct nj_entity *e, struct nj_dctx *d, struct nj_view v)
{
	size_t at = 0;

	while (v.len - at >= NJ_ENTITY_LINE_MAX) {
		size_t n = NJ_ENTITY_LINE_MAX;

		n -= v.data[at + n - 1] == '\r';
		nj_entity_line(e, d, nj_sub(v, at, n), false);
		at += n;
	}
	return at;
}

void
nj_entity_bytes(struct nj_entity *e, struct nj_dctx *d, struct nj_view v)
{
	size_t text, whole;

	while (v.len && e->carry_len) {
		size_t had = e->carry_len, n = carry_add(e, d, v);
		struct nj_view line = { e->carry, e->carry_len };

		if (line_end(e, line, &text, &whole)) {
			e->carry_len = 0;
			n = whole - had;
			nj_entity_line(e, d, nj_sub(line, 0, text), true);
		} else if (e->carry_len == NJ_ENTITY_LINE_MAX) {
			carry_flush(e, d);
		}
		v = nj_sub(v, n, v.len);
	}
	while (v.len && line_end(e, v, &text, &whole)) {
		size_t at = whole > NJ_ENTITY_LINE_MAX
				    ? pieces(e, d, nj_sub(v, 0, whole - 1))
				    : 0;

		nj_entity_line(e, d, nj_sub(v, at, text - at), true);
		v = nj_sub(v, whole, v.len);
	}
	v = nj_sub(v, pieces(e, d, v), v.len);
	while (v.len)
		v = nj_sub(v, carry_add(e, d, v), v.len);
}

void
nj_entity_begin(struct nj_entity *e, struct nj_dctx *d,
	const struct nj_entity_ops *ops, void *ctx)
{
	struct nj_file_spec spec = e->spec;

	*e = (struct nj_entity){ .ops = ops, .ctx = ctx, .spec = spec };
	e->in.in_header = true;
	if (ops->begin)
		ops->begin(ctx, d, 0);
}

void
nj_entity_body(struct nj_entity *e, struct nj_dctx *d)
{
	e->in.in_header = false;
	if (e->in.kind == NJ_ENTITY_MESSAGE)
		push(e, d);
}

bool
nj_entity_is_container(const struct nj_entity *e)
{
	return e->in.kind != NJ_ENTITY_LEAF;
}

void
nj_entity_gap(struct nj_entity *e, struct nj_dctx *d, uint64_t n)
{
	if (e->carry_len) {
		struct nj_view v = { e->carry, e->carry_len };

		e->carry_len = 0;
		nj_entity_line(e, d, v, false);
	}
	if (e->in.in_header)
		header_finish(e, d);
	if (!e->in.in_header && e->in.kind == NJ_ENTITY_LEAF) {
		if (!e->file.open)
			file_open(e, d);
		nj_file_gap(&e->file, d, n);
	}
	e->mid_line = true;
}

void
nj_entity_end(struct nj_entity *e, struct nj_dctx *d, bool whole)
{
	if (e->carry_len) {
		struct nj_view v = { e->carry, e->carry_len };

		e->carry_len = 0;
		if (v.data[v.len - 1] == '\r' && e->in.in_header)
			v.len--;
		nj_entity_line(e, d, v, false);
	}
	while (e->in.up)
		pop(e, d, whole);
	pop(e, d, whole);
	drop(d, &e->header);
	drop(d, &e->carry);
	drop(d, &e->name);
	e->header_cap = 0;
}
