/*
 * child.c - tests of dissectors inside dissectors, with two that exist for
 * this alone.
 */
#include "tests/unit/unit.h"

#include "engine/dissect/dissect.h"
#include "engine/pipeline/pipeline.h"

static unsigned parents, children, ends;

static enum nj_verdict
child_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	uint8_t *room = nj_arena(d, 4096);

	(void)dir;
	assert_non_null(room);
	memset(room, 0xff, 4096);
	children++;
	nj_consume(d, v.len);
	return NJ_MORE;
}

static void
child_end(struct nj_dctx *d)
{
	uint8_t *room = nj_arena(d, 4096);

	assert_non_null(room);
	memset(room, 0xee, 4096);
	ends++;
}

/* What it has in the arena is there after each call of the child, and what it
 * asks for then lies elsewhere. */
static enum nj_verdict
parent_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct nj_view mine = nj_arena_printf(d, "%s", "mine"), more;
	unsigned child = nj_child_open(d, "inner", 0);

	assert_true(child);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(nj_child_feed(d, child, dir, v), NJ_MORE);
		assert_true(nj_view_eq(mine, NJ_LIT("mine")));
	}
	more = nj_arena_printf(d, "%s", "more");
	nj_child_close(d, child);
	assert_true(nj_view_eq(mine, NJ_LIT("mine")));
	assert_true(nj_view_eq(more, NJ_LIT("more")));
	/* A child's own use is over when it returns. */
	assert_non_null(nj_arena(d, 60 * 1024));
	parents++;
	nj_consume(d, v.len);
	return NJ_MORE;
}

static const struct nj_dissector inner = { .name = "inner",
	.title = "Inner",
	.stream = child_stream,
	.end = child_end };
static const struct nj_dissector outer = { .name = "outer",
	.title = "Outer",
	.ports = (const struct nj_port[]){ { NJ_TCP, 7 }, { 0 } },
	.stream = parent_stream };
static const struct nj_dissector *const both[] = { &outer, &inner, NULL };

static void
send(struct nj_flow_table *flows, uint8_t flags, uint32_t seq, struct nj_view v)
{
	static const uint8_t hosts[2][4] = { { 10, 0, 0, 1 }, { 10, 0, 0, 2 } };
	struct nj_meta m = { .kind = NJ_KIND_FLOW,
		.ip_version = 4,
		.proto = NJ_IP_TCP,
		.tcp_flags = flags,
		.sport = 40000,
		.dport = 7,
		.src = hosts[0],
		.dst = hosts[1],
		.seq = seq,
		.window = 65535,
		.payload = v,
		.payload_wire = (uint32_t)v.len,
		.ip_bytes = (uint32_t)v.len + 40,
		.ts_ns = NJ_NS_PER_S,
		.now_ns = NJ_NS_PER_S };

	nj_flow_burst(flows, &m, 1);
}

static uint8_t *
no_room(void *ctx, size_t n)
{
	(void)ctx;
	(void)n;
	return NULL;
}

/* A child cannot touch what its parent has in the arena, neither while it is
 * fed nor at its end. */
static void
arena_is_not_shared(void **unused)
{
	struct nj_sink nowhere = { .reserve = no_room };
	struct nj_dissect_conf conf = { .sink = &nowhere,
		.memory_bytes = 16 << 20 };
	struct nj_dissect_set *set;
	struct nj_pipeline_conf pipeline;
	struct nj_dissect *dissect;
	struct nj_flow_table *flows;
	struct nj_flow_hooks hooks;

	(void)unused;
	assert_int_equal(nj_pipeline_register(), NJ_OK);
	assert_int_equal(nj_dissect_set_create(&set, both, NULL), NJ_OK);
	nj_pipeline_conf_default(&pipeline);
	pipeline.flow.flows_max = 1024;
	conf.set = set;
	assert_int_equal(nj_dissect_create(&dissect, &conf), NJ_OK);
	hooks = nj_dissect_hooks(dissect);
	assert_int_equal(nj_flow_create(&flows, &pipeline.flow, &hooks), NJ_OK);
	send(flows, NJ_TCP_SYN, 1, (struct nj_view){ 0 });
	send(flows, NJ_TCP_ACK, 2, NJ_LIT("some bytes"));
	send(flows, NJ_TCP_ACK, 12, NJ_LIT("and others"));
	nj_flow_finish(flows, NJ_NS_PER_S);
	assert_int_equal(parents, 2);
	assert_int_equal(children, 6);
	assert_int_equal(ends, 2);
	nj_flow_destroy(&flows);
	nj_dissect_destroy(&dissect);
	nj_dissect_set_destroy(&set);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arena_is_not_shared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
