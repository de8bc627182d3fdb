/*
 * spool.c - tests of spool files: what is written comes back in order and
 * once, whatever was cut off or damaged, and never more than there is room for.
 */
#include "tests/unit/rowkit.h"

#include <sys/stat.h>

#include "engine/event/spool.h"

enum {
	EPOCH = 77,
	BATCH_ROWS = 20,
	ROW_BYTES = 1024,
	HEAD_BYTES = 48,
	BATCH_HEAD_BYTES = 32
};

/* Rows in memory, as a ring would have them. */
struct rows {
	uint8_t *bytes;
	size_t len;
	uint64_t at[4096]; /* where the n-th begins, and the last ends */
	unsigned n;
};

static uint8_t *
rows_reserve(void *ctx, size_t n)
{
	struct rows *r = ctx;

	(void)n;
	return r->bytes + r->len;
}

static void
rows_commit(void *ctx, size_t n)
{
	struct rows *r = ctx;

	r->len += n;
	r->at[++r->n] = r->len;
}

static void
rows_make(struct rows *r, unsigned n)
{
	struct nj_sink sink = {
		.ctx = r, .reserve = rows_reserve, .commit = rows_commit
	};

	*r = (struct rows){ .bytes = malloc((size_t)n * 2 * ROW_BYTES) };
	for (uint64_t i = 0; i < n; i++)
		assert_true(rowtest_put(&sink, i));
}

static struct nj_spool *
spool_make(const struct folder *f, uint64_t bytes_max, uint64_t epoch)
{
	struct nj_spool_conf conf = { f->path, epoch, bytes_max, 2 };
	struct nj_spool *s;

	assert_int_equal(nj_spool_open(&s, &conf), NJ_OK);
	return s;
}

/* Rows first to last - 1 as one batch of the lane. */
static enum nj_err
put_rows(struct nj_spool *s, unsigned lane, const struct rows *r,
	unsigned first, unsigned last)
{
	struct nj_spool_batch b = { r->at[first],
		{ r->bytes + r->at[first], r->at[last] - r->at[first] },
		last - first };

	return nj_spool_put(s, lane, &b);
}

static enum nj_err
put_all(struct nj_spool *s, unsigned lane, const struct rows *r)
{
	enum nj_err err = NJ_OK;

	for (unsigned i = 0; i < r->n && !err; i += BATCH_ROWS)
		err = put_rows(s, lane, r, i, nj_min(i + BATCH_ROWS, r->n));
	return err;
}

/* Reads on and checks that rows from..to - 1 come, and nothing after. */
static void
expect(struct nj_spool_reader *r, const struct rows *rows, unsigned from,
	unsigned to)
{
	struct nj_row row;

	for (unsigned i = from; i < to; i++) {
		assert_true(nj_spool_next(r, UINT64_MAX, &row));
		assert_int_equal(rowtest_number(&row), i);
		assert_int_equal(row.position, rows->at[i + 1]);
	}
	assert_false(nj_spool_next(r, UINT64_MAX, &row));
}

static struct nj_spool_reader *
reader_make(const struct folder *f, unsigned lane, uint64_t from, bool live)
{
	struct nj_spool_reader *r;

	assert_int_equal(
		nj_spool_reader_open(&r, f->fd, EPOCH, lane, live), NJ_OK);
	nj_spool_seek(r, from);
	return r;
}

/* Rows come back in order over many segments, from any position, and each lane
 * has its own. */
static void
rows_come_back(void **unused)
{
	struct nj_spool_reader *r;
	struct rows rows;
	struct folder f;
	struct nj_spool *s;

	(void)unused;
	folder_make(&f);
	rows_make(&rows, 1000);
	s = spool_make(&f, 8 << 20, EPOCH);
	assert_int_equal(put_all(s, 0, &rows), NJ_OK);
	assert_int_equal(put_rows(s, 1, &rows, 500, 510), NJ_OK);
	nj_spool_tidy(s);
	assert_true(nj_spool_counters(s)->segments > 2);
	assert_int_equal(nj_spool_counters(s)->rows, 1010);
	assert_int_equal(nj_spool_end(s, 0), rows.at[1000]);
	for (unsigned from = 0; from <= 1000; from += 125) {
		r = reader_make(&f, 0, rows.at[from], true);
		expect(r, &rows, from, 1000);
		assert_int_equal(nj_spool_read_counters(r)->broken, 0);
		assert_int_equal(nj_spool_read_counters(r)->bytes_missing, 0);
		nj_spool_reader_close(&r);
	}
	r = reader_make(&f, 1, rows.at[500], true);
	expect(r, &rows, 500, 510);
	nj_spool_reader_close(&r);
	nj_spool_close(&s);
	free(rows.bytes);
	folder_drop(&f);
}

