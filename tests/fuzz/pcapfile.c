/*
 * pcapfile.c - fuzzes the readers of capture files, plain and packed: every
 * byte of every packet is looked at, in bursts whose size the input chooses.
 */
#include "tests/fuzz/fuzz.h"

#include "engine/capture/pcapfile.h"

enum {
	BURST_MAX = 64,
	/* A small input may unpack to very much; that is fine, and slow. */
	UNPACKED_MAX = 8 * 1024 * 1024
};

static volatile uint8_t sink;

static void
look(const struct nj_source *s, const struct nj_packet *p)
{
	uint8_t sum = 0;

	NJ_ASSERT(p->wire_len >= p->len);
	NJ_ASSERT(p->now_ns >= p->ts_ns && p->now_ns <= s->now_ns);
	for (uint32_t i = 0; i < p->len; i++)
		sum ^= p->data[i];
	sink = sum;
}

static void
read_all(struct nj_source *s, unsigned burst)
{
	struct nj_packet p[BURST_MAX];
	uint64_t packets = 0;
	int n;

	while ((n = nj_source_burst(s, p, burst)) > 0) {
		for (int i = 0; i < n; i++)
			look(s, &p[i]);
		packets += (unsigned)n;
		nj_source_release(s, p, (unsigned)n);
		if (s->count.bytes > UNPACKED_MAX)
			return;
	}
	NJ_ASSERT(n == NJ_SOURCE_END || n == NJ_SOURCE_FAILED);
	NJ_ASSERT((n == NJ_SOURCE_FAILED) == (s->err != NJ_OK));
	NJ_ASSERT((s->text[0] != '\0') == (s->err != NJ_OK));
	NJ_ASSERT(nj_source_stats(s)->received == packets);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nj_source *s;
	char why[NJ_SOURCE_TEXT];
	unsigned burst = size ? data[size - 1] % BURST_MAX + 1 : 1;

	if (nj_pcapfile_open_memory(
		    &s, (struct nj_view){ data, size }, 1, why)) {
		NJ_ASSERT(!s && why[0]);
		return 0;
	}
	read_all(s, burst);
	nj_source_close(&s);
	return 0;
}
