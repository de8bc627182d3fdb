/*
 * packet_frag.c - tests of fragments: any order, overlaps, limits, time, and
 * that each held fragment ends in exactly one counter.
 */
#include "tests/unit/frame.h"

#include <stdlib.h>

enum { NS = 1000000000 };

/* One datagram to be cut up: UDP from 1000 to 2001 with what was filled in. */
struct whole {
	struct frame f;
	uint16_t id;
	bool v6;
};

static void
whole_make(struct whole *w, bool v6, size_t payload)
{
	memset(w, 0, sizeof(*w));
	w->v6 = v6;
	w->id = 0x1234;
	udp(&w->f, 1000, 2001);
	for (size_t i = 0; i < payload; i++)
		w->f.b[w->f.n++] = (uint8_t)(i * 7 + i / 256);
	set16(&w->f, 4, w->f.n);
}

/* Bytes from .. to of the datagram as a fragment in a frame. */
static void
piece(struct frame *f, const struct whole *w, size_t from, size_t to)
{
	bool more = to < w->f.n;
	size_t at;

	f->n = 0;
	ethernet(f, w->v6 ? "86dd" : "0800");
	if (w->v6) {
		at = ip6(f, 44);
		hex(f, "1100 0000 00000000");
		set16(f, at + 42, from | more);
		set16(f, at + 46, w->id);
	} else {
		at = ip4(f, NJ_IP_UDP);
		set16(f, at + 4, w->id);
		set16(f, at + 6, from / 8 | (more ? 0x2000u : 0));
	}
	memcpy(f->b + f->n, w->f.b + from, to - from);
	f->n += to - from;
	if (w->v6) {
		end6(f, at, 0);
	} else {
		set16(f, at + 2, f->n - at);
		set16(f, at + 10, 0);
		set16(f, at + 10, plain_sum(f->b + at, 20, 0));
	}
}

static struct nj_meta
add(struct nj_decoder *d, const struct frame *f, int64_t now_ns)
{
	struct nj_packet p = packet(f, NJ_LINK_ETHERNET);
	struct nj_meta m;

	p.ts_ns = p.now_ns = now_ns;
	nj_decode(d, &p, &m);
	return m;
}

static struct nj_meta
add_piece(struct nj_decoder *d, const struct whole *w, size_t from, size_t to)
{
	static struct frame f;

	piece(&f, w, from, to);
	return add(d, &f, 0);
}

static void
assert_whole(const struct nj_meta *m, const struct whole *w)
{
	assert_int_equal(m->kind, NJ_KIND_FLOW);
	assert_true(m->fragmented);
	assert_int_equal(m->sport, 1000);
	assert_int_equal(m->dport, 2001);
	assert_int_equal(m->payload.len, w->f.n - 8);
	assert_int_equal(m->payload_wire, w->f.n - 8);
	assert_int_equal(m->ip_bytes, w->f.n + (w->v6 ? 40 : 20));
	assert_memory_equal(m->payload.data, w->f.b + 8, w->f.n - 8);
}

static void
assert_ledger(struct nj_decoder *d)
{
	const struct nj_decode_counters *n = nj_decoder_counters(d);

	assert_int_equal(n->frag_held, n->frag_joined + n->frag_expired +
					       n->frag_evicted +
					       nj_decode_waiting(d));
}

/* Fragments in each of the 24 orders make the datagram, in both versions;
 * only the last one to come is the datagram, the others are held. */
static void
any_order(void **unused)
{
	static struct whole w;

	(void)unused;
	for (unsigned o = 0; o < 2 * 256; o++) {
		struct nj_decoder *d;
		struct nj_meta m = { 0 };
		unsigned seen = 0, k;

		for (unsigned i = 0; i < 4; i++)
			seen |= 1u << (o >> i * 2 & 3);
		if (seen != 15)
			continue;
		whole_make(&w, o >= 256, 1000);
		d = decoder(false);
		for (unsigned i = 0; i < 4; i++) {
			k = o >> i * 2 & 3;
			m = add_piece(
				d, &w, k * 256, k == 3 ? w.f.n : k * 256 + 256);
			assert_int_equal(
				m.kind, i == 3 ? NJ_KIND_FLOW : NJ_KIND_HELD);
		}
		assert_whole(&m, &w);
		assert_int_equal(nj_decoder_counters(d)->held, 3);
		assert_int_equal(nj_decoder_counters(d)->frag_joined, 3);
		assert_int_equal(nj_decode_waiting(d), 0);
		nj_decoder_destroy(&d);
	}
}

