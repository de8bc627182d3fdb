/*
 * mailbody.c - see mailbody.h.
 */
#include "dissectors/shared/mailbody.h"

static void
on_begin(void *ctx, struct nj_dctx *d, unsigned depth)
{
	struct nj_mailbody *b = ctx;

	(void)d;
	(void)depth;
	b->parts++;
}

static void
keep_once(struct nj_dctx *d, struct nj_view *to, struct nj_view v)
{
	if (!to->data && v.len)
		*to = nj_keep_view(d, v, NJ_MAILBODY_TEXT_MAX);
}

static void
on_header(void *ctx, struct nj_dctx *d, unsigned depth,
	const struct nj_view field[2])
{
	struct nj_mailbody *b = ctx;

	if (depth || b->parts != 1)
		return;
	if (nj_view_caseeq(field[0], NJ_LIT("From")))
		keep_once(d, &b->from, field[1]);
	else if (nj_view_caseeq(field[0], NJ_LIT("Subject")))
		keep_once(d, &b->subject, field[1]);
	else if (nj_view_caseeq(field[0], NJ_LIT("Message-ID")))
		keep_once(d, &b->msg_id, field[1]);
}

/* Depth stays 0, as Zeek has it for mail boxes. */
static void
on_number(void *ctx, struct nj_dctx *d, struct nj_file_spec *spec)
{
	struct nj_mailbody *b = ctx;

	(void)d;
	spec->number = b->files++;
}

static void
on_file(void *ctx, struct nj_dctx *d, const struct nj_file *f, bool end)
{
	struct nj_mailbody *b = ctx;
	char id[NJ_UID_TEXT];
	struct nj_view *to = &b->fuids[b->n_fuids];

	if (end || b->n_fuids == NJ_MAILBODY_FUIDS_MAX)
		return;
	nj_file_id(f, d, id);
	*to = nj_keep_view(d, nj_str(id), sizeof(id));
	if (to->data)
		b->n_fuids++;
}

static void
on_odd(void *ctx, struct nj_dctx *d, enum nj_entity_odd what)
{
	(void)ctx;
	nj_odd(d, what);
}

static const struct nj_entity_ops ops = { .begin = on_begin,
	.header = on_header,
	.file = on_file,
	.number = on_number,
	.odd = on_odd };

void
nj_mailbody_begin(struct nj_mailbody *b, struct nj_dctx *d,
	enum nj_file_source source, enum nj_dir dir)
{
	nj_mailbody_end(b, d, false);
	b->parts = 0;
	b->entity = nj_keep(d, sizeof(*b->entity));
	if (!b->entity)
		return;
	memset(b->entity, 0, sizeof(*b->entity));
	b->entity->spec.source = source;
	b->entity->spec.dir = dir;
	nj_entity_begin(b->entity, d, &ops, b);
}

void
nj_mailbody_end(struct nj_mailbody *b, struct nj_dctx *d, bool whole)
{
	if (!b->entity)
		return;
	nj_entity_end(b->entity, d, whole);
	nj_drop(d, b->entity);
	b->entity = NULL;
}

void
nj_mailbody_drop(struct nj_dctx *d, struct nj_view *v)
{
	nj_drop(d, (void *)(uintptr_t)v->data);
	*v = (struct nj_view){ 0 };
}

void
nj_mailbody_clear(struct nj_mailbody *b, struct nj_dctx *d)
{
	nj_mailbody_drop(d, &b->from);
	nj_mailbody_drop(d, &b->subject);
	nj_mailbody_drop(d, &b->msg_id);
	while (b->n_fuids)
		nj_mailbody_drop(d, &b->fuids[--b->n_fuids]);
}
