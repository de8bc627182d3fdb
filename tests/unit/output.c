/*
 * output.c - the thread of an output: order, batches, retries, and what the
 * next process finds.
 */
#include "tests/unit/unit.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "engine/base/clock.h"
#include "engine/store/output/output.h"

#define NOTE(F, tag) F(tag, 1, U32, number, 0, "Which one")
NJ_EVENT(outnote, NOTE, "For tests");
NJ_EVENT(outother, NOTE, "For tests");

enum { BLOCKS_MAX = 64, ROWS_MAX = 1024 };

/* A source in memory and a receiver that fails as it is told to. */
struct world {
	pthread_mutex_t lock;
	unsigned blocks; /* that are there */
	unsigned rows_each;
	uint64_t position;
	unsigned refuse;      /* sends that fail */
	unsigned sends, gone; /* blocks up to it are not there any more */
	uint64_t last[ROWS_MAX], sources[ROWS_MAX];
	uint32_t rows[ROWS_MAX];
	uint64_t marks;
	char folder[64];
	uint8_t bytes[4096];
};

static size_t
put_row(uint8_t *out, size_t cap, uint32_t number)
{
	struct nj_head head = { .ts_ns = number };
	struct outnote_event ev = { .number = number };
	struct outother_event other = { .number = number };

	if (number % 2)
		return nj_row_encode(out, cap, &outother_desc, &head, &other);
	return nj_row_encode(out, cap, &outnote_desc, &head, &ev);
}

static enum nj_err
source_add(void *ctx, const char *name)
{
	(void)ctx, (void)name;
	return NJ_OK;
}

static enum nj_err
source_next(void *ctx, uint64_t after, struct nj_store_block *out)
{
	struct world *w = ctx;
	uint64_t number = after + 1;
	size_t n = 0;

	pthread_mutex_lock(&w->lock);
	number = nj_max(number, (uint64_t)w->gone + 1);
	if (number > w->blocks)
		number = 0;
	pthread_mutex_unlock(&w->lock);
	if (!number)
		return NJ_E_NOENT;
	for (unsigned i = 0; i < w->rows_each; i++)
		n += put_row(w->bytes + n, sizeof(w->bytes) - n,
			(uint32_t)(number * 100 + i));
	*out = (struct nj_store_block){ number, { w->bytes, n }, NULL };
	return NJ_OK;
}

static void
source_let_go(struct nj_store_block *b)
{
	(void)b;
}

static enum nj_err
source_done(void *ctx, const char *name, uint64_t number)
{
	struct world *w = ctx;

	(void)name;
	pthread_mutex_lock(&w->lock);
	w->position = number;
	pthread_mutex_unlock(&w->lock);
	return NJ_OK;
}

static uint64_t
source_position(void *ctx, const char *name)
{
	(void)name;
	return ((struct world *)ctx)->position;
}

static bool
kind_send(void *self, struct nj_output_job *job)
{
	struct world *w = self;
	unsigned i = w->sends;
	bool good;

	pthread_mutex_lock(&w->lock);
	w->sends++;
	w->last[i] = job->batch->last;
	w->rows[i] = job->batch->rows;
	w->sources[i] = job->source;
	good = !w->refuse;
	w->refuse -= !good;
	w->marks = job->mark;
	pthread_mutex_unlock(&w->lock);
	(void)snprintf(job->why, sizeof(job->why), "as told");
	return good;
}

static uint64_t
kind_mark(void *self)
{
	return 1000 + ((struct world *)self)->sends;
}

static void
kind_destroy(void *self)
{
	(void)self;
}

static const struct nj_output_kind kind = { .name = "told",
	.send = kind_send,
	.mark = kind_mark,
	.destroy = kind_destroy };

static struct nj_output_conf
quick(const struct world *w)
{
	return (struct nj_output_conf){ .folder = w->folder,
		.rows_max = 6,
		.bytes_max = 1 << 20,
		.age_ns = NJ_NS_PER_MS,
		.retry_ns = NJ_NS_PER_MS,
		.retry_max_ns = 4 * NJ_NS_PER_MS };
}

static void
run(struct world *w, int64_t patience_ns)
{
	struct nj_output_source source = { w, source_add, source_next,
		source_let_go, source_done, source_position };
	struct nj_output_conf conf = quick(w);
	struct nj_output *o;

	assert_int_equal(nj_output_start(&o, &source, &conf, &kind, w), NJ_OK);
	nj_output_stop(&o, patience_ns);
}

static void
world_begin(struct world *w)
{
	*w = (struct world){ .rows_each = 2 };
	pthread_mutex_init(&w->lock, NULL);
	(void)snprintf(w->folder, sizeof(w->folder), "/tmp/njout-XXXXXX");
	assert_non_null(mkdtemp(w->folder));
}

static void
world_end(struct world *w)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/told.outbox", w->folder);
	(void)unlink(path);
	assert_int_equal(rmdir(w->folder), 0);
	pthread_mutex_destroy(&w->lock);
}

/* All blocks go out in order, in batches of whole blocks, and the position
 * follows; what waits at a stop is sent before it. */