/* Two datagrams that differ in nothing but the identification, or the VLAN,
 * do not mix, and both stay readable until the burst ends. */
static void
datagrams_do_not_mix(void **unused)
{
	static struct whole a, b;
	struct nj_decoder *d = decoder(false);
	struct nj_meta m, n;

	(void)unused;
	whole_make(&a, false, 600);
	whole_make(&b, false, 600);
	b.id = 0x4321;
	b.f.b[100] ^= 1;
	nj_decode_burst(d);
	(void)add_piece(d, &a, 0, 304);
	(void)add_piece(d, &b, 0, 304);
	m = add_piece(d, &a, 304, a.f.n);
	n = add_piece(d, &b, 304, b.f.n);
	assert_whole(&m, &a);
	assert_whole(&n, &b);
	nj_decode_burst(d);
	assert_ledger(d);
	nj_decoder_destroy(&d);
}

/* Where fragments overlap, the bytes that came first stay; equal and
 * different ones are told apart. */
static void
first_bytes_win(void **unused)
{
	static struct whole a, b;
	struct nj_decoder *d = decoder(false);
	struct nj_meta m;

	(void)unused;
	whole_make(&a, false, 600);
	b = a;
	for (size_t i = 8; i < b.f.n; i++)
		b.f.b[i] ^= 0xff;
	(void)add_piece(d, &a, 0, 200);
	m = add_piece(d, &a, 104, 400);
	assert_int_equal(m.odd, NJ_PODD_FRAG_OVERLAP);
	m = add_piece(d, &b, 8, 400);
	assert_int_equal(m.odd, NJ_PODD_FRAG_DIFFERS);
	m = add_piece(d, &a, 400, a.f.n);
	assert_whole(&m, &a);
	assert_int_equal(nj_decoder_counters(d)->frag_overlaps, 1);
	assert_int_equal(nj_decoder_counters(d)->frag_differs, 1);
	assert_int_equal(nj_decoder_odds(d)[NJ_PODD_FRAG_OVERLAP], 1);
	assert_int_equal(nj_decoder_odds(d)[NJ_PODD_FRAG_DIFFERS], 1);
	assert_ledger(d);
	nj_decoder_destroy(&d);
}

/* "Teardrop": a second, last fragment that lies inside the first contradicts
 * its length, and no datagram comes of it but the one that it says. */
static void
teardrop(void **unused)
{
	static struct whole w;
	static struct frame f;
	struct nj_decoder *d = decoder(false);
	struct nj_meta m;

	(void)unused;
	whole_make(&w, false, 600);
	m = add_piece(d, &w, 0, 304);
	assert_int_equal(m.kind, NJ_KIND_HELD);
	w.f.n = 104;
	piece(&f, &w, 24, 104);
	m = add(d, &f, 0);
	assert_int_equal(m.odd, NJ_PODD_FRAG_SIZE);
	assert_true(m.kind == NJ_KIND_FLOW || m.kind == NJ_KIND_MALFORMED);
	assert_true(m.payload.len <= 96);
	assert_ledger(d);
	nj_decoder_destroy(&d);
}

/* "Ping of death": a last fragment that ends beyond 65535 is refused. */
static void
ping_of_death(void **unused)
{
	static struct frame f;
	struct nj_decoder *d = decoder(false);
	struct nj_meta m;
	size_t at;

	(void)unused;
	ethernet(&f, "0800");
	at = ip4(&f, NJ_IP_ICMP);
	fill(&f, 0, 1000);
	end4(&f, at);
	set16(&f, at + 6, 65528 / 8);
	m = add(d, &f, 0);
	assert_int_equal(m.kind, NJ_KIND_MALFORMED);
	assert_int_equal(m.odd, NJ_PODD_FRAG_LARGE);
	assert_int_equal(nj_decode_waiting(d), 0);
	nj_decoder_destroy(&d);
}

/* The greatest datagram that IPv4 allows comes through whole. */
static void
greatest_datagram(void **unused)
{
	static struct whole w;
	struct nj_decoder *d = decoder(false);
	struct nj_meta m = { 0 };

	(void)unused;
	whole_make(&w, false, 65535 - 20 - 8);
	for (size_t at = 0; at < w.f.n; at += 1480)
		m = add_piece(d, &w, at, nj_min(at + 1480, w.f.n));
	assert_whole(&m, &w);
	nj_decoder_destroy(&d);
}

