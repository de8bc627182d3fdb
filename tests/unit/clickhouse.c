/*
 * clickhouse.c - log types as tables: what is declared, and that a row comes
 * back from the binary format as it went.
 */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine/pipeline/pipeline.h"
#include "engine/store/output/sql.h"
#include "tests/net/outboxkit.h"

#define ALL(F, tag)                                                            \
	F(tag, 1, BOOL, yes, NJ_OPT, "")                                       \
	F(tag, 2, STR, user, NJ_PII, "")                                       \
	F(tag, 3, STR, cert__issuer, NJ_INDEX, "")                             \
	F(tag, 4, ADDR, server, 0, "")                                         \
	F(tag, 5, VADDR, servers, 0, "")                                       \
	F(tag, 6, TIME, until, NJ_OPT, "")
NJ_EVENT(chall, ALL, "For tests");

static const struct nj_table_place old = { NJ_DIALECT_BASE, "db", "night", 7 };
static const struct nj_table_place new = { NJ_DIALECT_CURRENT, "d`b", "", 7 };

static void
says(struct nj_buf *b, const char *want)
{
	nj_buf_char(b, '\0');
	if (!strstr((char *)b->data, want))
		fail_msg("no \"%s\" in %s", want, (char *)b->data);
	b->len--;
}

/* Versions choose the dialect. */
static void
dialects(void **unused)
{
	(void)unused;
	assert_int_equal(nj_dialect_of(nj_str("18.16.1\n")), NJ_DIALECT_BASE);
	assert_int_equal(nj_dialect_of(nj_str("22.2.9.1\n")), NJ_DIALECT_BASE);
	assert_int_equal(
		nj_dialect_of(nj_str("22.3.1.1\n")), NJ_DIALECT_CURRENT);
	assert_int_equal(
		nj_dialect_of(nj_str("26.5.1.1\n")), NJ_DIALECT_CURRENT);
	assert_int_equal(nj_dialect_of(nj_str("")), NJ_DIALECT_BASE);
}

/* Old servers get types that they know, replicas, days as partitions. */
static void
base_table(void **unused)
{
	struct nj_buf b = { 0 };
	struct nj_table t;

	(void)unused;
	nj_table_make(&t, &chall_desc);
	nj_table_create(&b, &t, &old);
	says(&b, "CREATE TABLE IF NOT EXISTS `db`.`chall` ON CLUSTER `night` "
		 "(`_day` Date, `ts` Int64, `uid` String, `id_orig_h` String, "
		 "`id_orig_h__ip` FixedString(16), `id_orig_p` UInt16");
	says(&b, "`yes` Nullable(UInt8), `user` Nullable(String), "
		 "`cert_issuer` Nullable(String), `server` String, "
		 "`server__ip` FixedString(16), `servers` Array(String), "
		 "`servers__ip` Array(FixedString(16)), "
		 "`until` Nullable(Int64)) "
		 "ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/db/"
		 "chall', '{replica}') PARTITION BY toYYYYMMDD(`_day`) "
		 "ORDER BY `ts` SETTINGS");
	nj_buf_free(&b);
}

/* Current ones get their own types, codecs, filters and an end. */
static void
current_table(void **unused)
{
	struct nj_buf b = { 0 };
	struct nj_table t;

	(void)unused;
	nj_table_make(&t, &chall_desc);
	nj_table_create(&b, &t, &new);
	says(&b, "`d\\`b`.`chall` (`_day` Date CODEC(ZSTD), "
		 "`ts` DateTime64(9, 'UTC') CODEC(Delta, ZSTD)");
	says(&b, "`cert_issuer` LowCardinality(Nullable(String)) CODEC(ZSTD)");
	says(&b, "`user` Nullable(String) CODEC(ZSTD)");
	says(&b, "`servers__ip` Array(IPv6) CODEC(ZSTD)");
	says(&b, "INDEX `_i_cert_issuer` `cert_issuer` TYPE bloom_filter");
	says(&b, ") ENGINE = MergeTree() PARTITION BY toYYYYMMDD(`_day`) "
		 "ORDER BY `ts` TTL `_day` + toIntervalDay(7) SETTINGS");
	nj_buf_free(&b);
}

