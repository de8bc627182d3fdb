/*
 * field.c - fields by name: what a query makes of _exists_:name, so that
 * names and aliases mean the same wherever they are written.
 */
#include "engine/store/search/field_priv.h"

#include <stdlib.h>

struct nj_search_field {
	struct nj_query *query;
	struct nj_bound *bound;
	struct nj_view name;
};

enum nj_err
nj_search_field_find(struct nj_search_field **out, struct nj_view name,
	struct nj_query_error *error)
{
	struct nj_search_field *f = calloc(1, sizeof(*f));
	struct nj_query_env env = { 0 };
	struct nj_buf text = { 0 };
	enum nj_err err = NJ_E_NOMEM;

	*out = NULL;
	if (!f)
		return err;
	nj_buf_str(&text, "_exists_:");
	nj_buf_put(&text, name.data, name.len);
	if (!text.bad)
		err = nj_query_parse(&f->query,
			(struct nj_view){ text.data, text.len }, error);
	nj_buf_free(&text);
	if (!err)
		err = nj_query_bind(&f->bound, f->query, &env, error);
	if (err) {
		nj_search_field_free(&f);
		return err;
	}
	f->name = nj_sub(f->query->text, sizeof("_exists_:") - 1, SIZE_MAX);
	*out = f;
	return NJ_OK;
}

void
nj_search_field_free(struct nj_search_field **f)
{
	if (!*f)
		return;
	nj_bound_destroy(&(*f)->bound);
	nj_query_destroy(&(*f)->query);
	free(*f);
	*f = NULL;
}

bool
nj_search_field_is_type(const struct nj_search_field *f)
{
	return nj_query_name_kind(f->name) == NJ_NAME_TYPE;
}

/* A field of just this name comes before those that it is an alias of. */
static bool
is_of_name(const struct nj_event_desc *desc, uint8_t id, struct nj_view name)
{
	char text[128];

	for (unsigned i = 0; i < desc->count; i++) {
		if (desc->fields[i].id != id)
			continue;
		(void)nj_field_name(&desc->fields[i], text, sizeof(text));
		return nj_view_eq(nj_str(text), name);
	}
	return false;
}

unsigned
nj_search_field_columns(const struct nj_search_field *f, uint32_t type,
	uint8_t out[NJ_FIELD_COLUMNS_MAX])
{
	const struct nj_bound_type *t = nj_bound_find(f->bound, type);
	const struct nj_bound_node *node = t ? t->root : NULL;
	unsigned n = 0;

	if (!node)
		return 0;
	if (node->kind != NJ_BOUND_LEAF)
		node = node->first;
	for (; node && n < NJ_FIELD_COLUMNS_MAX; node = node->next) {
		if (node->kind != NJ_BOUND_LEAF)
			continue;
		out[n++] = node->column;
		if (!is_of_name(t->desc, node->column, f->name))
			continue;
		out[0] = node->column;
		return 1;
	}
	return n;
}
