/*
 * terms.c - which values a field has in the matching rows, and how often.
 *
 * Texts and addresses are counted by code, numbers in a small table by value,
 * so that a text is made once for each value and segment, not for each row.
 */
#include <stdlib.h>

#include "engine/store/search/field_priv.h"
#include "engine/store/search/tally_priv.h"
#include "engine/store/search/values_priv.h"

enum { NUMBERS = 4096 };

/* Numbers counted lately; count 0: free. */
struct number {
	uint64_t value;
	uint32_t at; /* a place in the column that has it */
	uint32_t count;
};

struct lane {
	struct nj_tally tally;
	uint64_t without;
	struct number numbers[NUMBERS];
	uint32_t *codes; /* counts; of the segment at hand */
	struct nj_buf text;
	enum nj_err err;
};

struct counting {
	const struct nj_search_field *field;
	struct lane *lanes;
};

static void
add(struct lane *l, uint64_t count)
{
	if (!l->err && l->text.bad)
		l->err = NJ_E_NOMEM;
	if (!l->err)
		l->err = nj_tally_add(&l->tally,
			(struct nj_view){ l->text.data, l->text.len }, count);
	nj_buf_reset(&l->text);
}

static void
flush_number(struct lane *l, const struct nj_column *col, struct number *n)
{
	if (!n->count)
		return;
	nj_values_text(&l->text, col, n->at);
	add(l, n->count);
	n->count = 0;
}

static void
count_code(void *ctx, const struct nj_column *col, uint32_t at)
{
	struct lane *l = ctx;

	l->codes[col->code[at]]++;
}

static void
count_number(void *ctx, const struct nj_column *col, uint32_t at)
{
	struct lane *l = ctx;
	uint64_t v = col->u[at];
	struct number *n = &l->numbers[(v ^ v >> 12 ^ v >> 32) % NUMBERS];

	if (n->count && n->value != v)
		flush_number(l, col, n);
	*n = (struct number){ v, at, n->count + 1 };
}

static void
count_text(void *ctx, const struct nj_column *col, uint32_t at)
{
	struct lane *l = ctx;

	nj_values_text(&l->text, col, at);
	add(l, 1);
}

static void
count_codes(
	struct lane *l, const struct nj_found *f, const struct nj_column *col)
{
	l->codes = calloc(col->dict.n ? col->dict.n : 1, sizeof(*l->codes));
	if (!l->codes) {
		l->err = NJ_E_NOMEM;
		return;
	}
	l->without += nj_values_walk(f, col, count_code, l);
	for (uint32_t i = 0; i < col->dict.n; i++) {
		if (!l->codes[i])
			continue;
		nj_values_entry_text(&l->text, col, i);
		add(l, l->codes[i]);
	}
	free(l->codes);
	l->codes = NULL;
}

static void
count_column(
	struct lane *l, const struct nj_found *f, const struct nj_column *col)
{
	if (nj_values_are_coded(col)) {
		count_codes(l, f, col);
		return;
	}
	if (col->id == NJ_COL_UID) {
		l->without += nj_values_walk(f, col, count_text, l);
		return;
	}
	l->without += nj_values_walk(f, col, count_number, l);
	for (unsigned i = 0; i < NUMBERS && col->rows; i++)
		flush_number(l, col, &l->numbers[i]);
}

static void
count_type(struct lane *l, const struct nj_found *f)
{
	const struct nj_event_desc *desc =
		nj_event_by_type(f->segment->header->type);

	nj_buf_str(&l->text, desc ? desc->name : "unknown");
	add(l, f->matched);
}

static enum nj_err
found(void *ctx, const struct nj_found *f)
{
	struct counting *c = ctx;
	struct lane *l = &c->lanes[f->thread];
	uint8_t ids[NJ_FIELD_COLUMNS_MAX];
	unsigned n = nj_search_field_columns(
		c->field, f->segment->header->type, ids);
	struct nj_column col;
	enum nj_err err;

	if (nj_search_field_is_type(c->field))
		count_type(l, f);
	else if (!n)
		l->without += f->matched;
	for (unsigned i = 0; i < n; i++) {
		err = nj_eval_column(f->eval, f->segment, ids[i], &col);
		if (err)
			return err;
		count_column(l, f, &col);
	}
	return l->err;
}

static enum nj_err
gather(struct counting *c, unsigned threads, unsigned top,
	struct nj_search_terms *out)
{
	struct nj_tally *all = calloc(1, sizeof(*all));
	enum nj_err err;

	if (!all)
		return NJ_E_NOMEM;
	out->memory = all;
	err = nj_tally_init(all, NJ_SEARCH_VALUES_MAX);
	for (unsigned i = 0; i < threads && !err; i++) {
		err = nj_tally_merge(all, &c->lanes[i].tally);
		out->without += c->lanes[i].without;
	}
	if (err)
		return err;
	nj_tally_sort(all);
	out->distinct = all->n;
	out->with = all->total;
	out->error = all->error;
	out->n = nj_min(all->n, top);
	out->term = calloc(out->n ? out->n : 1, sizeof(*out->term));
	if (!out->term)
		return NJ_E_NOMEM;
	for (unsigned i = 0; i < out->n; i++)
		out->term[i] = (struct nj_search_term){
			nj_tally_text(all, &all->entry[i]), all->entry[i].count
		};
	return NJ_OK;
}

static enum nj_err
lanes_init(struct counting *c, unsigned threads)
{
	enum nj_err err = NJ_OK;

	c->lanes = calloc(threads, sizeof(*c->lanes));
	if (!c->lanes)
		return NJ_E_NOMEM;
	for (unsigned i = 0; i < threads && !err; i++)
		err = nj_tally_init(
			&c->lanes[i].tally, NJ_SEARCH_VALUES_MAX / threads);
	return err;
}

static void
lanes_fini(struct counting *c, unsigned threads)
{
	for (unsigned i = 0; c->lanes && i < threads; i++) {
		nj_tally_fini(&c->lanes[i].tally);
		nj_buf_free(&c->lanes[i].text);
	}
	free(c->lanes);
}

enum nj_err
nj_search_terms(const struct nj_search_conf *conf,
	const struct nj_search_field *field, unsigned top,
	struct nj_search_terms *out, struct nj_search_stamp *stamp)
{
	struct counting c = { .field = field };
	struct nj_scan_hooks hooks = { .ctx = &c, .found = found };
	struct nj_scan *scan;
	enum nj_err err = nj_scan_create(&scan, conf);
	unsigned threads;

	*out = (struct nj_search_terms){ 0 };
	*stamp = (struct nj_search_stamp){ 0 };
	if (err)
		return err;
	threads = nj_scan_threads(scan);
	err = lanes_init(&c, threads);
	if (!err)
		err = nj_scan_run(scan, &hooks, stamp);
	if (!err)
		err = gather(&c, threads, top, out);
	if (err)
		nj_search_terms_free(out);
	lanes_fini(&c, threads);
	nj_scan_destroy(&scan);
	return err;
}

void
nj_search_terms_free(struct nj_search_terms *t)
{
	struct nj_tally *all = t->memory;

	if (all)
		nj_tally_fini(all);
	free(all);
	free(t->term);
	*t = (struct nj_search_terms){ 0 };
}