/* Text of any bytes stays text in SQL. */
static void
quoting(void **unused)
{
	struct nj_buf b = { 0 };

	(void)unused;
	nj_sql_text(&b, NJ_LIT("a'b\\c\n\0\xff%_"));
	says(&b, "'a\\x27b\\x5Cc\\x0A\\x00\\xFF%_'");
	nj_buf_free(&b);
}

/* No two columns of any log type have one name. */
static void
names_differ(void **unused)
{
	const struct nj_event_desc *desc;
	static struct nj_table t;

	(void)unused;
	for (unsigned i = 0; (desc = nj_event_at(i)); i++) {
		nj_table_make(&t, desc);
		for (unsigned k = 0; k < t.count; k++)
			for (unsigned j = 0; j < k; j++)
				assert_string_not_equal(
					t.column[k].name, t.column[j].name);
	}
}

/* A row to RowBinary as the server would give it back: without the columns
 * that searches do not ask for. */
static void
answer_of(
	struct nj_buf *out, const struct nj_table *t, const struct nj_row *row)
{
	static const struct nj_table_origin origin = { 0 };
	static struct nj_table one;

	for (unsigned i = 0; i < t->count; i++) {
		if (!t->column[i].answer)
			continue;
		one.desc = t->desc;
		one.count = 1;
		one.column[0] = t->column[i];
		nj_table_encode(out, &one, row, &origin);
	}
}

/* Whatever a row holds comes back, in pieces of any size. */
static void
rows_come_back(void **unused)
{
	static struct nj_table t;
	struct nj_buf bytes = { 0 }, answer = { 0 }, want = { 0 }, got = { 0 };
	struct nj_row row, back;

	(void)unused;
	for (uint64_t i = 0; i < 3000; i++) {
		struct nj_table_reader r = { .table = &t };
		bool bad = false, there = false;
		size_t step = 1 + i % 97;

		nj_buf_reset(&bytes);
		nj_buf_reset(&answer);
		outbox_row(&bytes, 9, i);
		assert_true(nj_row_parse(
			&row, (struct nj_view){ bytes.data, bytes.len }));
		nj_table_make(&t, nj_event_by_type(row.type));
		answer_of(&answer, &t, &row);
		for (size_t at = 0; at < answer.len; at += step) {
			assert_false(there);
			nj_table_feed(&r, nj_sub((struct nj_view){ answer.data,
							 answer.len },
						  at, step));
			there = nj_table_read(&r, &back, &bad);
			assert_false(bad);
		}
		assert_true(there);
		nj_buf_reset(&want);
		nj_buf_reset(&got);
		nj_row_json(&want, &row);
		nj_row_json(&got, &back);
		nj_buf_char(&want, '\0');
		nj_buf_char(&got, '\0');
		assert_string_equal((char *)got.data, (char *)want.data);
		assert_int_equal(back.head.order_ns, row.head.order_ns);
		assert_int_equal(back.head.vlan[0], row.head.vlan[0]);
		nj_table_reader_free(&r);
	}
	nj_buf_free(&bytes);
	nj_buf_free(&answer);
	nj_buf_free(&want);
	nj_buf_free(&got);
}

/* Regular expressions are not run here: all compile. */
static void *
compile_any(void *ctx, const struct nj_bound_regex *re, char *why, size_t cap)
{
	static char compiled;

	(void)ctx, (void)re, (void)why, (void)cap;
	return &compiled;
}

static void
destroy_any(void *ctx, void *compiled)
{
	(void)ctx, (void)compiled;
}