static void
all_go_out(void **unused)
{
	struct world w;

	(void)unused;
	world_begin(&w);
	w.blocks = 8;
	run(&w, 10 * NJ_NS_PER_S);
	assert_int_equal(w.position, 8);
	assert_int_equal(w.sends, 3);
	assert_int_equal(w.last[0], 3);
	assert_int_equal(w.rows[0], 6);
	assert_int_equal(w.last[2], 8);
	assert_int_equal(w.rows[2], 4);
	world_end(&w);
}

/* A batch that failed comes again, the same, until it is taken; the mark is
 * that from before the first try. */
static void
failed_comes_again(void **unused)
{
	struct world w;

	(void)unused;
	world_begin(&w);
	w.blocks = 3;
	w.refuse = 4;
	run(&w, 10 * NJ_NS_PER_S);
	assert_int_equal(w.sends, 5);
	for (unsigned i = 0; i < 5; i++) {
		assert_int_equal(w.last[i], 3);
		assert_int_equal(w.rows[i], 6);
	}
	assert_int_equal(w.marks, 1000);
	assert_int_equal(w.position, 3);
	world_end(&w);
}

/* The next process sends the batch that this one may have sent, and not more
 * in it, though more has come; then the rest. It speaks for the same store. */
static void
next_process_sends_the_same(void **unused)
{
	struct world w;
	uint64_t source;
	unsigned first;

	(void)unused;
	world_begin(&w);
	w.blocks = 2;
	w.refuse = UINT32_MAX / 2;
	run(&w, 20 * NJ_NS_PER_MS);
	assert_int_equal(w.position, 0);
	assert_true(w.sends > 0);
	source = w.sources[0];
	first = w.sends;
	w.blocks = 10;
	w.refuse = 0;
	run(&w, 10 * NJ_NS_PER_S);
	assert_int_equal(w.last[first], 2);
	assert_int_equal(w.rows[first], 4);
	assert_int_equal(w.last[first + 1], 5);
	assert_int_equal(w.sources[first], source);
	assert_int_equal(w.position, 10);
	world_end(&w);
}

/* When the rest of a batch is gone from the store, what is there goes out. */
static void
lost_blocks_do_not_block(void **unused)
{
	struct world w;
	unsigned first;

	(void)unused;
	world_begin(&w);
	w.blocks = 3;
	w.refuse = UINT32_MAX / 2;
	run(&w, 20 * NJ_NS_PER_MS);
	w.gone = 5;
	w.blocks = 9;
	w.refuse = 0;
	first = w.sends;
	run(&w, 10 * NJ_NS_PER_S);
	assert_int_equal(w.last[first], 8);
	assert_int_equal(w.position, 9);
	world_end(&w);
}

/* Rows of a batch stand by log type, in the order they came. */
static void
groups_are_whole(void **unused)
{
	struct nj_batch b = { 0 };
	struct nj_store_block block = { .number = 7 };
	uint8_t bytes[2048];
	uint64_t broken = 0;
	size_t n = 0;

	(void)unused;
	for (uint32_t i = 0; i < 9; i++)
		n += put_row(bytes + n, sizeof(bytes) - n, i);
	block.rows = (struct nj_view){ bytes, n };
	assert_true(nj_batch_add(&b, &block, &broken));
	assert_true(nj_batch_sort(&b));
	assert_int_equal(broken, 0);
	assert_int_equal(b.rows, 9);
	assert_int_equal(b.group_count, 2);
	assert_int_equal(b.groups[0].n, 5);
	assert_int_equal(b.groups[1].n, 4);
	for (uint32_t i = 0; i < 9; i++) {
		struct nj_row row = nj_batch_row(&b, b.order[i]);

		assert_int_equal(
			row.head.ts_ns, i < 5 ? 2 * i : 2 * (i - 5) + 1);
	}
	/* Half a row ends the block and is counted. */
	block.rows.len -= 3;
	assert_true(nj_batch_add(&b, &block, &broken));
	assert_int_equal(broken, 1);
	assert_int_equal(b.rows, 17);
	nj_batch_free(&b);
}

/* A damaged memory makes a new source, and says so. */
static void
damaged_memory(void **unused)
{
	struct nj_output_memo memo, back;
	char path[128];
	struct world w;
	FILE *f;

	(void)unused;
	world_begin(&w);
	memo = (struct nj_output_memo){
		.source = 5, .from = 1, .to = 9, .mark = 77
	};
	assert_int_equal(nj_output_memo_write(&memo, w.folder, "told"), NJ_OK);
	assert_int_equal(nj_output_memo_read(&back, w.folder, "told"), NJ_OK);
	assert_memory_equal(&memo, &back, sizeof(memo));
	(void)snprintf(path, sizeof(path), "%s/told.outbox", w.folder);
	f = fopen(path, "w");
	assert_non_null(f);
	(void)fputs("nightjar-outbox 1\nsource 12", f);
	(void)fclose(f);
	assert_int_equal(
		nj_output_memo_read(&back, w.folder, "told"), NJ_E_FORMAT);
	assert_int_equal(back.to, 0);
	world_end(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_go_out),
		cmocka_unit_test(failed_comes_again),
		cmocka_unit_test(next_process_sends_the_same),
		cmocka_unit_test(lost_blocks_do_not_block),
		cmocka_unit_test(groups_are_whole),
		cmocka_unit_test(damaged_memory),
	};

	if (nj_event_register(&outnote_desc) ||
		nj_event_register(&outother_desc))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
