/*
 * pipeline.c - tests of bursts through all layers, by what the ledger says
 * of them.
 */
#include "tests/unit/frame.h"

#include "engine/pipeline/pipeline.h"

enum { MS = 1000000 };

static uint8_t *
no_room(void *ctx, size_t n)
{
	(void)ctx;
	(void)n;
	return NULL;
}

static struct nj_sink nowhere = { .reserve = no_room };

/* What the frame callback was given last. */
static struct nj_frame seen;
static uint8_t seen_bytes[64];
static unsigned seen_count;

static void
see(struct nj_dctx *d, const struct nj_frame *f)
{
	(void)d;
	seen = *f;
	seen_count++;
	memcpy(seen_bytes, f->v.data, nj_min(f->v.len, sizeof(seen_bytes)));
}

static const struct nj_dissector looker = { .name = "looker",
	.title = "Looks at frames",
	.ports = (const struct nj_port[]){ { NJ_LINK, 0x88cc },
		{ NJ_LINK, 0x2000 }, { NJ_LINK, 0x42 }, { 0 } },
	.frame = see };
static const struct nj_dissector *const none[] = { &looker, NULL };
static struct nj_dissect_set *set;

static struct nj_pipeline *
pipeline(const struct nj_filter_conf *filter)
{
	struct nj_pipeline_conf conf;
	struct nj_pipeline *p;

	nj_pipeline_conf_default(&conf);
	conf.decode.check_checksums = false;
	conf.flow.flows_max = 4096;
	conf.dissect_bytes = UINT64_C(16) << 20;
	conf.set = set;
	conf.sink = &nowhere;
	conf.filter = filter;
	assert_int_equal(nj_pipeline_create(&p, &conf), NJ_OK);
	return p;
}

static struct nj_packet
at(const struct frame *f, int64_t ts_ns)
{
	struct nj_packet p = packet(f, NJ_LINK_ETHERNET);

	p.ts_ns = p.now_ns = ts_ns;
	return p;
}

static void
make(struct frame *f, bool v6, size_t n)
{
	f->n = 0;
	ethernet(f, v6 ? "86dd" : "0800");
	if (v6)
		ip6_tcp(f, n);
	else
		ip4_tcp(f, n);
}

/* Of a burst with copies among others, each is counted once as what it is,
 * and their bytes are not processed ones. */
static void
copies_are_counted_apart(void **unused)
{
	struct nj_filter_conf filter = { .dedup = true };
	static struct frame f, g;
	struct nj_pipeline *p;
	const struct ledger_counters *l;

	(void)unused;
	nj_dedup_conf_default(&filter.dedup_conf);
	p = pipeline(&filter);
	make(&f, false, 100);
	make(&g, true, 40);
	nj_pipeline_burst(p,
		(struct nj_packet[]){ at(&f, 0), at(&f, MS), at(&g, MS),
			at(&f, 2 * MS), at(&g, MS) },
		5);
	l = nj_pipeline_ledger(p);
	assert_int_equal(l->received, 5);
	assert_int_equal(l->analysed, 2);
	assert_int_equal(l->duplicate, 3);
	assert_int_equal(l->bytes, 3 * f.n + 2 * g.n);
	assert_int_equal(l->processed_bytes, f.n + g.n);
	assert_int_equal(nj_ledger_unaccounted(l), 0);
	nj_pipeline_destroy(&p);
}

/* What lists or the expression name is excluded and nothing else; other
 * filters can be given between bursts, and the ledger goes on. */
static void
exclusions_are_counted_and_can_change(void **unused)
{
	struct nj_filter_conf v6 = { .exclude.bpf = "ip6" };
	struct nj_filter_conf off = { 0 };
	struct nj_filters filters;
	char why[NJ_EXCLUDE_TEXT];
	static struct frame f, g;
	const struct ledger_counters *l;
	struct nj_pipeline *p = pipeline(&v6);

	(void)unused;
	make(&f, false, 100);
	make(&g, true, 40);
	nj_pipeline_burst(p, (struct nj_packet[]){ at(&f, 0), at(&g, 0) }, 2);
	l = nj_pipeline_ledger(p);
	assert_int_equal(l->excluded, 1);
	assert_int_equal(l->analysed, 1);
	assert_int_equal(l->processed_bytes, f.n);
	assert_int_equal(nj_filters_create(&filters, &off, why), NJ_OK);
	nj_pipeline_set_filters(p, &filters);
	nj_pipeline_burst(p, (struct nj_packet[]){ at(&f, 0), at(&g, 0) }, 2);
	assert_int_equal(l->excluded, 1);
	assert_int_equal(l->analysed, 3);
	assert_int_equal(nj_ledger_unaccounted(l), 0);
	nj_pipeline_destroy(&p);
}

/* A frame of a flow of its own for each number. */
static void
make_flow(struct frame *f, uint8_t number, bool first)
{
	make(f, false, first ? 0 : 8);
	f->b[14 + 15] = number;
	if (first)
		f->b[14 + 20 + 13] = NJ_TCP_SYN;
}

/* Under overload flows in progress go on, and of new ones a share is left out,
 * each with all of its packets. */