/* Small fragments, cut ones and ones with DF are named; lengths that are no
 * multiple of 8 are refused unless they are the last. */
static void
odd_fragments(void **unused)
{
	static struct whole w;
	static struct frame f;
	struct nj_decoder *d = decoder(false);
	struct nj_packet p;
	struct nj_meta m;

	(void)unused;
	whole_make(&w, false, 600);
	m = add_piece(d, &w, 0, 40);
	assert_int_equal(m.kind, NJ_KIND_HELD);
	assert_int_equal(m.odd, NJ_PODD_FRAG_SMALL);
	m = add_piece(d, &w, 40, 199);
	assert_int_equal(m.kind, NJ_KIND_MALFORMED);
	assert_int_equal(m.odd, NJ_PODD_FRAG_UNALIGNED);
	piece(&f, &w, 40, 200);
	f.b[20] |= 0x40;
	m = add(d, &f, 0);
	assert_int_equal(m.odd, NJ_PODD_FRAG_DF);
	piece(&f, &w, 200, 400);
	p = packet(&f, NJ_LINK_ETHERNET);
	p.len -= 10;
	nj_decode(d, &p, &m);
	assert_int_equal(m.kind, NJ_KIND_MALFORMED);
	assert_int_equal(m.odd, NJ_PODD_FRAG_CUT);
	assert_ledger(d);
	nj_decoder_destroy(&d);
}

/* Fragments wait for the configured packet time and not longer: what comes
 * at the deadline begins a new datagram. */
static void
time_out(void **unused)
{
	static struct whole w;
	static struct frame first, second;

	(void)unused;
	for (int late = 0; late < 2; late++) {
		struct nj_decoder *d = decoder(false);
		struct nj_meta m;

		whole_make(&w, false, 600);
		piece(&first, &w, 0, 304);
		piece(&second, &w, 304, w.f.n);
		(void)add(d, &first, INT64_C(5) * NS);
		m = add(d, &second, INT64_C(35) * NS - 1 + late);
		assert_int_equal(m.kind, late ? NJ_KIND_HELD : NJ_KIND_FLOW);
		assert_int_equal(nj_decoder_counters(d)->frag_expired, late);
		nj_decode_finish(d);
		assert_int_equal(nj_decode_waiting(d), 0);
		assert_ledger(d);
		nj_decoder_destroy(&d);
	}
}

/* A flood of first fragments keeps within the limits of datagrams, bytes and
 * pieces; the newest datagram still gets through, and the ledger is exact. */
static void
flood_is_bounded(void **unused)
{
	static struct whole w;
	struct nj_decode_conf conf;
	struct nj_decoder *d;
	struct nj_meta m;

	(void)unused;
	nj_decode_conf_default(&conf);
	conf.frag_datagrams_max = 16;
	conf.frag_bytes_max = 4096;
	conf.frag_pieces_max = 4;
	assert_int_equal(nj_decoder_create(&d, &conf), NJ_OK);
	whole_make(&w, false, 600);
	for (unsigned i = 0; i < 1000; i++) {
		w.id = (uint16_t)i;
		m = add_piece(d, &w, 0, i % 2 ? 304 : 64);
		assert_int_equal(m.kind, NJ_KIND_HELD);
		assert_true(nj_decode_waiting(d) <= 16);
		assert_ledger(d);
	}
	m = add_piece(d, &w, 304, w.f.n);
	assert_whole(&m, &w);
	w.id = 2000;
	for (unsigned i = 0; i < 4; i++)
		(void)add_piece(d, &w, i * 64, i * 64 + 64);
	m = add_piece(d, &w, 256, 320);
	assert_int_equal(m.kind, NJ_KIND_MALFORMED);
	assert_int_equal(m.odd, NJ_PODD_FRAG_REFUSED);
	assert_int_equal(nj_decoder_counters(d)->frag_refused, 1);
	assert_ledger(d);
	nj_decoder_destroy(&d);
}

/* In IPv6 the first fragment says what the payload is, a lone fragment is
 * whole, and a fragment inside a fragment is refused. */
