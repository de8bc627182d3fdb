/*
 * memory.c - tests of the memory feed of engine/capture: what a bench is fed
 * must be traffic, or its figures mean nothing.
 */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "engine/base/clock.h"
#include "engine/base/hash.h"
#include "engine/capture/memory.h"
#include "engine/capture/paced.h"

enum { BURST = 64, TABLE = 1 << 18 };

/* A flow as the frames tell it; key 0 is a free place of the table. */
struct seen {
	uint64_t key[2];
	uint32_t next[2]; /* TCP: next sequence number of each side */
	uint16_t frames;
	bool fin[2], broken;
};

static uint32_t
be32(const uint8_t *p)
{
	uint32_t x;

	memcpy(&x, p, 4);
	return __builtin_bswap32(x);
}

static struct seen *
find(struct seen *table, const uint64_t key[2])
{
	size_t at = nj_mix64(key[0] ^ nj_mix64(key[1])) % TABLE;

	while (table[at].frames && memcmp(table[at].key, key, 16) != 0)
		at = (at + 1) % TABLE;
	memcpy(table[at].key, key, 16);
	return &table[at];
}

/* Follows one IPv4 or IPv6 frame; client and server tell themselves apart by
 * the addresses that the feed gives them. */
static void
follow(struct seen *table, const uint8_t *p)
{
	bool ip6 = p[12] == 0x86, back, tcp;
	const uint8_t *l3 = p + 14, *l4 = l3 + (ip6 ? 40 : 20);
	const uint8_t *src = ip6 ? l3 + 20 : l3 + 12;
	const uint8_t *dst = ip6 ? l3 + 36 : l3 + 16;
	uint32_t ports = be32(l4), seq = be32(l4 + 4), payload;
	uint64_t key[2];
	struct seen *f;

	tcp = l3[ip6 ? 6 : 9] == NJ_IP_TCP;
	back = src[0] == 198;
	if (back)
		ports = ports << 16 | ports >> 16;
	key[0] =
		(uint64_t)be32(back ? dst : src) << 32 | be32(back ? src : dst);
	key[1] = (uint64_t)ports << 8 | (uint64_t)tcp << 1 | ip6;
	f = find(table, key);
	f->frames++;
	if (!tcp)
		return;
	payload = ip6 ? (uint32_t)(l3[4] << 8 | l3[5])
		      : (uint32_t)(l3[2] << 8 | l3[3]) - 20;
	payload -= (l4[12] >> 4) * 4u;
	if (f->frames == 1)
		f->broken = l4[13] != NJ_TCP_SYN;
	if (!(l4[13] & NJ_TCP_SYN) &&
		(f->next[back] != seq || f->next[!back] != be32(l4 + 8)))
		f->broken = true;
	f->next[back] = seq + payload + !!(l4[13] & NJ_TCP_SYN) +
			!!(l4[13] & NJ_TCP_FIN);
	if (l4[13] & NJ_TCP_FIN)
		f->fin[back] = true;
}

static struct nj_source *
open_mix(const struct nj_memory_mix *mix, uint64_t packets, uint8_t stream)
{
	struct nj_memory_conf conf = { .mix = mix,
		.flows = 3000,
		.packets = packets,
		.seed = 5,
		.stream = stream };
	struct nj_source *s;

	assert_non_null(mix);
	assert_int_equal(nj_memory_open(&s, &conf), NJ_OK);
	return s;
}

static struct seen *
follow_all(const struct nj_memory_mix *mix, uint64_t packets, uint64_t *flows)
{
	struct seen *table = calloc(TABLE, sizeof(*table));
	struct nj_source *s = open_mix(mix, packets, 0);
	struct nj_packet p[BURST];
	uint64_t sum = 0;
	int n;

	assert_non_null(table);
	while ((n = nj_source_burst(s, p, BURST)) > 0) {
		for (int i = 0; i < n; i++)
			follow(table, p[i].data);
		sum += (unsigned)n;
	}
	assert_int_equal(n, NJ_SOURCE_END);
	assert_true(sum == packets && s->count.received == packets);
	*flows = nj_memory_flows(s);
	nj_source_close(&s);
	return table;
}

/* In every mix each TCP flow begins with SYN, misses no byte and no
 * acknowledgement, and ends with two FINs; and as many packets make a flow as
 * the mix says. */
static void
flows_are_whole(void **unused)
{
	(void)unused;
	for (const struct nj_memory_mix *m = nj_memory_mixes; m->name; m++) {
		uint64_t in_progress, done = 0, open = 0, frames = 0;
		struct seen *table = follow_all(m, 400000, &in_progress);

		for (struct seen *f = table; f < table + TABLE; f++) {
			if (!f->frames)
				continue;
			assert_false(f->broken);
			frames += f->frames;
			if (f->fin[0] && f->fin[1])
				done++;
			else if (f->key[1] & 2)
				open++;
		}
		assert_true(frames == 400000);
		assert_true(open <= in_progress);
		assert_true(done > 1000);
		free(table);
	}
}

