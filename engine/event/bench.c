/*
 * bench.c - what rows cost. The record is a conn record as a flow leaves it
 * (the fields and their sizes are what counts); batches and ring are larger
 * than an L2 cache, so that rows are met cold, as between two cores.
 */
#include "engine/event/bench.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "engine/base/hash.h"
#include "engine/event/ring.h"

#define BENCH(F, tag)                                                          \
	F(tag, 1, STR, proto, NJ_INDEX, "")                                    \
	F(tag, 2, STR, service, NJ_INDEX, "")                                  \
	F(tag, 3, IVAL, duration, NJ_OPT, "")                                  \
	F(tag, 4, U64, orig_bytes, NJ_OPT, "")                                 \
	F(tag, 5, U64, resp_bytes, NJ_OPT, "")                                 \
	F(tag, 6, STR, conn_state, NJ_INDEX, "")                               \
	F(tag, 7, BOOL, local_orig, NJ_OPT, "")                                \
	F(tag, 8, BOOL, local_resp, NJ_OPT, "")                                \
	F(tag, 9, U64, missed_bytes, 0, "")                                    \
	F(tag, 10, STR, history, 0, "")                                        \
	F(tag, 11, U64, orig_pkts, 0, "")                                      \
	F(tag, 12, U64, orig_ip_bytes, 0, "")                                  \
	F(tag, 13, U64, resp_pkts, 0, "")                                      \
	F(tag, 14, U64, resp_ip_bytes, 0, "")                                  \
	F(tag, 15, VSTR, tunnel_parents, 0, "")                                \
	F(tag, 16, STR, community_id, NJ_INDEX, "")                            \
	F(tag, 17, U16, vlan, NJ_OPT, "")                                      \
	F(tag, 18, STR, orig_l2_addr, 0, "")                                   \
	F(tag, 19, STR, resp_l2_addr, 0, "")                                   \
	F(tag, 20, BOOL, one_way, 0, "")                                       \
	F(tag, 21, U8, ip_proto, 0, "")                                        \
	F(tag, 22, STR, end_reason, 0, "")
NJ_EVENT(bench, BENCH, "A conn record, for measurement");

enum { BATCH = 4096, RING_BYTES = 8 * 1024 * 1024 };

/* Everything that a run uses: a batch of records and the rows of them. */
struct bench {
	struct nj_event_bench *out;
	struct nj_ring *ring;
	struct nj_order *order;
	struct nj_buf json;
	uint8_t *bytes;
	struct nj_row rows[BATCH];
	struct nj_head heads[BATCH];
	struct bench_event events[BATCH];
};

static int64_t
clock_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * NJ_NS_PER_S + t.tv_nsec;
}

/* The n-th flow: every number differs from the last flow's. */
static void
flow_make(uint64_t n, struct nj_head *head, struct bench_event *ev)
{
	uint64_t r = nj_mix64(n + 1);
	uint32_t orig = 0x0000000a | (uint32_t)r << 16;
	uint32_t resp = (uint32_t)(r >> 32);

	*head = (struct nj_head){ .order_ns = (int64_t)n * 1000,
		.ts_ns = INT64_C(1700000000123456000) + (int64_t)n * 1000,
		.uid = { r, n },
		.orig = nj_addr4(&orig),
		.resp = nj_addr4(&resp),
		.orig_p = (uint16_t)(32768 + r % 28000),
		.resp_p = 443 };
	*ev = (struct bench_event){
		.proto = NJ_LIT("tcp"),
		.service = NJ_LIT("ssl"),
		.conn_state = NJ_LIT("SF"),
		.history = NJ_LIT("ShADadFf"),
		.orig_pkts = 3 + r % 100,
		.orig_ip_bytes = 200 + r % 10000,
		.resp_pkts = 3 + r % 200,
		.resp_ip_bytes = 200 + r % 100000,
		.community_id = NJ_LIT("1:LQU9qZlK+B5F3KDmev6m5PMibrg="),
		.orig_l2_addr = NJ_LIT("00:11:22:33:44:55"),
		.resp_l2_addr = NJ_LIT("66:77:88:99:aa:bb"),
		.ip_proto = 6,
		.end_reason = NJ_LIT("closed"),
	};
	nj_set(ev, bench, duration, (int64_t)(r % (60 * NJ_NS_PER_S)));
	nj_set(ev, bench, orig_bytes, r % 10000);
	nj_set(ev, bench, resp_bytes, r % 100000);
	nj_set(ev, bench, local_orig, true);
	nj_set(ev, bench, local_resp, false);
	nj_set(ev, bench, vlan, 100);
}

