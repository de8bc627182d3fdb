/*
 * flow_life.c - tests of how flows begin, are told apart, and end.
 */
#include "tests/unit/flowkit.h"

#define O NJ_ORIG
#define R NJ_RESP
#define S NJ_NS_PER_S

static void
as_udp(struct kit *k)
{
	k->meta.proto = NJ_IP_UDP;
	k->meta.sport = 40000;
	k->meta.dport = 7000;
}

/* A packet one nanosecond before the deadline belongs to the flow, one at the
 * deadline begins another, and the ended flow's time is its deadline. */
static void
deadlines_are_exact(void **unused)
{
	struct kit k;
	int64_t last;

	(void)unused;
	kit_begin(&k, NULL);
	as_udp(&k);
	kit_datagram(&k, O, 10);
	k.now_ns += 60 * S - 1;
	kit_datagram(&k, O, 10);
	assert_int_equal(k.starts, 1);
	last = k.now_ns;
	k.now_ns += 60 * S;
	kit_datagram(&k, O, 10);
	assert_int_equal(k.starts, 2);
	assert_int_equal(k.conn_count, 1);
	assert_int_equal(k.conns[0].head.order_ns, last + 60 * S);
	assert_string_equal(k.conns[0].ended, "timeout");
	assert_int_equal(k.conns[0].ev.orig_pkts, 2);
	kit_finish(&k);
	kit_end_all(&k);
}

/* However late the timers are served, a flow ends at its deadline. */
static void
late_service_changes_nothing(void **unused)
{
	static const int64_t waits[] = { 61 * S, 3600 * S, 400 * 86400 * S,
		60 * S + 200 * NJ_NS_PER_MS };
	struct kit k;
	int64_t begun;

	(void)unused;
	for (size_t i = 0; i < nj_countof(waits); i++) {
		kit_begin(&k, NULL);
		k.now_ns = i ? (int64_t)i * 1234567890123 : -5000 * S;
		as_udp(&k);
		begun = k.now_ns;
		kit_datagram(&k, O, 10);
		while (!nj_flow_expire(k.table, begun + waits[i]))
			continue;
		assert_int_equal(k.conn_count, 1);
		assert_int_equal(k.conns[0].head.order_ns, begun + 60 * S);
		assert_true(nj_flow_served_ns(k.table) > begun + 60 * S);
		kit_end_all(&k);
	}
}

/* An unanswered SYN waits 5 s from the first one on, a closed connection
 * lingers for 5 s, an open one has 5 minutes, one to a shell an hour. */
static void
tcp_has_its_own_patience(void **unused)
{
	struct kit k;
	int64_t begun;

	(void)unused;
	kit_begin(&k, NULL);
	begun = k.now_ns;
	kit_segment(&k, (struct kit_seg){ O, "S", 1000, 0, 0, 0 });
	kit_segment(&k, (struct kit_seg){ O, "S", 1000, 0, 0, 4999 });
	kit_segment(&k, (struct kit_seg){ O, "S", 1000, 0, 0, 1 });
	assert_int_equal(k.conn_count, 1);
	assert_int_equal(k.conns[0].head.order_ns, begun + 5 * S);
	kit_segment(&k, (struct kit_seg){ R, "RA", 0, 1001, 0, 100 });
	k.now_ns += 5 * S;
	while (!nj_flow_expire(k.table, k.now_ns + S))
		continue;
	assert_int_equal(k.conn_count, 2);
	assert_string_equal(k.conns[1].state, "REJ");
	assert_string_equal(k.conns[1].ended, "closed");
	assert_int_equal(k.conns[1].head.order_ns, k.now_ns);
	kit_handshake(&k);
	k.now_ns += 299 * S;
	kit_segment(&k, (struct kit_seg){ O, "A", 1001, 5001, 0, 0 });
	k.meta.dport = 22;
	kit_handshake(&k);
	k.now_ns += 3599 * S;
	kit_segment(&k, (struct kit_seg){ O, "A", 1001, 5001, 0, 0 });
	assert_int_equal(k.starts, 4);
	assert_int_equal(nj_flow_live(k.table), 1);
	kit_finish(&k);
	kit_end_all(&k);
}

