/*
 * conf.c - tests of engine/conf and of the units and prefixes it reads.
 */
#include "tests/unit/unit.h"

#include <stdio.h>

#include "engine/base/units.h"
#include "engine/conf/conf.h"

static struct nj_buf errors;

static struct nj_conf *
parse(const char *text)
{
	struct nj_conf *conf;
	enum nj_err err;

	nj_buf_reset(&errors);
	err = nj_conf_parse(&conf, nj_str(text), "t.yaml", &errors);
	assert_int_equal(!err, !!conf);
	nj_buf_char(&errors, 0);
	return conf;
}

/* Every default passes its own option's checks. */
static void
defaults_are_sound(void **unused)
{
	struct nj_conf *conf = parse("");

	(void)unused;
	assert_non_null(conf);
	assert_int_equal(conf->capture__workers, 0);
	assert_int_equal(conf->capture__hugepages, NJ_HUGEPAGES_AUTO);
	assert_true(conf->flow__tcp_inactivity == 300 * NJ_NS_PER_S);
	assert_true(conf->capture__dedup__window == 20 * NJ_NS_PER_MS);
	assert_true(conf->logs__rotate_size == INT64_C(256) << 20);
	assert_string_equal(conf->capture__exclude__bpf, "");
	assert_true(conf->networks__local.n > 30);
	assert_int_equal(
		conf->origin[NJ_CONF_log__level].from, NJ_CONF_DEFAULT);
	nj_conf_destroy(&conf);
	assert_null(conf);
}

/* Every type of option is read, nested or with dots, and its line kept. */
static void
reads_every_type(void **unused)
{
	struct nj_conf *conf = parse("capture:\n"
				     "  ports:\n"
				     "    - interface: eth0\n"
				     "      name: lan\n"
				     "    - { pci: \"0000:3b:00.0\" }\n"
				     "  workers: 4\n"
				     "  cores: [2-5, 8]\n"
				     "  exclude:\n"
				     "    networks:\n"
				     "    - fe80::/10\n"
				     "flow.udp_inactivity: 1.5min\n"
				     "flow:\n"
				     "  midstream: yes\n"
				     "  reassembly: { flow_bytes_max: 64k }\n"
				     "logs: { types: [conn, dns] }\n"
				     "log: { level: debug }\n"
				     "id_key: "
				     "000102030405060708090a0b0c0d0e0f\n");

	(void)unused;
	assert_string_equal((char *)errors.data, "");
	assert_non_null(conf);
	assert_int_equal(conf->capture__ports.n, 2);
	assert_string_equal(conf->capture__ports.v[0].interface, "eth0");
	assert_string_equal(conf->capture__ports.v[0].name, "lan");
	assert_string_equal(conf->capture__ports.v[1].name, "0000:3b:00.0");
	assert_int_equal(conf->capture__workers, 4);
	assert_int_equal(conf->capture__cores.v[0].hi, 5);
	assert_int_equal(conf->capture__cores.v[1].lo, 8);
	assert_int_equal(conf->capture__exclude__networks.v[0].bits, 10);
	assert_true(conf->flow__udp_inactivity == 90 * NJ_NS_PER_S);
	assert_true(conf->flow__midstream);
	assert_true(conf->flow__reassembly__flow_bytes_max == 65536);
	assert_string_equal(conf->logs__types.v[1], "dns");
	assert_int_equal(conf->log__level, 3);
	assert_true(conf->id_key.k0 == UINT64_C(0x0706050403020100));
	assert_int_equal(conf->origin[NJ_CONF_capture__workers].line, 6);
	assert_int_equal(conf->origin[NJ_CONF_capture__workers].column, 12);
	nj_conf_destroy(&conf);
}

