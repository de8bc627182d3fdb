/*
 * query.c - fuzzes the query language: text up to the first zero byte is a
 * query, what follows a row. It is parsed, bound and matched against rows of
 * every type of field; NOT ( ) around it must turn every outcome round.
 */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/fuzzrow.h"

#include "engine/flow/conn.h"
#include "engine/store/query/query.h"

enum { ROWS = 4, ROW_BYTES = 1024 };
static uint8_t bytes[ROWS][ROW_BYTES];
static struct nj_row rows[ROWS];
static struct nj_buf out;

static void
row_put(unsigned i, const struct nj_event_desc *desc,
	const struct nj_head *head, const void *ev)
{
	size_t n = nj_row_encode(bytes[i], sizeof(bytes[i]), desc, head, ev);

	NJ_ASSERT(n && nj_row_parse(&rows[i], (struct nj_view){ bytes[i], n }));
}

/* Nothing set, everything set, and everything at its ends. */
static void
rows_make(void)
{
	const struct nj_view texts[] = { NJ_LIT("Abc"), NJ_LIT("") };
	const uint64_t numbers[] = { 0, 42, UINT64_MAX };
	const int64_t spans[] = { -1, 5 * NJ_NS_PER_S };
	const struct nj_addr addr = nj_addr4("\x0a\x01\x02\x03");
	struct nj_head head = { .ts_ns = NJ_NS_PER_S };
	struct fuzzrow_event ev = { 0 };
	/* The columns that names and lists treat in their own ways. */
	struct conn_event conn = { .service = NJ_LIT("gssapi,smb"),
		.conn_state = NJ_LIT("SF"),
		.history = NJ_LIT("ShADadFf"),
		.orig_l2_addr = NJ_LIT("00:1a:2b:01:02:03") };

	row_put(0, &fuzzrow_desc, &head, &ev);
	head = (struct nj_head){ 1, INT64_MIN, { 7, 8 }, addr, addr, 53, 65535,
		{ 5, 6 }, 17, { { 1, 2, 3, 4, 5, 6 }, { 0 } } };
	ev = (struct fuzzrow_event){ UINT64_MAX, true, 255, 65535, UINT32_MAX,
		UINT64_MAX, INT64_MIN, 1.5, INT64_MAX, -5, NJ_LIT("a\xff*b"),
		addr, { texts, 2 }, { numbers, 3 }, { spans, 2 },
		{ &addr, 1 } };
	row_put(1, &fuzzrow_desc, &head, &ev);
	ev.g = -0.0;
	ev.l.n = ev.m.n = ev.n.n = ev.o.n = 0;
	row_put(2, &fuzzrow_desc, &head, &ev);
	row_put(3, &conn_desc, &head, &conn);
}

/* Regular expressions of this matcher are texts. */
static void *
compile(void *ctx, const struct nj_bound_regex *re, char *why, size_t cap)
{
	struct nj_bound_regex *copy;

	if (re->pattern.data[0] == '(') {
		NJ_ASSERT(cap > 4);
		memcpy(why, "odd", 4);
		return NULL;
	}
	copy = malloc(sizeof(*copy));
	NJ_ASSERT(copy);
	*copy = *re;
	return copy;
}

static bool
match(void *ctx, void *compiled, struct nj_view text)
{
	const struct nj_bound_regex *re = compiled;

	return re->whole ? nj_view_eq(text, re->pattern)
			 : nj_view_find(text, re->pattern) != SIZE_MAX;
}

static void
destroy(void *ctx, void *compiled)
{
	free(compiled);
}

static const struct nj_query_regexes regexes = { NULL, compile, match,
	destroy };

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	NJ_ASSERT(!nj_event_register(&fuzzrow_desc));
	NJ_ASSERT(!nj_event_register(&conn_desc));
	rows_make();
	return 0;
}

static void
check_error(struct nj_view text, const struct nj_query_error *error)
{
	NJ_ASSERT(error->what[0] && error->column >= 1);
	NJ_ASSERT(error->span.at <= text.len);
	nj_buf_reset(&out);
	nj_query_error_text(&out, text, error);
	for (size_t i = 0; i < out.len; i++)
		NJ_ASSERT(out.data[i] >= 0x20 || out.data[i] == '\n');
}

/* NULL when the text is no query that can be bound. */
static struct nj_bound *
bound_of(struct nj_view text)
{
	const struct nj_query_env env = { 0, &regexes };
	struct nj_query_error error;
	struct nj_bound *b = NULL;
	struct nj_query *q;

	if (nj_query_parse(&q, text, &error)) {
		check_error(text, &error);
		return NULL;
	}
	nj_buf_reset(&out);
	nj_query_dump(&out, q);
	if (nj_query_bind(&b, q, &env, &error))
		check_error(text, &error);
	nj_query_destroy(&q);
	if (!b)
		return NULL;
	nj_buf_reset(&out);
	nj_bound_dump(&out, b);
	return b;
}

static void
check_not(struct nj_view text, const struct nj_bound *b,
	const struct nj_row *last)
{
	struct nj_bound *inverse;
	struct nj_buf not_text = { 0 };

	nj_buf_str(&not_text, "NOT (");
	nj_buf_put(&not_text, text.data, text.len);
	nj_buf_char(&not_text, ')');
	inverse = bound_of((struct nj_view){ not_text.data, not_text.len });
	for (unsigned i = 0; inverse && i < ROWS; i++)
		NJ_ASSERT(nj_bound_match(b, &rows[i]) !=
			  nj_bound_match(inverse, &rows[i]));
	if (inverse && last)
		NJ_ASSERT(nj_bound_match(b, last) !=
			  nj_bound_match(inverse, last));
	nj_bound_destroy(&inverse);
	nj_buf_free(&not_text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t n = nj_min(nj_view_chr((struct nj_view){ data, size }, 0), size);
	struct nj_view text = { data, n };
	struct nj_bound *b = bound_of(text);
	uint8_t *more = NULL;
	struct nj_row row;
	bool whole = false;

	if (n < size)
		more = fuzzrow_mend(data + n + 1, size - n - 1);
	if (more)
		whole = nj_row_parse(
			&row, (struct nj_view){ more, size - n - 1 });
	if (b)
		check_not(text, b, whole ? &row : NULL);
	nj_bound_destroy(&b);
	free(more);
	return 0;
}