/* A SYN on ports whose connection is over, or with another number, begins a
 * new one; one that is repeated does not. */
static void
ports_are_used_again(void **unused)
{
	struct kit k;

	(void)unused;
	kit_begin(&k, NULL);
	kit_handshake(&k);
	kit_segment(&k, (struct kit_seg){ O, "S", 1000, 0, 0, 1 });
	assert_int_equal(k.starts, 1);
	kit_segment(&k, (struct kit_seg){ O, "S", 9000, 0, 0, 1 });
	assert_int_equal(k.starts, 2);
	assert_string_equal(k.conns[0].ended, "reused");
	kit_segment(&k, (struct kit_seg){ R, "RA", 0, 9001, 0, 1 });
	kit_segment(&k, (struct kit_seg){ O, "S", 9000, 0, 0, 1 });
	assert_int_equal(k.starts, 3);
	kit_finish(&k);
	kit_end_all(&k);
}

/* Flows of one key that begin at one time have different uids; the same flow
 * has the same uid whatever table it is in. */
static void
uids_are_stable_and_unique(void **unused)
{
	uint64_t first[2];
	struct kit k;

	(void)unused;
	for (unsigned round = 0; round < 2; round++) {
		kit_begin(&k, NULL);
		k.meta.vlan = 7;
		if (round) {
			k.meta.sport = 1;
			k.meta.vlan = 3;
			kit_segment(&k, (struct kit_seg){ O, "S", 1, 0, 0, 0 });
			k.meta.sport = 40000;
			k.meta.vlan = 7;
		}
		for (uint32_t i = 0; i < 5; i++)
			kit_segment(&k,
				(struct kit_seg){ O, "S", 1000 + i, 0, 0, 0 });
		kit_finish(&k);
		if (!round)
			memcpy(first, k.conns[0].head.uid, 16);
		assert_memory_equal(k.conns[0].head.uid, first, 16);
		for (unsigned i = 0; i < 5; i++)
			for (unsigned j = 0; j < i; j++)
				assert_memory_not_equal(k.conns[i].head.uid,
					k.conns[j].head.uid, 16);
		kit_end_all(&k);
	}
}

/* A full table gives up unanswered attempts, not connections. */
static void
a_flood_spares_connections(void **unused)
{
	struct nj_flow_conf conf;
	struct kit k;

	(void)unused;
	nj_flow_conf_default(&conf);
	conf.flows_max = 64;
	kit_begin(&k, &conf);
	for (uint16_t i = 0; i < 32; i++) {
		k.meta.sport = (uint16_t)(1000 + i);
		kit_handshake(&k);
	}
	for (uint16_t i = 0; i < 10000; i++) {
		k.meta.sport = (uint16_t)(2000 + i);
		kit_segment(&k, (struct kit_seg){ O, "S", 1000, 0, 0, 0 });
		assert_true(nj_flow_live(k.table) <= 64);
	}
	assert_int_equal(k.starts, 10032);
	assert_int_equal(nj_flow_counters(k.table)->evicted, 10032 - 64);
	for (uint16_t i = 0; i < 32; i++) {
		k.meta.sport = (uint16_t)(1000 + i);
		kit_segment(&k, (struct kit_seg){ O, "A", 1001, 5001, 5, 0 });
	}
	assert_int_equal(k.starts, 10032);
	assert_int_equal(nj_flow_counters(k.table)->refused, 0);
	kit_finish(&k);
	kit_end_all(&k);
}

/* Attempts that are answered after all, and flows that are active although
 * they were filed long ago, are not the ones to go. */