static void
ipv6_rules(void **unused)
{
	static struct whole w;
	static struct frame f;
	struct nj_decoder *d = decoder(false);
	struct nj_meta m;
	size_t at;

	(void)unused;
	whole_make(&w, true, 600);
	piece(&f, &w, 304, w.f.n);
	f.b[14 + 40] = 6;
	m = add(d, &f, 0);
	assert_int_equal(m.kind, NJ_KIND_HELD);
	m = add_piece(d, &w, 0, 304);
	assert_whole(&m, &w);
	assert_int_equal(m.odd, NJ_PODD_FRAG_PROTO);

	piece(&f, &w, 0, w.f.n);
	m = add(d, &f, 0);
	assert_int_equal(m.kind, NJ_KIND_FLOW);
	assert_false(m.fragmented);
	assert_int_equal(m.payload.len, 600);

	whole_make(&w, true, 0);
	w.f.n = 0;
	hex(&w.f, "1100 0001 00000009");
	fill(&w.f, 0, 56);
	for (unsigned i = 0; i < 2; i++) {
		f.n = 0;
		ethernet(&f, "86dd");
		at = ip6(&f, 44);
		hex(&f, i ? "2c00 0020 00000007" : "2c00 0001 00000007");
		memcpy(f.b + f.n, w.f.b + i * 32, 32);
		f.n += 32;
		end6(&f, at, 0);
		m = add(d, &f, 0);
	}
	assert_int_equal(m.kind, NJ_KIND_MALFORMED);
	assert_int_equal(m.odd, NJ_PODD_FRAG_PROTO);
	assert_ledger(d);
	nj_decoder_destroy(&d);
}

/* Fragments inside a tunnel, and of a tunnel, are joined at both depths. */
static void
fragments_and_tunnels(void **unused)
{
	static struct whole w, tunnel;
	static struct frame f, g;
	struct nj_decoder *d = decoder(false);
	struct nj_meta outer = { 0 }, inner;
	size_t at;

	(void)unused;
	whole_make(&w, false, 600);
	for (unsigned i = 0; i < 2; i++) {
		piece(&f, &w, i * 304, i ? w.f.n : 304);
		/* The tunnel's own packet in two fragments. */
		tunnel.f.n = 0;
		tunnel.id = (uint16_t)(100 + i);
		memcpy(tunnel.f.b, f.b + 14, f.n - 14);
		tunnel.f.n = f.n - 14;
		for (unsigned k = 0; k < 2; k++) {
			piece(&g, &tunnel, k * 64, k ? tunnel.f.n : 64);
			g.b[14 + 9] = 4;
			at = 14;
			set16(&g, at + 10, 0);
			outer = add(d, &g, 0);
		}
		assert_int_equal(outer.kind, NJ_KIND_FLOW);
		assert_true(outer.fragmented);
		assert_true(nj_decode_inner(d, &outer, &inner));
		assert_int_equal(inner.kind, i ? NJ_KIND_FLOW : NJ_KIND_HELD);
	}
	assert_whole(&inner, &w);
	assert_int_equal(nj_decoder_counters(d)->inner_held, 1);
	assert_int_equal(nj_decoder_counters(d)->frag_held, 3);
	assert_ledger(d);
	nj_decoder_destroy(&d);
}

/* Limits out of range are refused at creation. */
static void
limits_are_checked(void **unused)
{
	struct nj_decode_conf conf;
	struct nj_decoder *d;

	(void)unused;
	nj_decode_conf_default(&conf);
	conf.frag_datagrams_max = 0;
	assert_int_equal(nj_decoder_create(&d, &conf), NJ_E_RANGE);
	assert_null(d);
	nj_decode_conf_default(&conf);
	conf.frag_pieces_max = 5000;
	assert_int_equal(nj_decoder_create(&d, &conf), NJ_E_RANGE);
	assert_null(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_order),
		cmocka_unit_test(datagrams_do_not_mix),
		cmocka_unit_test(first_bytes_win),
		cmocka_unit_test(teardrop),
		cmocka_unit_test(ping_of_death),
		cmocka_unit_test(greatest_datagram),
		cmocka_unit_test(odd_fragments),
		cmocka_unit_test(time_out),
		cmocka_unit_test(flood_is_bounded),
		cmocka_unit_test(ipv6_rules),
		cmocka_unit_test(fragments_and_tunnels),
		cmocka_unit_test(limits_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
