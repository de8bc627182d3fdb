/*
 * settle.c - tests of how a flow comes to its dissector and, when that one
 * rejects it late, to another: the same whatever pieces the bytes come in.
 * The dissectors exist for this alone.
 */
#include "tests/unit/unit.h"

#include "engine/dissect/dissect.h"
#include "engine/pipeline/pipeline.h"

enum { TEXT_BYTES = 16 * 1024, FILL_LINES = 300 };

/* What each dissector was given of each direction in all. */
struct seen {
	uint8_t text[2][TEXT_BYTES];
	size_t len[2];
	unsigned begun;
};
static struct seen late_seen, early_seen;

static void
see(struct seen *s, enum nj_dir dir, struct nj_view v)
{
	assert_true(s->len[dir] + v.len <= TEXT_BYTES);
	memcpy(s->text[dir] + s->len[dir], v.data, v.len);
	s->len[dir] += v.len;
}

/* Takes lines; "!" says that they were another's, "skip" that ten bytes do
 * not matter, "mine" that it is sure. */
static enum nj_verdict
lines_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	size_t n;

	(void)dir;
	while ((n = nj_view_chr(v, '\n')) != SIZE_MAX) {
		if (v.data[0] == '!')
			return NJ_REJECT;
		if (v.data[0] == 's') {
			nj_consume(d, n + 1);
			nj_skip(d, 10);
			return NJ_MORE;
		}
		if (v.data[0] == 'm')
			nj_confirm(d);
		nj_consume(d, n + 1);
		v = nj_sub(v, n + 1, v.len);
	}
	return NJ_MORE;
}

static enum nj_verdict
late_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	late_seen.begun++;
	see(&late_seen, dir, v);
	nj_consume(d, v.len);
	nj_confirm(d);
	return NJ_MORE;
}

static enum nj_verdict
early_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	early_seen.begun++;
	see(&early_seen, dir, v);
	nj_consume(d, v.len);
	nj_confirm(d);
	return NJ_MORE;
}

static const struct nj_dissector lines = { .name = "lines",
	.title = "Lines",
	.buffer_max = 1024,
	.ports = (const struct nj_port[]){ { NJ_TCP, 7 }, { 0 } },
	.stream = lines_stream };
static const struct nj_dissector late = { .name = "late",
	.title = "Late",
	.sigs = (const struct nj_sig[]){ { "magic", 0 },
		{ "^early and late", 0 }, { 0 } },
	.stream = late_stream };
static const struct nj_dissector zearly = { .name = "zearly",
	.title = "Early, though late in the list",
	.sigs = (const struct nj_sig[]){ { "^early", 0 }, { 0 } },
	.stream = early_stream };
static const struct nj_dissector *const all[] = { &late, &lines, &zearly,
	NULL };

struct talk {
	struct nj_flow_table *flows;
	struct nj_dissect *dissect;
	struct nj_dissect_set *set;
	uint32_t seq[2];
	size_t cut;
	uint16_t port;
};

static void
send(struct talk *t, enum nj_dir dir, uint8_t flags, struct nj_view v)
{
	static const uint8_t hosts[2][4] = { { 10, 0, 0, 1 }, { 10, 0, 0, 2 } };
	const uint16_t ports[2] = { 40000, t->port };
	struct nj_meta m = { .kind = NJ_KIND_FLOW,
		.ip_version = 4,
		.proto = NJ_IP_TCP,
		.tcp_flags = flags,
		.sport = ports[dir],
		.dport = ports[nj_other(dir)],
		.src = hosts[dir],
		.dst = hosts[nj_other(dir)],
		.seq = t->seq[dir],
		.ack = t->seq[nj_other(dir)],
		.window = 65535,
		.payload = v,
		.payload_wire = (uint32_t)v.len,
		.ip_bytes = (uint32_t)v.len + 40,
		.ts_ns = NJ_NS_PER_S,
		.now_ns = NJ_NS_PER_S };

	nj_flow_burst(t->flows, &m, 1);
	t->seq[dir] += (uint32_t)v.len + (flags & NJ_TCP_SYN ? 1 : 0);
}