/* A reader that has come to the end goes on when more is there, also in a
 * segment that is begun later. */
static void
reader_follows_writer(void **unused)
{
	struct nj_spool_reader *r;
	struct rows rows;
	struct folder f;
	struct nj_spool *s;

	(void)unused;
	folder_make(&f);
	rows_make(&rows, 1000);
	s = spool_make(&f, 8 << 20, EPOCH);
	r = reader_make(&f, 0, 0, true);
	expect(r, &rows, 0, 0);
	for (unsigned i = 0; i < 1000; i += BATCH_ROWS) {
		assert_int_equal(
			put_rows(s, 0, &rows, i, i + BATCH_ROWS), NJ_OK);
		expect(r, &rows, i, i + BATCH_ROWS);
	}
	nj_spool_reader_close(&r);
	nj_spool_close(&s);
	free(rows.bytes);
	folder_drop(&f);
}

/* Rows at or beyond `upto` wait until it is moved on. */
static void
upto_stops(void **unused)
{
	struct nj_spool_reader *r;
	struct rows rows;
	struct folder f;
	struct nj_spool *s;
	struct nj_row row;

	(void)unused;
	folder_make(&f);
	rows_make(&rows, 40);
	s = spool_make(&f, 8 << 20, EPOCH);
	assert_int_equal(put_all(s, 0, &rows), NJ_OK);
	r = reader_make(&f, 0, 0, true);
	for (unsigned i = 0; i < 30; i++)
		assert_true(nj_spool_next(r, rows.at[30], &row));
	assert_false(nj_spool_next(r, rows.at[30], &row));
	assert_int_equal(rowtest_number(&row), 29);
	expect(r, &rows, 30, 40);
	nj_spool_reader_close(&r);
	nj_spool_close(&s);
	free(rows.bytes);
	folder_drop(&f);
}

static uint64_t
batch_bytes(const struct rows *rows, unsigned n)
{
	return rows->at[(n + 1) * BATCH_ROWS] - rows->at[n * BATCH_ROWS];
}

/* Where the n-th batch of the first segment begins in its file, for n at the
 * most those that fit into it. */
static uint64_t
batch_at(const struct rows *rows, unsigned n)
{
	uint64_t at = HEAD_BYTES;

	for (unsigned i = 0; i < n; i++)
		at += BATCH_HEAD_BYTES + (batch_bytes(rows, i) + 7) / 8 * 8;
	return at;
}

static int
first_file(const struct folder *f)
{
	struct nj_spool_list list;
	char name[64];
	int fd;

	assert_int_equal(nj_spool_list(&list, f->fd), NJ_OK);
	assert_true(list.n >= 1);
	(void)snprintf(name, sizeof(name), "%016llx-%02u-%016llx.spool",
		(unsigned long long)list.v[0].epoch, list.v[0].lane,
		(unsigned long long)list.v[0].position);
	nj_spool_list_free(&list);
	fd = openat(f->fd, name, O_RDWR);
	assert_true(fd >= 0);
	return fd;
}

enum { FEW = 5 * BATCH_ROWS };

/* Cut anywhere, the file has exactly the batches that are whole: the reader
 * gives these and no more, and a writer that takes it up goes on after them. */