/* Mean packets of a flow, over complete conversations, are the mix's. */
static void
flow_lengths_are_as_said(void **unused)
{
	const struct nj_memory_mix *m = nj_memory_mix_find("conn");
	uint64_t in_progress, flows = 0, frames = 800000;
	struct seen *table = follow_all(m, frames, &in_progress);
	double mean;

	(void)unused;
	for (struct seen *f = table; f < table + TABLE; f++)
		flows += f->frames != 0;
	mean = (double)frames / (double)flows;
	assert_true(mean > m->packets_per_flow - 0.1);
	assert_true(mean < m->packets_per_flow + 0.1);
	free(table);
}

/* The frames of a burst are different memory, so that a worker may hold them
 * all; times and lengths are sound. */
static void
bursts_do_not_overlap(void **unused)
{
	struct nj_packet p[BURST];
	int64_t last = 0;

	(void)unused;
	for (const struct nj_memory_mix *m = nj_memory_mixes; m->name; m++) {
		struct nj_source *s = open_mix(m, 200000, 0);
		int n;

		last = 0;
		while ((n = nj_source_burst(s, p, BURST)) > 0)
			for (int i = 0; i < n; i++) {
				for (int k = 0; k < i; k++)
					assert_ptr_not_equal(
						p[i].data, p[k].data);
				assert_true(p[i].ts_ns > last);
				assert_true(p[i].now_ns == p[i].ts_ns);
				last = p[i].ts_ns;
				assert_in_range(p[i].len, 60, 1514);
			}
		nj_source_close(&s);
	}
}

static uint64_t
hash_feed(const char *mix, uint8_t stream)
{
	struct nj_hash_key key = { 1, 2 };
	struct nj_source *s = open_mix(nj_memory_mix_find(mix), 50000, stream);
	struct nj_packet p[BURST];
	uint64_t sum = 0;
	int n;

	while ((n = nj_source_burst(s, p, BURST)) > 0)
		for (int i = 0; i < n; i++)
			sum = nj_mix64(sum ^ (uint64_t)p[i].ts_ns ^
				       nj_hash64(&key, p[i].data, p[i].len));
	nj_source_close(&s);
	return sum;
}

/* The same conf gives the same packets, another stream other ones. */
static void
feeds_repeat(void **unused)
{
	(void)unused;
	assert_true(hash_feed("conn", 0) == hash_feed("conn", 0));
	assert_true(hash_feed("conn", 0) != hash_feed("conn", 1));
	assert_null(nj_memory_mix_find("none"));
}

/* A feed is told as mix and rate. */
static void
feeds_are_parsed(void **unused)
{
	static const char *const wrong[] = { "", "@5", "enterprise@",
		"enterprise@0", "enterprise@x", "enterprises@5",
		"enterpriseenterpriseenterpriseenterprise@5" };
	struct nj_memory_conf conf = { 0 };

	(void)unused;
	assert_true(nj_feed_parse("enterprise@250", &conf));
	assert_string_equal(conf.mix->name, "enterprise");
	assert_int_equal(conf.rate_pps, 250);
	assert_true(nj_feed_parse("small", &conf));
	assert_int_equal(conf.rate_pps, 1000);
	for (unsigned i = 0; i < nj_countof(wrong); i++)
		assert_false(nj_feed_parse(wrong[i], &conf));
}

/* Paced, packets bear the time at which they come, keep their distances, and
 * none comes before its time. */
static void
paced_packets_come_in_time(void **unused)
{
	struct nj_memory_conf conf = { .mix = nj_memory_mix_find("enterprise"),
		.flows = 100,
		.rate_pps = 100000,
		.packets = 1000 };
	struct nj_packet out[BURST];
	struct nj_source *s;
	int64_t begun = nj_wall_ns(), first = 0, last = 0;
	int n, all = 0;

	(void)unused;
	assert_int_equal(nj_memory_open(&s, &conf), NJ_OK);
	assert_int_equal(nj_paced_open(&s, s), NJ_OK);
	assert_true(s->live);
	while ((n = nj_source_burst(s, out, BURST)) >= 0) {
		for (int i = 0; i < n; i++, all++) {
			first = all ? first : out[i].ts_ns;
			last = out[i].ts_ns;
			assert_true(last >= begun && last <= nj_wall_ns());
			assert_int_equal((last - first + 500) / 1000, all * 10);
		}
		nj_source_release(s, out, (unsigned)n);
	}
	assert_int_equal(n, NJ_SOURCE_END);
	assert_int_equal(all, 1000);
	nj_source_close(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flows_are_whole),
		cmocka_unit_test(flow_lengths_are_as_said),
		cmocka_unit_test(bursts_do_not_overlap),
		cmocka_unit_test(feeds_repeat),
		cmocka_unit_test(feeds_are_parsed),
		cmocka_unit_test(paced_packets_come_in_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