/* What is wrong, and what is said of it. */
static const struct {
	const char *text, *said;
} mistakes[] = {
	{ "capture: { worker: 4 }",
		"t.yaml:1:12: capture.worker: no such option: did "
		"you mean workers?\n" },
	{ "workers: 4", "t.yaml:1:1: workers: no such option: did you mean "
			"capture.workers?\n" },
	{ "capture:\n  workers: 65",
		"t.yaml:2:12: capture.workers: \"65\" is out of "
		"range: allowed: a whole number, 1 to 64 threads, or "
		"auto\n" },
	{ "log: {level: debgu}",
		"t.yaml:1:14: log.level: \"debgu\" is not one of its "
		"words: allowed: error, warn, info or debug; did you "
		"mean debug?\n" },
	{ "flow:\n  midstream: true\n  midstream: false",
		"t.yaml:3:3: flow.midstream: stands on line 2 "
		"already: keep one of the two\n" },
	{ "flow.midstream: true\nflow:\n  midstream: false",
		"t.yaml:3:3: flow.midstream: is set on line 1 "
		"already: keep one of the two\n" },
	{ "flow: {midstream: ~}", "t.yaml:1:19: flow.midstream: has no value: "
				  "allowed: true or false\n" },
	{ "flow: 7", "t.yaml:1:7: flow: is a section, not a value: write "
		     "its options below it, indented\n" },
	{ "flow: {midstream: [1]}",
		"t.yaml:1:19: flow.midstream: does not take a list: "
		"allowed: true or false\n" },
	{ "networks: {local: [10.0.0.1/8]}",
		"t.yaml:1:20: networks.local: \"10.0.0.1/8\" is no "
		"network (bits beyond the prefix must be 0): "
		"allowed: a list of networks such as 10.0.0.0/8\n" },
	{ "capture: {ports: [{interfac: a}]}",
		"t.yaml:1:20: capture.ports: no such key "
		"\"interfac\": did you mean interface?\n"
		"t.yaml:1:19: capture.ports: names no place to "
		"capture from: give one of pci, vdev, "
		"interface, file and feed\n" },
	{ "capture: {ports: [{vdev: net_null0, name: a}, "
	  "{interface: a}]}",
		"t.yaml:1:18: capture.ports: two ports are called "
		"\"a\": give each a name of its own\n" },
	{ "capture__workers: 4",
		"t.yaml:1:1: capture_?workers: no such option: "
		"allowed here: capture, packet, flow, networks, "
		"dissect, files, logs, packets, sensor, events, store, brain, "
		"outputs, log, "
		"id_key\n" },
	{ "log: {level: info",
		"t.yaml:2:1: not YAML: did not find expected ',' or "
		"'}' while parsing a flow mapping: check indentation, "
		"colons and quotes around here\n" },
	{ "- a", "t.yaml:1:1: the file is a list, not a map of "
		 "options: begin with a section such as capture:\n" },
	{ "log: {level: info}\n---\nlog: {level: info}",
		"t.yaml:2:1: a second document begins: remove the "
		"line with ---\n" },
};

/* Each kind of mistake is named with line, column and what to do. */
static void
names_mistakes(void **unused)
{

	(void)unused;
	for (size_t i = 0; i < nj_countof(mistakes); i++) {
		assert_null(parse(mistakes[i].text));
		assert_string_equal((char *)errors.data, mistakes[i].said);
	}
}

/* All mistakes are named at once, but no more than twenty of them. */
static void
names_all_mistakes(void **unused)
{
	struct nj_buf text = { 0 };
	unsigned lines = 0;

	(void)unused;
	for (unsigned i = 0; i < 30; i++)
		nj_buf_printf(&text, "unknown%u: 1\n", i);
	nj_buf_char(&text, 0);
	assert_null(parse((char *)text.data));
	for (size_t i = 0; i < errors.len; i++)
		lines += errors.data[i] == '\n';
	assert_int_equal(lines, 21);
	assert_non_null(strstr((char *)errors.data, "10 more mistakes"));
	nj_buf_free(&text);
}