static void
torn_tails_are_cut(void **unused)
{
	struct nj_spool_reader *r;
	struct rows rows;
	struct folder f;
	struct nj_spool *s;
	uint64_t end;

	(void)unused;
	rows_make(&rows, FEW + BATCH_ROWS);
	end = batch_at(&rows, 5);
	for (uint64_t cut = HEAD_BYTES; cut < end; cut += 997) {
		unsigned whole = 0;
		int fd;

		folder_make(&f);
		s = spool_make(&f, 8 << 20, EPOCH);
		for (unsigned i = 0; i < 5; i++)
			assert_int_equal(put_rows(s, 0, &rows, i * BATCH_ROWS,
						 (i + 1) * BATCH_ROWS),
				NJ_OK);
		nj_spool_close(&s);
		fd = first_file(&f);
		assert_int_equal(ftruncate(fd, (off_t)cut), 0);
		(void)close(fd);
		while (whole < 5 && batch_at(&rows, whole) + BATCH_HEAD_BYTES +
						    batch_bytes(&rows, whole) <=
					    cut)
			whole++;
		whole *= BATCH_ROWS;
		r = reader_make(&f, 0, 0, false);
		expect(r, &rows, 0, whole);
		nj_spool_reader_close(&r);
		s = spool_make(&f, 8 << 20, EPOCH);
		assert_int_equal(nj_spool_end(s, 0), rows.at[whole]);
		assert_int_equal(put_rows(s, 0, &rows, whole, FEW + 1), NJ_OK);
		nj_spool_close(&s);
		r = reader_make(&f, 0, 0, true);
		expect(r, &rows, 0, FEW + 1);
		assert_int_equal(nj_spool_read_counters(r)->broken, 0);
		nj_spool_reader_close(&r);
		folder_drop(&f);
	}
	free(rows.bytes);
}

/* One bit wrong anywhere costs the batch that it is in and no other, and is
 * counted. */
static void
damage_costs_one_batch(void **unused)
{
	struct rows rows;
	struct folder f;
	struct nj_spool *s;
	uint64_t end;

	(void)unused;
	folder_make(&f);
	rows_make(&rows, FEW);
	s = spool_make(&f, 8 << 20, EPOCH);
	assert_int_equal(put_all(s, 0, &rows), NJ_OK);
	nj_spool_close(&s);
	end = batch_at(&rows, 5);
	for (uint64_t at = HEAD_BYTES; at < end; at += at % 64 ? 3 : 501) {
		struct nj_spool_reader *r = reader_make(&f, 0, 0, false);
		unsigned hit = 0, want = 0;
		struct nj_row row;
		uint8_t byte;
		int fd = first_file(&f);

		assert_int_equal(pread(fd, &byte, 1, (off_t)at), 1);
		byte ^= (uint8_t)(1 << at % 8);
		assert_int_equal(pwrite(fd, &byte, 1, (off_t)at), 1);
		while (batch_at(&rows, hit + 1) <= at)
			hit++;
		while (nj_spool_next(r, UINT64_MAX, &row)) {
			/* The padding is nobody's. */
			if (want == hit * BATCH_ROWS &&
				rowtest_number(&row) != want)
				want += BATCH_ROWS;
			assert_int_equal(rowtest_number(&row), want++);
		}
		if (want != FEW)
			assert_int_equal(want, hit * BATCH_ROWS);
		nj_spool_reader_close(&r);
		byte ^= (uint8_t)(1 << at % 8);
		assert_int_equal(pwrite(fd, &byte, 1, (off_t)at), 1);
		(void)close(fd);
	}
	free(rows.bytes);
	folder_drop(&f);
}

/* Damage is counted: by piece and bytes, and in a live lane what is missing. */
static void
damage_is_counted(void **unused)
{
	struct nj_spool_reader *r;
	struct rows rows;
	struct folder f;
	struct nj_spool *s;
	struct nj_row row;
	unsigned n = 0;
	int fd;

	(void)unused;
	folder_make(&f);
	rows_make(&rows, FEW);
	s = spool_make(&f, 8 << 20, EPOCH);
	assert_int_equal(put_all(s, 0, &rows), NJ_OK);
	fd = first_file(&f);
	/* The rows of the second, the head of the fourth. */
	assert_int_equal(pwrite(fd, "x", 1, (off_t)batch_at(&rows, 1) + 40), 1);
	assert_int_equal(pwrite(fd, "x", 1, (off_t)batch_at(&rows, 3) + 9), 1);
	(void)close(fd);
	r = reader_make(&f, 0, 0, true);
	while (nj_spool_next(r, UINT64_MAX, &row))
		n++;
	assert_int_equal(n, 3 * BATCH_ROWS);
	assert_int_equal(nj_spool_read_counters(r)->broken, 2);
	assert_int_equal(nj_spool_read_counters(r)->bytes_broken,
		rows.at[40] - rows.at[20] + batch_at(&rows, 4) -
			batch_at(&rows, 3));
	assert_int_equal(nj_spool_read_counters(r)->bytes_missing,
		rows.at[80] - rows.at[60]);
	nj_spool_reader_close(&r);
	nj_spool_close(&s);
	free(rows.bytes);
	folder_drop(&f);
}

