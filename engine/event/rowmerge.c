/*
 * rowmerge.c - k-way merge of sorted rows under watermarks.
 */
#include "engine/event/rowmerge.h"

#include <stdlib.h>

#include "engine/event/event_priv.h"

struct input {
	struct nj_row_input in;
	struct nj_row head;
	bool full; /* head is a row that waits */
	int64_t watermark;
};

struct nj_rowmerge {
	unsigned n;
	struct input inputs[];
};

static const char *
type_name(uint32_t type)
{
	const struct nj_event_desc *desc = nj_event_by_type(type);

	return desc ? desc->name : "";
}

/* The contract's order: time, uid, name of the log type; as order.c has it. */
static int
row_cmp(const struct nj_row *a, const struct nj_row *b)
{
	if (a->head.order_ns != b->head.order_ns)
		return a->head.order_ns < b->head.order_ns ? -1 : 1;
	for (int i = 0; i < 2; i++)
		if (a->head.uid[i] != b->head.uid[i])
			return a->head.uid[i] < b->head.uid[i] ? -1 : 1;
	if (a->type != b->type)
		return strcmp(type_name(a->type), type_name(b->type));
	if (a->head.uid[0] || a->head.uid[1])
		return 0;
	return nj_row_tie((struct nj_view){ a->data, a->len },
		(struct nj_view){ b->data, b->len });
}

enum nj_err
nj_rowmerge_create(
	struct nj_rowmerge **out, const struct nj_row_input *inputs, unsigned n)
{
	struct nj_rowmerge *m =
		calloc(1, sizeof(*m) + n * sizeof(m->inputs[0]));

	*out = NULL;
	if (!m)
		return NJ_E_NOMEM;
	m->n = n;
	for (unsigned i = 0; i < n; i++)
		m->inputs[i] = (struct input){ .in = inputs[i],
			.watermark = INT64_MIN };
	*out = m;
	return NJ_OK;
}

void
nj_rowmerge_destroy(struct nj_rowmerge **m)
{
	free(*m);
	*m = NULL;
}

static void
refill(struct input *i)
{
	if (i->full)
		return;
	/* The watermark first: what it speaks of is then surely there. */
	i->watermark = i->in.watermark(i->in.ctx);
	i->full = i->in.next(i->in.ctx, &i->head);
}

/* The input whose row is next, or NULL: none, or one may still come that has
 * to go before it. */
static struct input *
first_due(struct nj_rowmerge *m)
{
	struct input *first = NULL;

	for (unsigned i = 0; i < m->n; i++) {
		struct input *in = &m->inputs[i];

		if (in->full &&
			(!first || row_cmp(&in->head, &first->head) < 0))
			first = in;
	}
	for (unsigned i = 0; first && i < m->n; i++)
		if (!m->inputs[i].full &&
			m->inputs[i].watermark <= first->head.head.order_ns)
			return NULL;
	return first;
}

bool
nj_rowmerge_step(struct nj_rowmerge *m,
	void (*fn)(void *ctx, const struct nj_row *row), void *ctx)
{
	struct input *in;
	bool ended = true;

	for (unsigned i = 0; i < m->n; i++)
		refill(&m->inputs[i]);
	while ((in = first_due(m))) {
		fn(ctx, &in->head);
		in->full = false;
		refill(in);
	}
	for (unsigned i = 0; i < m->n; i++)
		ended = ended && !m->inputs[i].full &&
			m->inputs[i].watermark == INT64_MAX;
	return ended;
}