static void
flows_are_left_out_whole(void **unused)
{
	struct nj_pipeline *p = pipeline(NULL);
	const struct ledger_counters *l = nj_pipeline_ledger(p);
	static struct frame f;
	unsigned begun = 0;

	(void)unused;
	for (uint8_t i = 0; i < 4; i++) {
		make_flow(&f, i, true);
		nj_pipeline_burst(p, (struct nj_packet[]){ at(&f, MS) }, 1);
	}
	nj_pipeline_shed(p, NJ_SHED_FLOWS, NJ_SHED_PARTS / 2);
	for (uint8_t i = 0; i < 4; i++) {
		make_flow(&f, i, false);
		nj_pipeline_burst(p, (struct nj_packet[]){ at(&f, MS) }, 1);
	}
	assert_int_equal(l->analysed, 8);
	for (uint8_t i = 4; i < 104; i++) {
		uint64_t before = l->analysed;

		make_flow(&f, i, true);
		nj_pipeline_burst(p, (struct nj_packet[]){ at(&f, MS) }, 1);
		begun += l->analysed > before;
		before = l->analysed - before;
		make_flow(&f, i, false);
		nj_pipeline_burst(p, (struct nj_packet[]){ at(&f, MS) }, 1);
		assert_int_equal(l->analysed - 8, 2 * begun);
	}
	assert_true(begun > 20 && begun < 80);
	assert_int_equal(l->shed, 2 * (100 - begun));
	assert_int_equal(nj_ledger_unaccounted(l), 0);
	nj_pipeline_destroy(&p);
}

/* Before that flows lose their dissection: first the new ones, then all. */
static void
dissection_is_left_out_first(void **unused)
{
	struct nj_pipeline *p = pipeline(NULL);
	const struct nj_dissect *d = nj_pipeline_dissect(p);
	static struct frame f;

	(void)unused;
	make_flow(&f, 1, false);
	nj_pipeline_burst(p, (struct nj_packet[]){ at(&f, MS) }, 1);
	nj_pipeline_shed(p, NJ_SHED_SHALLOW, 0);
	nj_pipeline_burst(p, (struct nj_packet[]){ at(&f, MS) }, 1);
	assert_int_equal(nj_dissect_shed(nj_dissect_counters(d)), 0);
	make_flow(&f, 2, false);
	nj_pipeline_burst(p, (struct nj_packet[]){ at(&f, MS) }, 1);
	assert_int_equal(nj_dissect_shed(nj_dissect_counters(d)), 1);
	nj_pipeline_shed(p, NJ_SHED_HEADERS, 0);
	make_flow(&f, 1, false);
	set16(&f, 14 + 20 + 6, 7 + 8);
	nj_pipeline_burst(p, (struct nj_packet[]){ at(&f, MS) }, 1);
	assert_int_equal(nj_dissect_shed(nj_dissect_counters(d)), 2);
	assert_int_equal(nj_pipeline_ledger(p)->shed, 0);
	nj_pipeline_destroy(&p);
}

/* Sends one frame, and says whether it was looked at. */
static bool
looked(struct nj_pipeline *p, const char *text)
{
	static struct frame f;
	unsigned before = seen_count;

	f.n = 0;
	hex(&f, "020000000002 020000000001");
	hex(&f, text);
	nj_pipeline_burst(p, (struct nj_packet[]){ at(&f, MS) }, 1);
	return seen_count > before;
}

/* Frames without IP go to who names their ether type or access point, without
 * padding, and stay what they are in the ledger. */
static void
frames_go_to_their_readers(void **unused)
{
	struct nj_pipeline *p = pipeline(NULL);
	const struct ledger_counters *l = nj_pipeline_ledger(p);

	(void)unused;
	assert_true(looked(p, "8100 0007 88cc 020704"));
	assert_int_equal(seen.type, 0x88cc);
	assert_int_equal(seen.v.len, 3);
	assert_int_equal(seen.head.vlan[0], 7);
	assert_int_equal(seen.head.ts_ns, MS);
	/* Five bytes of LLC and BPDU, then padding. */
	assert_true(looked(p, "0005 424203 a1a2 0000000000"));
	assert_int_equal(seen.type, 0x42);
	assert_int_equal(seen.v.len, 2);
	assert_int_equal(seen_bytes[1], 0xa2);
	/* SNAP of Cisco. */
	assert_true(looked(p, "000a aaaa03 00000c 2000 b1b2 00000000"));
	assert_int_equal(seen.type, 0x2000);
	assert_int_equal(seen.oui, 0x0c);
	assert_int_equal(seen.v.len, 2);
	assert_int_equal(seen_bytes[0], 0xb1);
	/* A length that lies ends where the frame does. */
	assert_true(looked(p, "05dc 424203 c1"));
	assert_int_equal(seen.v.len, 1);
	/* Nobody's type, another access point, numbered LLC, nothing left. */
	assert_false(looked(p, "88b8 0102"));
	assert_false(looked(p, "0005 e0e003 a1a2"));
	assert_false(looked(p, "0005 424200 a1a2"));
	assert_false(looked(p, "0001 424203 a1a2"));
	assert_int_equal(l->received, 8);
	assert_int_equal(l->link + l->malformed, 8);
	assert_int_equal(nj_ledger_unaccounted(l), 0);
	nj_pipeline_shed(p, NJ_SHED_HEADERS, 0);
	assert_false(looked(p, "88cc 020704"));
	nj_pipeline_destroy(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copies_are_counted_apart),
		cmocka_unit_test(exclusions_are_counted_and_can_change),
		cmocka_unit_test(flows_are_left_out_whole),
		cmocka_unit_test(dissection_is_left_out_first),
		cmocka_unit_test(frames_go_to_their_readers),
	};
	int failed;

	if (nj_pipeline_register() || nj_dissect_set_create(&set, none, NULL))
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	nj_dissect_set_destroy(&set);
	return failed;
}