/* Aliases cannot multiply, and deep nesting ends the reading. */
static void
bombs_are_refused(void **unused)
{
	struct nj_buf text = { 0 };

	(void)unused;
	assert_null(parse("a: &a [1]\nlogs: {types: [*a, *a]}\n"));
	assert_non_null(strstr((char *)errors.data, "aliases (*) are not"));
	for (unsigned i = 0; i < 100000; i++)
		nj_buf_char(&text, i % 2 ? '[' : '{');
	nj_buf_char(&text, 0);
	assert_null(parse((char *)text.data));
	nj_buf_reset(&text);
	nj_buf_str(&text, "logs: {types: ");
	for (unsigned i = 0; i < 100000; i++)
		nj_buf_char(&text, '[');
	nj_buf_char(&text, 0);
	assert_null(parse((char *)text.data));
	assert_non_null(strstr((char *)errors.data, "nested too deeply"));
	nj_buf_free(&text);
}

/* What show prints is read back to the same values. */
static void
show_reads_back(void **unused)
{
	struct nj_conf *conf = parse("capture.ports: [{vdev: \"net_tap0\"}]\n"
				     "capture.exclude.vlans: [1-3, 7]\n"
				     "capture.cores: auto\n"
				     "logs.folder: /tmp/a b\n"),
		       *again;
	struct nj_buf a = { 0 }, b = { 0 };

	(void)unused;
	assert_non_null(conf);
	nj_conf_show(conf, true, &a);
	nj_buf_char(&a, 0);
	again = parse((char *)a.data);
	assert_string_equal((char *)errors.data, "");
	assert_non_null(again);
	assert_int_equal(nj_conf_restarts(conf, again, &b), 0);
	assert_int_equal(again->capture__exclude__vlans.v[0].hi, 3);
	assert_string_equal(again->logs__folder, "/tmp/a b");
	nj_conf_destroy(&again);
	nj_conf_destroy(&conf);
	nj_buf_free(&a);
	nj_buf_free(&b);
}

/* The example file is sound as it is. */
static void
example_is_sound(void **unused)
{
	struct nj_buf b = { 0 };
	struct nj_conf *conf;

	(void)unused;
	nj_conf_example(&b);
	nj_buf_char(&b, 0);
	conf = parse((char *)b.data);
	assert_string_equal((char *)errors.data, "");
	assert_non_null(conf);
	nj_conf_destroy(&conf);
	nj_buf_free(&b);
}

/* An option that needs a restart is named when it differs; one that a reload
 * takes over is not. The command line sets options by the same rules. */
static void
restarts_are_named(void **unused)
{
	struct nj_conf *a = parse(""), *b = parse("log.level: warn");
	struct nj_buf names = { 0 };

	(void)unused;
	assert_int_equal(nj_conf_restarts(a, b, &names), 0);
	nj_buf_reset(&errors);
	assert_int_equal(
		nj_conf_set(b, "capture.workers", "3", &errors), NJ_OK);
	assert_int_equal(
		nj_conf_set(b, "logs.types", "[dns, conn]", &errors), NJ_OK);
	assert_int_equal(b->logs__types.n, 2);
	assert_int_equal(nj_conf_restarts(a, b, &names), 1);
	nj_buf_char(&names, 0);
	assert_string_equal((char *)names.data, "capture.workers\n");
	assert_int_equal(
		nj_conf_set(b, "capture.workres", "3", &errors), NJ_E_CONFIG);
	nj_buf_char(&errors, 0);
	assert_string_equal((char *)errors.data,
		"capture.workres: no such option: did you mean "
		"capture.workers?\n");
	/* What is taken over is the rest. */
	nj_conf_take(a, b);
	assert_int_equal(a->logs__types.n, 2);
	assert_int_equal(a->log__level, 1);
	assert_int_equal(a->capture__workers, 0);
	nj_conf_destroy(&a);
	nj_conf_destroy(&b);
	nj_buf_free(&names);
}

