/*
 * flow.c - EVE "flow" of the conn log: one event a flow, at its end.
 */
#include "dissectors/eve/maps.h"

/* The application protocol is the last one that a flow came to speak, as
 * after STARTTLS; the first is told besides. */
static void
put_app_proto(struct nj_eve *e, const char *path, const struct nj_row_field *f)
{
	struct nj_view all = f->bytes, first, last = all;
	size_t comma = nj_view_chr(all, ','), next;

	while ((next = nj_view_chr(last, ',')) != SIZE_MAX)
		last = nj_sub(last, next + 1, last.len);
	nj_json_str(&e->json, nj_eve_key(e, path), nj_eve_app_proto(last));
	if (comma == SIZE_MAX)
		return;
	first = nj_sub(all, 0, comma);
	nj_json_str(&e->json, nj_eve_key(e, "app_proto_orig"),
		nj_eve_app_proto(first));
}

static int64_t
duration(const struct nj_eve *e)
{
	const struct nj_row_field *f = nj_eve_value(e, "duration");

	return f ? f->i : 0;
}

static void
put_start(struct nj_eve *e, const char *path, const struct nj_row_field *f)
{
	char text[NJ_EVE_TIME_TEXT];

	(void)f;
	nj_json_str(&e->json, nj_eve_key(e, path),
		nj_eve_time(e->row->head.ts_ns, text));
}

static void
put_end(struct nj_eve *e, const char *path, const struct nj_row_field *f)
{
	char text[NJ_EVE_TIME_TEXT];

	(void)f;
	nj_json_str(&e->json, nj_eve_key(e, path),
		nj_eve_time(e->row->head.ts_ns + duration(e), text));
}

/* Whole seconds between the seconds of both ends. */
static void
put_age(struct nj_eve *e, const char *path, const struct nj_row_field *f)
{
	int64_t start = e->row->head.ts_ns;

	(void)f;
	nj_json_i64(&e->json, nj_eve_key(e, path),
		(start + duration(e)) / NJ_NS_PER_S - start / NJ_NS_PER_S);
}

static void
put_reason(struct nj_eve *e, const char *path, const struct nj_row_field *f)
{
	static const char *const words[][2] = { { "closed", "shutdown" },
		{ "finish", "shutdown" }, { "evicted", "forced" },
		{ "reused", "tcp_reuse" } };
	const char *word = "timeout";

	for (size_t i = 0; i < nj_countof(words); i++)
		if (nj_view_eq(f->bytes, nj_str(words[i][0])))
			word = words[i][1];
	nj_json_text(&e->json, nj_eve_key(e, path), word);
}

static const struct nj_eve_rule rules[] = {
	{ "service", "app_proto", put_app_proto },
	{ "orig_pkts", "flow.pkts_toserver", NULL },
	{ "resp_pkts", "flow.pkts_toclient", NULL },
	{ "orig_ip_bytes", "flow.bytes_toserver", NULL },
	{ "resp_ip_bytes", "flow.bytes_toclient", NULL },
	{ NULL, "flow.start", put_start },
	{ NULL, "flow.end", put_end },
	{ NULL, "flow.age", put_age },
	{ "ended", "flow.reason", put_reason },
	{ "community_id", "community_id", NULL },
	{ 0 },
};

const struct nj_eve_map nj_eve_flow = { "conn", "flow", rules, NULL };