static void
active_flows_are_not_evicted(void **unused)
{
	struct nj_flow_conf conf;
	struct kit k;

	(void)unused;
	nj_flow_conf_default(&conf);
	conf.flows_max = 16;
	kit_begin(&k, &conf);
	as_udp(&k);
	for (uint16_t t = 0; t < 200; t++) {
		k.now_ns += S;
		for (uint16_t i = 0; i < 8; i++) {
			k.meta.sport = i;
			kit_datagram(&k, O, 1);
			kit_datagram(&k, R, 1);
		}
		k.meta.sport = (uint16_t)(100 + t);
		kit_datagram(&k, O, 1);
		kit_datagram(&k, R, 1);
	}
	assert_int_equal(k.starts, 208);
	kit_finish(&k);
	kit_end_all(&k);
}

/* The same addresses in other VLANs, networks or tunnels are other flows. */
static void
tenants_are_kept_apart(void **unused)
{
	struct kit k;

	(void)unused;
	kit_begin(&k, NULL);
	for (uint16_t vlan = 0; vlan < 30; vlan++) {
		k.meta.vlan = vlan;
		k.meta.inner_vlan = vlan & 1;
		kit_handshake(&k);
	}
	assert_int_equal(k.starts, 30);
	k.meta.vlan = k.meta.inner_vlan = 0;
	k.meta.tunnel = NJ_TUN_VXLAN;
	for (k.meta.vni = 1; k.meta.vni <= 10; k.meta.vni++)
		kit_handshake(&k);
	assert_int_equal(k.starts, 40);
	/* A GTP tunnel has another number in each direction. */
	k.meta.tunnel = NJ_TUN_GTPV1;
	for (k.meta.vni = 1; k.meta.vni <= 10; k.meta.vni++)
		kit_segment(&k, (struct kit_seg){ O, "A", 1001, 5001, 1, 0 });
	assert_int_equal(k.starts, 41);
	kit_finish(&k);
	assert_true(nj_has(&k.conns[5].ev, conn, vlan));
	assert_int_equal(k.conns[5].ev.vlan, 5);
	assert_int_equal(k.conns[35].ev.vni, 6);
	kit_end_all(&k);
}

/* A flow whose directions are tagged differently is one flow, over IPv4 and
 * IPv6, and is found from both sides until it ends. */
static void
halves_in_two_tenants_are_joined(void **unused)
{
	struct kit k;

	(void)unused;
	for (uint8_t version = 4; version <= 6; version += 2) {
		kit_begin(&k, NULL);
		k.meta.ip_version = version;
		for (unsigned i = 0; i < 3; i++) {
			k.meta.vlan = 80;
			kit_segment(
				&k, (struct kit_seg){ O, "S", 1000, 0, 0, 1 });
			k.meta.vlan = 81;
			kit_segment(&k,
				(struct kit_seg){ R, "SA", 5000, 1001, 0, 1 });
			k.meta.vlan = 80;
			kit_segment(&k,
				(struct kit_seg){ O, "A", 1001, 5001, 9, 1 });
			k.meta.vlan = 81;
			kit_segment(&k,
				(struct kit_seg){ R, "A", 5001, 1010, 9, 1 });
			k.now_ns += 400 * S;
		}
		assert_int_equal(k.starts, 3);
		kit_finish(&k);
		for (unsigned i = 0; i < 3; i++) {
			assert_string_equal(k.conns[i].history, "ShDd");
			assert_int_equal(k.conns[i].ev.vlan, 80);
		}
		kit_end_all(&k);
	}
}

/* IPv6 flows are told apart by all of their addresses' bits, and the record
 * has them as they were. */