/* A secret that was set is not shown, its public default is. */
static void
secrets_are_not_shown(void **unused)
{
	struct nj_conf *conf =
		parse("id_key: 000102030405060708090a0b0c0d0e0f");
	struct nj_buf b = { 0 };

	(void)unused;
	nj_conf_show(conf, true, &b);
	nj_conf_show_json(conf, true, &b);
	nj_buf_char(&b, 0);
	assert_null(strstr((char *)b.data, "0001020304"));
	nj_conf_destroy(&conf);
	nj_buf_free(&b);
}

/* Times and sizes are read with their unit, and written so that they read
 * back; what does not fit is refused. */
static void
units_round_trip(void **unused)
{
	static const char *const times[] = { "0", "10us", "20ms", "30s", "5min",
		"1h", "7d", "61s" };
	static const char *const sizes[] = { "0", "100", "64k", "10M", "1G",
		"2T" };
	static const char *const bad[] = { "", "5", "s", "-1s", "1 s", "1.s",
		"99999999999d", "1.0000000000s", "5m" };
	struct nj_buf b = { 0 };
	int64_t v;

	(void)unused;
	for (size_t i = 0; i < nj_countof(times); i++) {
		assert_true(nj_duration_parse(nj_str(times[i]), &v));
		nj_buf_reset(&b);
		nj_duration_text(&b, v);
		nj_buf_char(&b, 0);
		assert_string_equal((char *)b.data, times[i]);
	}
	for (size_t i = 0; i < nj_countof(sizes); i++) {
		assert_true(nj_size_parse(nj_str(sizes[i]), &v));
		nj_buf_reset(&b);
		nj_size_text(&b, v);
		nj_buf_char(&b, 0);
		assert_string_equal((char *)b.data, sizes[i]);
	}
	for (size_t i = 0; i < nj_countof(bad); i++)
		assert_false(nj_duration_parse(nj_str(bad[i]), &v));
	assert_true(nj_size_parse(NJ_LIT("1.5k"), &v));
	assert_true(v == 1536);
	nj_buf_free(&b);
}

/* A prefix holds the addresses of its network and family only. */
static void
prefixes_hold(void **unused)
{
	struct nj_prefix p;
	struct nj_addr a;
	char text[NJ_PREFIX_TEXT];

	(void)unused;
	assert_true(nj_prefix_parse(&p, NJ_LIT("172.16.0.0/12")));
	assert_true(nj_addr_parse(&a, "172.31.255.255"));
	assert_true(nj_prefix_holds(&p, &a));
	assert_true(nj_addr_parse(&a, "172.32.0.0"));
	assert_false(nj_prefix_holds(&p, &a));
	assert_true(nj_addr_parse(&a, "ac10::"));
	assert_false(nj_prefix_holds(&p, &a));
	assert_true(nj_prefix_parse(&p, NJ_LIT("::/0")));
	assert_true(nj_prefix_holds(&p, &a));
	assert_true(nj_prefix_parse(&p, NJ_LIT("fe80::1")));
	assert_int_equal(nj_prefix_text(&p, text), 11);
	assert_string_equal(text, "fe80::1/128");
	assert_false(nj_prefix_parse(&p, NJ_LIT("10.0.0.0/33")));
	assert_false(nj_prefix_parse(&p, NJ_LIT("10.0.0.1/24")));
	assert_false(nj_prefix_parse(&p, NJ_LIT("10.0.0.0/")));
}

static int
free_errors(void **unused)
{
	(void)unused;
	nj_buf_free(&errors);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_sound),
		cmocka_unit_test(reads_every_type),
		cmocka_unit_test(names_mistakes),
		cmocka_unit_test(names_all_mistakes),
		cmocka_unit_test(bombs_are_refused),
		cmocka_unit_test(show_reads_back),
		cmocka_unit_test(example_is_sound),
		cmocka_unit_test(restarts_are_named),
		cmocka_unit_test(secrets_are_not_shown),
		cmocka_unit_test(units_round_trip),
		cmocka_unit_test(prefixes_hold),
	};

	return cmocka_run_group_tests(tests, NULL, free_errors);
}