static uint8_t *
no_room(void *ctx, size_t n)
{
	(void)ctx;
	(void)n;
	return NULL;
}

static void
talk_open(struct talk *t, uint16_t port, size_t cut)
{
	static struct nj_sink nowhere = { .reserve = no_room };
	struct nj_dissect_conf conf = { .sink = &nowhere,
		.memory_bytes = 16 << 20 };
	struct nj_pipeline_conf pipeline;
	struct nj_flow_hooks hooks;

	*t = (struct talk){ .port = port, .cut = cut };
	late_seen.len[0] = late_seen.len[1] = late_seen.begun = 0;
	early_seen.len[0] = early_seen.len[1] = early_seen.begun = 0;
	assert_int_equal(nj_dissect_set_create(&t->set, all, NULL), NJ_OK);
	nj_pipeline_conf_default(&pipeline);
	pipeline.flow.flows_max = 1024;
	conf.set = t->set;
	assert_int_equal(nj_dissect_create(&t->dissect, &conf), NJ_OK);
	hooks = nj_dissect_hooks(t->dissect);
	assert_int_equal(
		nj_flow_create(&t->flows, &pipeline.flow, &hooks), NJ_OK);
	send(t, NJ_ORIG, NJ_TCP_SYN, (struct nj_view){ 0 });
	send(t, NJ_RESP, NJ_TCP_SYN | NJ_TCP_ACK, (struct nj_view){ 0 });
}

static void
say(struct talk *t, enum nj_dir dir, struct nj_view v)
{
	while (v.len) {
		struct nj_view piece = nj_sub(v, 0, t->cut);

		send(t, dir, NJ_TCP_ACK, piece);
		v = nj_sub(v, piece.len, v.len);
	}
}

static void
talk_close(struct talk *t)
{
	struct nj_pool_use use[NJ_DISSECT_POOLS];

	nj_flow_finish(t->flows, NJ_NS_PER_S);
	(void)nj_dissect_pools(t->dissect, use);
	for (unsigned i = 0; i < NJ_DISSECT_POOLS; i++)
		assert_int_equal(use[i].used, 0);
	nj_flow_destroy(&t->flows);
	nj_dissect_destroy(&t->dissect);
	nj_dissect_set_destroy(&t->set);
}

static const size_t cuts[] = { 1, 2, 3, 5, 8, 13, 100, 2000, TEXT_BYTES };

/* Who rejects a flow after it has consumed some of it leaves all of it, both
 * sides from their first byte, to the next. */
static void
next_gets_all(void **unused)
{
	(void)unused;
	for (unsigned i = 0; i < nj_countof(cuts); i++) {
		struct talk t;

		talk_open(&t, 7, cuts[i]);
		say(&t, NJ_ORIG, NJ_LIT("one\ntwo\n"));
		say(&t, NJ_RESP, NJ_LIT("three\nand a half"));
		say(&t, NJ_ORIG, NJ_LIT("four\n!magic\nfive"));
		say(&t, NJ_RESP, NJ_LIT("six"));
		assert_true(nj_view_eq(
			(struct nj_view){ late_seen.text[0], late_seen.len[0] },
			NJ_LIT("one\ntwo\nfour\n!magic\nfive")));
		assert_true(nj_view_eq(
			(struct nj_view){ late_seen.text[1], late_seen.len[1] },
			NJ_LIT("three\nand a halfsix")));
		talk_close(&t);
	}
}

/* Fills FILL_LINES lines of fill, ending with the line given. */
static struct nj_view
long_text(const char *fill, const char *last)
{
	static char text[TEXT_BYTES];
	size_t n = strlen(fill), at = 0;

	for (unsigned i = 0; i < FILL_LINES; i++, at += n)
		memcpy(text + at, fill, n);
	memcpy(text + at, last, strlen(last));
	return (struct nj_view){ (uint8_t *)text, at + strlen(last) };
}