/* The condition for a query on chall, whose table has all columns. */
static bool
where(struct nj_buf *out, const char *text, bool plain_ts)
{
	static const struct nj_query_regexes none = { NULL, compile_any, NULL,
		destroy_any };
	struct nj_query_env env = { .regexes = &none };
	struct nj_session_columns columns = { .any = true,
		.plain_ts = plain_ts };
	struct nj_sql_ask ask = {
		.columns = &columns, .from_ns = 1, .to_ns = 9
	};
	struct nj_query_error error;
	struct nj_query *q;
	struct nj_bound *b;
	struct nj_table t;
	bool exact;

	memset(columns.have, true, sizeof(columns.have));
	nj_table_make(&t, &chall_desc);
	nj_buf_reset(out);
	assert_int_equal(nj_query_parse(&q, nj_str(text), &error), NJ_OK);
	assert_int_equal(nj_query_bind(&b, q, &env, &error), NJ_OK);
	ask.bound = b;
	ask.table = &t;
	ask.type = nj_bound_find(b, nj_event_type(&chall_desc));
	assert_non_null(ask.type);
	nj_sql_where(out, &ask, &exact);
	nj_bound_destroy(&b);
	nj_query_destroy(&q);
	return exact;
}

/* Conditions say what the query says, with every value escaped. */
static void
conditions(void **unused)
{
	struct nj_buf b = { 0 };

	(void)unused;
	assert_true(where(&b, "user:\"it's\"", true));
	says(&b, "`ts` >= toInt64('1') AND `ts` < toInt64('9') AND "
		 "(ifNull((lower(`user`) = 'it\\x27s'), 0))");
	assert_true(where(&b, "server:10.0.0.0/8", true));
	says(&b, "(`server__ip` >= unhex('00000000000000000000FFFF0A000000') "
		 "AND `server__ip` <= "
		 "unhex('00000000000000000000FFFF0AFFFFFF') AND "
		 "`server` != '' AND position(`server`, ':') = 0)");
	assert_true(where(&b, "server:10.0.0.0/8", false));
	says(&b, "`ts` >= fromUnixTimestamp64Nano(toInt64('1'))");
	says(&b, "`server__ip` >= toIPv6('::ffff:10.0.0.0')");
	assert_true(where(&b, "NOT servers:10.1.2.3", true));
	says(&b, "NOT (arrayExists((x, y) -> x != '' AND (x = '10.1.2.3'), "
		 "`servers`, `servers__ip`))");
	assert_true(where(&b, "user:ab*", true));
	says(&b, "startsWith(lower(`user`), 'ab')");
	assert_true(where(&b, "_exists_:servers yes:true", true));
	says(&b, "bitAnd(`_has`, 32) != 0");
	nj_buf_free(&b);
}

/* What servers may read otherwise is let through, on both sides of NOT. */
static void
doubtful_conditions(void **unused)
{
	struct nj_buf b = { 0 };

	(void)unused;
	assert_false(where(&b, "user:a?c.d", true));
	says(&b, "(match(lower(`user`), '^a.c\\x5C.d$') OR NOT "
		 "match(`user`, '^[ -~]*$'))");
	assert_false(where(&b, "NOT user:a?c", true));
	says(&b, "NOT (ifNull((match(lower(`user`), '^a.c$') AND "
		 "match(`user`, '^[ -~]*$')), 0))");
	assert_false(where(&b, "user:/a(b|c)+'/", true));
	says(&b, "match(`user`, '(?i)^(?:a(b|c)+\\x27)$')");
	assert_false(where(&b, "user:/\\p{L}/", true));
	says(&b, "(ifNull(1, 0))");
	assert_false(where(&b, "NOT user:/a(?=b)/", true));
	says(&b, "NOT (ifNull(0, 0))");
	nj_buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dialects),
		cmocka_unit_test(base_table),
		cmocka_unit_test(current_table),
		cmocka_unit_test(quoting),
		cmocka_unit_test(names_differ),
		cmocka_unit_test(rows_come_back),
		cmocka_unit_test(conditions),
		cmocka_unit_test(doubtful_conditions),
	};

	if (!outbox_begin() || nj_event_register(&chall_desc))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
