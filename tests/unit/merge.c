/*
 * merge.c - tests of engine/capture/merge.
 */
#include "tests/unit/unit.h"

#include "engine/capture/merge.h"
#include "engine/capture/pcapfile.h"

/* A little-endian microsecond capture of empty-bodied packets at the given
 * seconds; the last record is cut short if broken. */
struct file {
	uint8_t bytes[512];
	size_t len;
};

static void
put32(struct file *f, uint32_t v)
{
	memcpy(f->bytes + f->len, &v, 4);
	f->len += 4;
}

static struct file
file_of(const uint32_t *seconds, unsigned n, bool broken)
{
	struct file f = { 0 };

	put32(&f, 0xa1b2c3d4);
	put32(&f, 2 | 4 << 16);
	put32(&f, 0);
	put32(&f, 0);
	put32(&f, 65535);
	put32(&f, 1);
	for (unsigned i = 0; i < n; i++) {
		put32(&f, seconds[i]);
		put32(&f, 0);
		put32(&f, 4);
		put32(&f, 4);
		put32(&f, seconds[i]);
	}
	if (broken)
		f.len -= 2;
	return f;
}

static unsigned failures, failed_which;

static void
on_failed(void *ctx, unsigned which, const char *why)
{
	(void)ctx;
	assert_true(why[0] != 0);
	failures++;
	failed_which = which;
}

static struct nj_source *
merged_of(struct file *files, unsigned n)
{
	struct nj_source *sources[4], *merged;

	for (unsigned i = 0; i < n; i++)
		assert_int_equal(nj_pcapfile_open_memory(&sources[i],
					 (struct nj_view){
						 files[i].bytes, files[i].len },
					 0, NULL),
			NJ_OK);
	assert_int_equal(
		nj_merge_open(&merged, sources, n, on_failed, NULL), NJ_OK);
	failures = 0;
	return merged;
}

/* Reads to the end, a few at a time; checks that each packet's bytes are
 * still its own when its burst is looked at. */
static unsigned
drain(struct nj_source *s, uint32_t *seconds, int *last)
{
	struct nj_packet p[3];
	unsigned count = 0;
	int n;

	while ((n = nj_source_burst(s, p, 3)) >= 0) {
		for (int i = 0; i < n; i++) {
			uint32_t mark;

			memcpy(&mark, p[i].data, 4);
			assert_int_equal(mark, p[i].ts_ns / NJ_NS_PER_S);
			seconds[count++] = mark;
		}
		nj_source_release(s, p, (unsigned)n);
	}
	*last = n;
	return count;
}

/* Packets of several captures come in order of time, none missing. */
static void
packets_in_order_of_time(void **unused)
{
	const uint32_t a[] = { 1, 4, 5, 9 }, b[] = { 2, 3, 10 }, c[] = { 6 };
	const uint32_t want[] = { 1, 2, 3, 4, 5, 6, 9, 10 };
	struct file files[] = { file_of(a, 4, false), file_of(b, 3, false),
		file_of(c, 1, false) };
	struct nj_source *s = merged_of(files, 3);
	uint32_t got[16];
	int last;

	(void)unused;
	assert_int_equal(drain(s, got, &last), nj_countof(want));
	assert_memory_equal(got, want, sizeof(want));
	assert_int_equal(last, NJ_SOURCE_END);
	assert_int_equal(nj_source_stats(s)->received, nj_countof(want));
	nj_source_close(&s);
}

/* A capture that breaks ends alone; the rest is read and the failure told. */
static void
broken_capture_ends_alone(void **unused)
{
	const uint32_t a[] = { 1, 2 }, b[] = { 3, 4 };
	const uint32_t want[] = { 1, 3, 4 };
	struct file files[] = { file_of(a, 2, true), file_of(b, 2, false) };
	struct nj_source *s = merged_of(files, 2);
	uint32_t got[16];
	int last;

	(void)unused;
	assert_int_equal(drain(s, got, &last), nj_countof(want));
	assert_memory_equal(got, want, sizeof(want));
	assert_int_equal(last, NJ_SOURCE_FAILED);
	assert_int_equal(failures, 1);
	assert_int_equal(failed_which, 0);
	nj_source_close(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packets_in_order_of_time),
		cmocka_unit_test(broken_capture_ends_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