/* After more than is held for others a rejection is the end, and that is
 * told by bytes, not by how many came at once. */
static void
too_late_for_others(void **unused)
{
	(void)unused;
	for (unsigned i = 0; i < nj_countof(cuts); i++) {
		struct talk t;

		talk_open(&t, 7, cuts[i]);
		say(&t, NJ_ORIG, NJ_LIT("one two\n"));
		say(&t, NJ_ORIG, long_text("0123456\n", "!magic\n"));
		say(&t, NJ_RESP, NJ_LIT("magic\n"));
		assert_int_equal(late_seen.begun, 0);
		talk_close(&t);
	}
}

/* What was skipped cannot be shown to another, be it in hand or not. */
static void
skipped_is_seen(void **unused)
{
	(void)unused;
	for (unsigned i = 0; i < nj_countof(cuts); i++) {
		struct talk t;

		talk_open(&t, 7, cuts[i]);
		say(&t, NJ_ORIG, NJ_LIT("one\nskip\n0123456789!magic\n"));
		assert_int_equal(late_seen.begun, 0);
		talk_close(&t);
	}
}

/* Of two signatures the one that is complete first has the flow if it is sure
 * before the other is complete, also when both are there at once. */
static void
first_signature_wins(void **unused)
{
	(void)unused;
	for (unsigned i = 0; i < nj_countof(cuts); i++) {
		struct talk t;

		talk_open(&t, 8, cuts[i]);
		say(&t, NJ_ORIG, NJ_LIT("early and late"));
		assert_int_equal(late_seen.begun, 0);
		assert_int_equal(early_seen.len[0], 14);
		talk_close(&t);
	}
}

/* Who has a flow by its port alone loses it to a signature as long as it is
 * not sure, but not to one in the answer. */
static void
signature_beats_port(void **unused)
{
	(void)unused;
	for (unsigned i = 0; i < nj_countof(cuts); i++) {
		struct talk t;

		talk_open(&t, 7, cuts[i]);
		say(&t, NJ_ORIG, NJ_LIT("some and magic\n"));
		say(&t, NJ_ORIG, NJ_LIT("more"));
		assert_int_equal(late_seen.len[0], 19);
		talk_close(&t);
		talk_open(&t, 7, cuts[i]);
		say(&t, NJ_ORIG, NJ_LIT("first\nother\n"));
		say(&t, NJ_RESP, NJ_LIT("third\nmagic\nfourth\n"));
		assert_int_equal(late_seen.begun, 0);
		talk_close(&t);
		talk_open(&t, 7, cuts[i]);
		say(&t, NJ_ORIG, NJ_LIT("mine\n456\nmagic\n"));
		say(&t, NJ_RESP, NJ_LIT("magic\n"));
		assert_int_equal(late_seen.begun, 0);
		talk_close(&t);
	}
}

/* A message longer than the buffer is too long even if it comes at once. */
static void
length_is_by_bytes(void **unused)
{
	(void)unused;
	for (unsigned i = 0; i < nj_countof(cuts); i++) {
		struct talk t;

		talk_open(&t, 7, cuts[i]);
		say(&t, NJ_ORIG, NJ_LIT("one\n"));
		say(&t, NJ_ORIG, long_text("01234567", "\n"));
		say(&t, NJ_ORIG, NJ_LIT("!magic\n"));
		assert_int_equal(late_seen.begun, 0);
		talk_close(&t);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(next_gets_all),
		cmocka_unit_test(too_late_for_others),
		cmocka_unit_test(skipped_is_seen),
		cmocka_unit_test(first_signature_wins),
		cmocka_unit_test(signature_beats_port),
		cmocka_unit_test(length_is_by_bytes),
	};

	if (nj_pipeline_register())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
