/*
 * segread.c - a test of segments over real records: what captures yield goes
 * into segments of each log type and comes back as the same JSON.
 */
#include "tests/unit/segkit.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>

#include "engine/capture/pcapfile.h"
#include "engine/dissect/dissect.h"
#include "engine/pipeline/reader.h"

enum { ARENA_BYTES = 256 << 20, FILE_BYTES_MAX = 200 * 1024, ROWS_MAX = 20000 };

/* Records of one log type, as they came. */
struct log {
	struct nj_seg_builder *builder;
	struct nj_buf bytes;
	size_t at[ROWS_MAX + 1];
	int64_t ts[ROWS_MAX];
	uint32_t order[ROWS_MAX];
	uint32_t n;
};
static struct log *logs[NJ_EVENT_TYPES_MAX];
static const struct log *sorting;
static struct nj_seg_arena *arena;

static unsigned
place_of(uint32_t type)
{
	unsigned i = 0;

	while (nj_event_type(nj_event_at(i)) != type)
		i++;
	return i;
}

static void
take_row(void *ctx, const struct nj_row *row)
{
	unsigned place = place_of(row->type);
	struct log *l = logs[place];

	(void)ctx;
	if (!l) {
		l = logs[place] = calloc(1, sizeof(*l));
		assert_non_null(l);
		assert_int_equal(
			nj_seg_builder_create(&l->builder, nj_event_at(place)),
			NJ_OK);
	}
	if (l->n == ROWS_MAX)
		return;
	assert_int_equal(nj_seg_builder_add(l->builder, row), NJ_OK);
	l->order[l->n] = l->n;
	l->ts[l->n] = row->head.ts_ns;
	nj_buf_put(&l->bytes, row->data, row->len);
	l->at[++l->n] = l->bytes.len;
}

static void
read_file(const char *path, const struct nj_dissect_set *set)
{
	struct nj_reader r = { .row = take_row };
	char why[NJ_SOURCE_TEXT];
	struct nj_source *source;
	enum nj_err err;

	nj_pipeline_conf_default(&r.conf);
	r.conf.decode.check_checksums = false;
	r.conf.set = set;
	r.conf.eve = true;
	r.conf.flow.eve = true;
	r.conf.flow.flows_max = 4096;
	r.conf.dissect_bytes = UINT64_C(16) << 20;
	if (nj_pcapfile_open(&source, path, 0, why))
		return;
	err = nj_reader_run(&r, source);
	/* Some captures are cut on purpose. */
	if (err)
		assert_true(nj_source_error(source)[0]);
	nj_source_close(&source);
}

/* Every third capture, in the order of names: enough of all protocols. */
static unsigned
read_folder(const char *folder, const struct nj_dissect_set *set)
{
	struct dirent **entries = NULL;
	int n = scandir(folder, &entries, NULL, alphasort);
	unsigned files = 0;

	for (int i = 0; i < n; i++) {
		char path[4096];
		struct stat st;
		int len = snprintf(path, sizeof(path), "%s/%s", folder,
			entries[i]->d_name);

		if (i % 3 == 0 && len > 0 && (size_t)len < sizeof(path) &&
			!stat(path, &st) && S_ISREG(st.st_mode) &&
			st.st_size <= FILE_BYTES_MAX) {
			read_file(path, set);
			files++;
		}
		free(entries[i]);
	}
	free(entries);
	return files;
}

static int
by_ts(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	if (sorting->ts[x] != sorting->ts[y])
		return sorting->ts[x] < sorting->ts[y] ? -1 : 1;
	return (x > y) - (x < y);
}

static void
json_of(struct nj_buf *out, struct nj_view bytes)
{
	struct nj_row row;

	nj_buf_reset(out);
	assert_true(nj_row_parse(&row, bytes));
	nj_row_json(out, &row);
}

static void
check_log(struct log *l)
{
	struct nj_buf out = { 0 }, was = { 0 }, is = { 0 };
	static uint32_t all[ROWS_MAX];
	struct segment s = { 0 };
	struct nj_seg_source from = segment_source(&s);
	struct nj_row row = { 0 };
	size_t at = 0;

	for (uint32_t i = 0; i < l->n; i++)
		all[i] = i;
	sorting = l;
	qsort(l->order, l->n, sizeof(l->order[0]), by_ts);
	segment_finish(&s, l->builder);
	nj_seg_arena_reset(arena);
	assert_int_equal(nj_segment_rows(&out, &s.header, &from,
				 (struct nj_seg_pick){ all, l->n }, arena),
		NJ_OK);
	for (uint32_t i = 0; i < l->n; i++, at += row.len) {
		size_t from_at = l->at[l->order[i]];

		json_of(&was, (struct nj_view){ l->bytes.data + from_at,
				      l->at[l->order[i] + 1] - from_at });
		json_of(&is, (struct nj_view){ out.data + at, out.len - at });
		assert_int_equal(was.len, is.len);
		assert_memory_equal(was.data, is.data, is.len);
		assert_true(nj_row_parse(
			&row, (struct nj_view){ out.data + at, out.len - at }));
	}
	assert_int_equal(at, out.len);
	nj_buf_free(&out);
	nj_buf_free(&was);
	nj_buf_free(&is);
	segment_free(&s);
}

/* Records of captures come back as the same JSON, whatever their type. */
static void
records_of_captures_come_back(void **unused)
{
	const char *corpus = getenv("NIGHTJAR_CORPUS");
	struct nj_dissect_set *set;
	char folder[4096];
	unsigned files;
	uint64_t rows = 0;

	(void)unused;
	(void)snprintf(folder, sizeof(folder), "%s/zeek/pcaps",
		corpus ? corpus : "../../shared/corpus");
	assert_int_equal(nj_pipeline_register(), NJ_OK);
	assert_int_equal(
		nj_dissect_set_create(&set, nj_dissectors, NULL), NJ_OK);
	assert_int_equal(nj_seg_arena_create(&arena, ARENA_BYTES), NJ_OK);
	files = read_folder(folder, set);
	for (unsigned i = 0; i < nj_countof(logs); i++) {
		if (!logs[i])
			continue;
		rows += logs[i]->n;
		check_log(logs[i]);
		nj_seg_builder_destroy(&logs[i]->builder);
		nj_buf_free(&logs[i]->bytes);
		free(logs[i]);
	}
	if (files)
		print_message("%u captures, %lu records\n", files,
			(unsigned long)rows);
	else
		print_message("no captures in %s: nothing to test\n", folder);
	nj_seg_arena_destroy(&arena);
	nj_dissect_set_destroy(&set);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_of_captures_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
