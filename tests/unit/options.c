/*
 * options.c - tests of how nightjar.yaml reaches the layers.
 */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "engine/pipeline/filter.h"
#include "engine/pipeline/options.h"

static struct nj_conf *
parse(const char *text)
{
	struct nj_buf errors = { 0 };
	struct nj_conf *conf;

	assert_int_equal(
		nj_conf_parse(&conf, nj_str(text), "t.yaml", &errors), NJ_OK);
	nj_buf_free(&errors);
	return conf;
}

/* What the file says is what the layers are created with. */
static void
values_reach_the_layers(void **unused)
{
	struct nj_conf *conf = parse("flow.table_max: 5000\n"
				     "flow.udp_inactivity: 7s\n"
				     "packet.check_checksums: false\n"
				     "networks.local: [10.0.0.0/8]\n"
				     "dissect.memory_mb: 32\n"
				     "files.hash_max: 10M\n");
	struct nj_pipeline_conf p;

	(void)unused;
	nj_pipeline_options(&p, conf);
	assert_int_equal(p.flow.flows_max, 5000);
	assert_true(p.flow.udp_inactivity_ns == 7 * NJ_NS_PER_S);
	assert_true(p.flow.tcp_inactivity_ns == 300 * NJ_NS_PER_S);
	assert_false(p.decode.check_checksums);
	assert_int_equal(p.flow.local_count, 1);
	assert_int_equal(p.flow.local[0].bits, 8);
	assert_true(p.dissect_bytes == UINT64_C(32) << 20);
	assert_true(p.hash_bytes_max == UINT64_C(10) << 20);
	nj_conf_destroy(&conf);
}

/* Defaults of the file are the layers' own, but for the table's size. */
static void
defaults_agree(void **unused)
{
	struct nj_conf *conf = parse("");
	struct nj_pipeline_conf p, own;

	(void)unused;
	nj_pipeline_options(&p, conf);
	nj_pipeline_conf_default(&own);
	assert_true(p.flow.tcp_inactivity_ns == own.flow.tcp_inactivity_ns);
	assert_true(p.flow.udp_inactivity_ns == own.flow.udp_inactivity_ns);
	assert_true(p.flow.icmp_inactivity_ns == own.flow.icmp_inactivity_ns);
	assert_true(p.flow.other_inactivity_ns == own.flow.other_inactivity_ns);
	assert_true(p.flow.tcp_attempt_ns == own.flow.tcp_attempt_ns);
	assert_true(p.flow.tcp_close_ns == own.flow.tcp_close_ns);
	assert_true(p.flow.tcp_reset_ns == own.flow.tcp_reset_ns);
	assert_int_equal(
		p.flow.reasm_flow_bytes_max, own.flow.reasm_flow_bytes_max);
	assert_true(p.decode.frag_timeout_ns == own.decode.frag_timeout_ns);
	assert_int_equal(
		p.decode.frag_datagrams_max, own.decode.frag_datagrams_max);
	assert_true(p.decode.check_checksums == own.decode.check_checksums);
	assert_true(p.dissect_bytes == own.dissect_bytes);
	assert_true(p.hash_bytes_max == own.hash_bytes_max);
	nj_conf_destroy(&conf);
}

/* Nothing to leave out makes nothing; lists and a filter make an excluder; a
 * filter that is none is refused. */
static void
excludes_are_made(void **unused)
{
	struct nj_conf *conf = parse("capture.dedup:\n"
				     "  enabled: false\n"
				     "  window: 5ms\n");
	char why[NJ_EXCLUDE_TEXT];
	struct nj_filter_conf f;
	struct nj_filters made;

	(void)unused;
	assert_int_equal(nj_filter_conf_load(&f, conf), NJ_OK);
	assert_true(f.dedup_conf.window_ns == 5 * NJ_NS_PER_MS);
	assert_true(f.dedup_conf.key.k0 == conf->id_key.k0);
	assert_int_equal(nj_filters_create(&made, &f, why), NJ_OK);
	assert_null(made.exclude);
	assert_null(made.dedup);
	nj_filter_conf_free(&f);
	nj_conf_destroy(&conf);
	conf = parse("capture.exclude:\n"
		     "  vlans: [7-9]\n"
		     "  ports: [22, 8000-8010]\n"
		     "  bpf: udp port 53\n");
	assert_int_equal(nj_filter_conf_load(&f, conf), NJ_OK);
	assert_int_equal(f.exclude.vlan_count, 1);
	assert_int_equal(f.exclude.port_count, 2);
	assert_true(nj_filter_check(conf));
	assert_int_equal(nj_filters_create(&made, &f, why), NJ_OK);
	assert_non_null(made.exclude);
	assert_non_null(made.dedup);
	nj_filters_destroy(&made);
	nj_filter_conf_free(&f);
	nj_conf_destroy(&conf);
	conf = parse("capture.exclude.bpf: udp prot 53");
	assert_false(nj_filter_check(conf));
	assert_int_equal(nj_filter_conf_load(&f, conf), NJ_OK);
	assert_int_equal(nj_filters_create(&made, &f, why), NJ_E_CONFIG);
	assert_null(made.exclude);
	nj_filter_conf_free(&f);
	nj_conf_destroy(&conf);
}

static const struct nj_dissector a = { .name = "a" }, b = { .name = "b" },
				 c = { .name = "c" };
static const struct nj_dissector *const all[] = { &a, &b, &c, NULL };

/* enabled picks, disabled takes away, both keep the order of the list. */
static void
dissectors_are_chosen(void **unused)
{
	struct nj_conf *conf =
		parse("dissect: { enabled: [c, a], disabled: [a] }");
	const struct nj_dissector **list = nj_dissector_options(all, conf);

	(void)unused;
	assert_non_null(list);
	assert_ptr_equal(list[0], &c);
	assert_null(list[1]);
	free(list);
	nj_conf_destroy(&conf);
	conf = parse("dissect: { enabled: [d] }");
	assert_null(nj_dissector_options(all, conf));
	nj_conf_destroy(&conf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_reach_the_layers),
		cmocka_unit_test(defaults_agree),
		cmocka_unit_test(excludes_are_made),
		cmocka_unit_test(dissectors_are_chosen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