static void
ipv6_flows(void **unused)
{
	struct kit k;

	(void)unused;
	kit_begin(&k, NULL);
	k.meta.ip_version = 6;
	as_udp(&k);
	memset(k.src, 0x20, 16);
	memset(k.dst, 0x21, 16);
	for (unsigned bit = 0; bit < 128; bit++) {
		k.src[bit / 8] ^= (uint8_t)(1U << bit % 8);
		kit_datagram(&k, O, 1);
		kit_datagram(&k, R, 1);
		k.src[bit / 8] ^= (uint8_t)(1U << bit % 8);
	}
	assert_int_equal(k.starts, 128);
	kit_finish(&k);
	for (unsigned i = 0; i < KIT_CONNS; i++) {
		assert_int_equal(k.conns[i].ev.orig_pkts, 1);
		assert_int_equal(k.conns[i].ev.resp_pkts, 1);
		assert_memory_equal(k.conns[i].head.resp.bytes, k.dst, 16);
	}
	kit_end_all(&k);
}

/* ICMP messages that answer each other are one flow; others are one flow for
 * each direction, type and code. */
static void
icmp_flows(void **unused)
{
	struct kit k;

	(void)unused;
	kit_begin(&k, NULL);
	k.meta.proto = NJ_IP_ICMP;
	k.meta.sport = 8;
	k.meta.dport = 0;
	kit_datagram(&k, O, 56);
	k.meta.sport = 0;
	/* From the other side: type 0 in the source's place. */
	k.meta.dport = 0;
	kit_datagram(&k, R, 56);
	assert_int_equal(k.starts, 1);
	k.meta.sport = k.meta.dport = 3;
	kit_datagram(&k, O, 20);
	kit_datagram(&k, R, 20);
	kit_datagram(&k, O, 20);
	assert_int_equal(k.starts, 3);
	kit_finish(&k);
	assert_int_equal(k.conns[0].head.orig_p, 8);
	assert_int_equal(k.conns[0].head.resp_p, 0);
	assert_int_equal(k.conns[0].ev.resp_pkts, 1);
	assert_string_equal(k.conns[0].state, "OTH");
	kit_end_all(&k);
}

/* Community ids are those of the specification's examples. */
static void
community_ids(void **unused)
{
	static const struct {
		uint8_t src[4], dst[4], proto;
		uint16_t sport, dport;
		const char *id;
	} cases[] = {
		{ { 128, 232, 110, 120 }, { 66, 35, 250, 204 }, NJ_IP_TCP,
			34855, 80, "1:LQU9qZlK+B5F3KDmev6m5PMibrg=" },
		{ { 192, 168, 1, 52 }, { 8, 8, 8, 8 }, NJ_IP_UDP, 54585, 53,
			"1:d/FP5EW3wiY1vCndhwleRRKHowQ=" },
		{ { 192, 168, 0, 89 }, { 192, 168, 0, 1 }, NJ_IP_ICMP, 8, 0,
			"1:X0snYXpgwiv9TZtqg64sgzUn6Dk=" },
	};
	struct kit k;

	(void)unused;
	for (size_t i = 0; i < nj_countof(cases); i++) {
		kit_begin(&k, NULL);
		memcpy(k.src, cases[i].src, 4);
		memcpy(k.dst, cases[i].dst, 4);
		k.meta.proto = cases[i].proto;
		k.meta.sport = cases[i].sport;
		k.meta.dport = cases[i].dport;
		k.meta.tcp_flags = NJ_TCP_SYN;
		kit_datagram(&k, O, 0);
		kit_finish(&k);
		assert_string_equal(k.conns[0].community, cases[i].id);
		kit_end_all(&k);
	}
}

/* Where a server's port speaks first it is taken for the responder. */
static void
servers_are_guessed(void **unused)
{
	struct kit k;

	(void)unused;
	kit_begin(&k, NULL);
	as_udp(&k);
	k.meta.dport = 53;
	kit_datagram(&k, R, 10);
	kit_finish(&k);
	assert_string_equal(k.conns[0].history, "^d");
	assert_string_equal(k.conns[0].state, "SHR");
	assert_int_equal(k.conns[0].head.resp_p, 53);
	assert_int_equal(k.conns[0].ev.resp_pkts, 1);
	assert_true(k.conns[0].ev.one_way);
	kit_end_all(&k);
}