static void
batch_make(struct bench *b, uint64_t first)
{
	uint8_t *at = b->bytes;

	for (uint64_t i = 0; i < BATCH; i++) {
		size_t n;

		flow_make(first + i, &b->heads[i], &b->events[i]);
		n = nj_row_encode(at, NJ_ROW_BYTES_MAX, &bench_desc,
			&b->heads[i], &b->events[i]);
		NJ_ASSERT(nj_row_parse(&b->rows[i], (struct nj_view){ at, n }));
		at += n;
	}
	b->out->row_bytes += (double)(at - b->bytes);
}

static void
batch_put(struct bench *b, struct nj_sink *sink)
{
	for (unsigned i = 0; i < BATCH; i++)
		NJ_ASSERT(nj_sink_put(
			sink, &bench_desc, &b->heads[i], &b->events[i]));
}

static void
batch_next(struct bench *b)
{
	struct nj_row row;

	for (unsigned i = 0; i < BATCH; i++)
		NJ_ASSERT(nj_ring_next(b->ring, &row));
	nj_ring_release(b->ring);
}

static void
batch_walk(struct bench *b)
{
	struct nj_row_iter it;
	struct nj_row_field f;

	for (unsigned i = 0; i < BATCH; i++) {
		nj_row_iter_init(&it, &b->rows[i]);
		while (nj_row_next(&it, &f))
			__asm__ volatile("" : : "r"(&f) : "memory");
	}
}

static void
batch_json(struct bench *b)
{
	nj_buf_reset(&b->json);
	for (unsigned i = 0; i < BATCH; i++)
		nj_row_json(&b->json, &b->rows[i]);
	b->out->json_bytes += (double)b->json.len;
}

static void
count_row(void *ctx, struct nj_view row)
{
	*(size_t *)ctx += row.len != 0;
}

static void
batch_order(struct bench *b, struct nj_sink *sink)
{
	size_t released = 0;

	batch_put(b, sink);
	nj_order_release(b->order, INT64_MAX, count_row, &released);
	NJ_ASSERT(released == BATCH);
}

/* Times each step of a batch and adds it up. */
static void
batch_run(struct bench *b)
{
	struct nj_sink ring = nj_ring_sink(b->ring);
	struct nj_sink order = nj_order_sink(b->order);
	int64_t t[6];

	t[0] = clock_ns();
	batch_put(b, &ring);
	t[1] = clock_ns();
	batch_next(b);
	t[2] = clock_ns();
	batch_walk(b);
	t[3] = clock_ns();
	batch_json(b);
	t[4] = clock_ns();
	batch_order(b, &order);
	t[5] = clock_ns();
	b->out->put_ns += (double)(t[1] - t[0]);
	b->out->next_ns += (double)(t[2] - t[1]);
	b->out->walk_ns += (double)(t[3] - t[2]);
	b->out->json_ns += (double)(t[4] - t[3]);
	b->out->order_ns += (double)(t[5] - t[4]);
}

static enum nj_err
bench_open(struct bench *b)
{
	enum nj_err err = nj_event_register(&bench_desc);
	int fd;

	if (!err)
		err = nj_order_create(&b->order);
	if (err)
		return err;
	b->bytes = malloc((size_t)BATCH * 1024 + NJ_ROW_BYTES_MAX);
	if (!b->bytes)
		return NJ_E_NOMEM;
	err = nj_ring_create(&fd, RING_BYTES, 1);
	if (err)
		return err;
	err = nj_ring_attach(&b->ring, fd, NJ_RING_PRODUCER | NJ_RING_CONSUMER);
	(void)close(fd);
	return err;
}

static void
bench_close(struct bench *b)
{
	nj_order_destroy(&b->order);
	nj_ring_detach(&b->ring);
	nj_buf_free(&b->json);
	free(b->bytes);
	free(b);
}

/* From sums over batches to figures a row. */
static void
figures_divide(struct nj_event_bench *f, double rows)
{
	f->put_ns /= rows;
	f->next_ns /= rows;
	f->walk_ns /= rows;
	f->json_ns /= rows;
	f->order_ns /= rows;
	f->row_bytes /= rows;
	f->json_bytes /= rows;
}

enum nj_err
nj_event_bench(struct nj_event_bench *out, uint64_t rows)
{
	struct nj_event_bench first = { 0 };
	struct bench *b = calloc(1, sizeof(*b));
	uint64_t done = 0;
	enum nj_err err;

	*out = (struct nj_event_bench){ 0 };
	if (!b)
		return NJ_E_NOMEM;
	b->out = &first; /* pays for fresh pages and counts for nothing */
	err = bench_open(b);
	if (!err) {
		batch_make(b, 0);
		batch_run(b);
		b->out = out;
		do {
			batch_make(b, done);
			batch_run(b);
			done += BATCH;
		} while (done < rows);
		figures_divide(out, (double)done);
	}
	bench_close(b);
	return err;
}