/* The bound holds for all files together; what is released makes room again,
 * and when all is, no file is left. */
static void
room_is_bounded(void **unused)
{
	enum { MAX = 1 << 20 };
	struct rows rows;
	struct folder f;
	struct nj_spool *s;
	enum nj_err err = NJ_OK;
	unsigned at = 0;

	(void)unused;
	folder_make(&f);
	rows_make(&rows, 4000);
	s = spool_make(&f, MAX, EPOCH);
	for (; !err; at += BATCH_ROWS)
		err = put_rows(
			s, at / BATCH_ROWS % 2, &rows, at, at + BATCH_ROWS);
	at -= BATCH_ROWS;
	assert_int_equal(err, NJ_E_FULL);
	assert_int_equal(nj_spool_counters(s)->full, 1);
	nj_spool_tidy(s);
	assert_true(nj_spool_counters(s)->held <= MAX);
	assert_true(nj_spool_counters(s)->held > MAX * 9 / 10);
	/* Half of it. */
	nj_spool_release(s, 0, rows.at[at / 2]);
	nj_spool_release(s, 1, rows.at[at / 2]);
	nj_spool_tidy(s);
	assert_true(nj_spool_counters(s)->held < MAX * 7 / 10);
	assert_int_equal(put_rows(s, 0, &rows, at, at + BATCH_ROWS), NJ_OK);
	nj_spool_release(s, 0, rows.at[4000]);
	nj_spool_release(s, 1, rows.at[4000]);
	nj_spool_tidy(s);
	assert_int_equal(nj_spool_counters(s)->held, 0);
	assert_int_equal(folder_files(&f, false), 0);
	nj_spool_close(&s);
	free(rows.bytes);
	folder_drop(&f);
}

/* What an earlier epoch left counts as held, is found oldest first, begins at
 * its marks, and names that are not ours are left alone. */
static void
past_epochs_are_found(void **unused)
{
	uint64_t marks[NJ_SPOOL_LANES_MAX];
	struct nj_spool *s;
	struct rows rows;
	struct folder f;
	unsigned lanes;

	(void)unused;
	folder_make(&f);
	rows_make(&rows, 1000);
	/* The older one has the greater number. */
	s = spool_make(&f, 8 << 20, 99);
	assert_int_equal(put_all(s, 1, &rows), NJ_OK);
	nj_spool_release(s, 1, rows.at[333]);
	nj_spool_tidy(s);
	nj_spool_close(&s);
	s = spool_make(&f, 8 << 20, EPOCH);
	assert_int_equal(put_rows(s, 0, &rows, 0, 10), NJ_OK);
	nj_spool_tidy(s);
	assert_true(nj_spool_counters(s)->held_past > 0);
	nj_spool_close(&s);
	assert_true(mknodat(f.fd, "0000000000000001-00-00.spool",
			    S_IFREG | 0600, 0) == 0);
	assert_int_equal(nj_spool_past(f.fd, 0, &lanes), 99);
	assert_int_equal(lanes, 2);
	nj_spool_marks(f.fd, 99, marks);
	assert_int_equal(marks[0], 0);
	assert_int_equal(marks[1], rows.at[333]);
	assert_int_equal(nj_spool_past(f.fd, 99, &lanes), EPOCH);
	nj_spool_clear(f.fd, 99, marks, true);
	assert_int_equal(nj_spool_past(f.fd, 0, &lanes), EPOCH);
	assert_int_equal(nj_spool_past(f.fd, EPOCH, &lanes), 0);
	free(rows.bytes);
	folder_drop(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_come_back),
		cmocka_unit_test(reader_follows_writer),
		cmocka_unit_test(upto_stops),
		cmocka_unit_test(torn_tails_are_cut),
		cmocka_unit_test(damage_costs_one_batch),
		cmocka_unit_test(damage_is_counted),
		cmocka_unit_test(room_is_bounded),
		cmocka_unit_test(past_epochs_are_found),
	};

	return cmocka_run_group_tests(tests, rowtest_setup, NULL);
}