/* A capture whose times go back far: a packet that comes after its flow's
 * time is over is a flow by itself, and nothing ends before it began. */
static void
times_may_go_back(void **unused)
{
	struct kit k;

	(void)unused;
	kit_begin(&k, NULL);
	as_udp(&k);
	kit_datagram(&k, O, 10);
	for (unsigned i = 0; i < 3; i++) {
		struct nj_meta m = k.meta;

		m.sport = 5;
		m.ts_ns = k.now_ns - 1000 * S;
		m.now_ns = k.now_ns;
		while (!nj_flow_expire(k.table, k.now_ns))
			continue;
		nj_flow_burst(k.table, &m, 1);
	}
	assert_int_equal(k.starts, 4);
	kit_finish(&k);
	for (unsigned i = 0; i < k.conn_count; i++)
		assert_true(k.conns[i].head.order_ns >= k.now_ns);
	kit_end_all(&k);
}

/* The packets of one burst see the flows, and the VLANs, that packets before
 * them began, and eviction by them. */
static void
bursts_are_handled_in_order(void **unused)
{
	struct nj_meta m[NJ_FLOW_BURST];
	struct nj_flow_conf conf;
	struct kit k;

	(void)unused;
	nj_flow_conf_default(&conf);
	conf.flows_max = 4;
	kit_begin(&k, &conf);
	as_udp(&k);
	k.meta.vlan = 9;
	for (unsigned i = 0; i < NJ_FLOW_BURST; i++) {
		m[i] = k.meta;
		m[i].ts_ns = m[i].now_ns = k.now_ns + i;
		m[i].sport = (uint16_t)(i / 8);
	}
	nj_flow_burst(k.table, m, NJ_FLOW_BURST);
	assert_int_equal(k.starts, 8);
	assert_int_equal(nj_flow_live(k.table), 4);
	kit_finish(&k);
	for (unsigned i = 0; i < 8; i++)
		assert_int_equal(k.conns[i].ev.orig_pkts, 8);
	kit_end_all(&k);
}

/* A flow that a packet of the burst evicted is gone for the packets after it,
 * although they were looked up before. */
static void
evicted_flows_are_gone_within_the_burst(void **unused)
{
	struct nj_meta m[8];
	struct nj_flow_conf conf;
	struct kit k;

	(void)unused;
	nj_flow_conf_default(&conf);
	conf.flows_max = 4;
	kit_begin(&k, &conf);
	as_udp(&k);
	for (uint16_t i = 0; i < 4; i++) {
		k.meta.sport = i;
		kit_datagram(&k, O, 1);
	}
	for (uint16_t i = 0; i < 8; i++) {
		m[i] = k.meta;
		m[i].ts_ns = m[i].now_ns = k.now_ns;
		m[i].sport = i < 4 ? (uint16_t)(100 + i) : (uint16_t)(i - 4);
	}
	nj_flow_burst(k.table, m, 8);
	assert_int_equal(k.starts, 12);
	kit_finish(&k);
	assert_int_equal(k.conn_count, 12);
	kit_end_all(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(deadlines_are_exact),
		cmocka_unit_test(late_service_changes_nothing),
		cmocka_unit_test(tcp_has_its_own_patience),
		cmocka_unit_test(ports_are_used_again),
		cmocka_unit_test(uids_are_stable_and_unique),
		cmocka_unit_test(a_flood_spares_connections),
		cmocka_unit_test(active_flows_are_not_evicted),
		cmocka_unit_test(tenants_are_kept_apart),
		cmocka_unit_test(halves_in_two_tenants_are_joined),
		cmocka_unit_test(ipv6_flows),
		cmocka_unit_test(icmp_flows),
		cmocka_unit_test(community_ids),
		cmocka_unit_test(servers_are_guessed),
		cmocka_unit_test(times_may_go_back),
		cmocka_unit_test(bursts_are_handled_in_order),
		cmocka_unit_test(evicted_flows_are_gone_within_the_burst),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
