/*
 * ldap_eve.c - EVE's ldap events. Request and answers are written as they
 * come, into kept memory of fixed size; what does not fit is left out.
 */
#include "dissectors/shared/ldap_eve.h"

#define EVE_LDAP(F, tag)                                                       \
	F(tag, 1, STR, ldap__request, NJ_JSON,                                 \
		"operation, message_id, and what is asked for")                \
	F(tag, 2, STR, ldap__responses, NJ_JSON,                               \
		"operation, message_id, and what is said, of each answer")

NJ_EVENT_STRUCT_(eve_ldap, EVE_LDAP);
NJ_EVENT_DEFINE(eve_ldap, EVE_LDAP, NJ_EV_EVE, "One LDAP request");

enum {
	TX_MAX = 8,
	REQUEST_BYTES = 4 * 1024,
	ANSWER_BYTES = 16 * 1024,
	LIST_MAX = 256,
	CHANGE_ADD = 0,
	CHANGE_DELETE = 1,
	CHANGE_REPLACE = 2
};

struct nj_ldap_tx {
	struct nj_ldap_tx *next;
	int64_t id;
	struct nj_json request, answers;
	uint8_t memory[REQUEST_BYTES + ANSWER_BYTES];
};

/* ---- Lists ---- */

static bool
take_bool(struct nj_cur *c)
{
	struct nj_view v = nj_ber_take(c, NJ_DER_BOOLEAN);

	return v.len && v.data[0];
}

static void
put_values(struct nj_json *j, const char *key, struct nj_view attribute,
	struct nj_view set)
{
	struct nj_cur c = nj_cur(set);
	bool secret = nj_ldap_is_secret(attribute);

	nj_json_arr(j, key);
	for (unsigned i = 0; i < LIST_MAX && nj_cur_left(&c); i++) {
		struct nj_view v = nj_ber_take(&c, NJ_DER_OCTET_STRING);

		if (c.bad)
			break;
		nj_json_str(j, NULL, secret ? NJ_LIT("<hidden>") : v);
	}
	nj_json_end(j);
}

/* PartialAttributeList: type and set of values of each. */
static void
put_attributes(struct nj_json *j, const char *name_key, struct nj_view list)
{
	struct nj_cur c = nj_cur(list), one;

	nj_json_arr(j, "attributes");
	for (unsigned i = 0; i < LIST_MAX && nj_cur_left(&c); i++) {
		struct nj_view type, set;

		if (!nj_ber_enter(&c, NJ_DER_SEQUENCE, &one))
			break;
		type = nj_ber_take(&one, NJ_DER_OCTET_STRING);
		set = nj_ber_take(&one, NJ_DER_SET);
		if (one.bad)
			break;
		nj_json_obj(j, NULL);
		nj_json_str(j, name_key, type);
		put_values(j, "values", type, set);
		nj_json_end(j);
		if (!nj_json_keep(j))
			break;
	}
	nj_json_end(j);
}

/* ---- Requests ---- */

static void
put_search(struct nj_json *j, struct nj_cur *c)
{
	struct nj_cur names;

	nj_json_str(j, "base_object", nj_ber_take(c, NJ_DER_OCTET_STRING));
	nj_json_i64(j, "scope", nj_ber_int(c, NJ_BER_ENUM));
	nj_json_i64(j, "deref_alias", nj_ber_int(c, NJ_BER_ENUM));
	nj_json_i64(j, "size_limit", nj_ber_int(c, NJ_DER_INTEGER));
	nj_json_i64(j, "time_limit", nj_ber_int(c, NJ_DER_INTEGER));
	nj_json_bool(j, "types_only", take_bool(c));
	(void)nj_ber_next(c); /* filter */
	names = nj_cur(nj_ber_take(c, NJ_DER_SEQUENCE));
	nj_json_arr(j, "attributes");
	for (unsigned i = 0; i < LIST_MAX && nj_cur_left(&names); i++) {
		struct nj_view v = nj_ber_take(&names, NJ_DER_OCTET_STRING);

		if (names.bad)
			break;
		nj_json_str(j, NULL, v);
	}
	nj_json_end(j);
}

static void
put_changes(struct nj_json *j, struct nj_cur *c)
{
	static const char *const names[] = { [CHANGE_ADD] = "add",
		[CHANGE_DELETE] = "delete",
		[CHANGE_REPLACE] = "replace" };
	struct nj_cur list, one, change;

	nj_json_str(j, "object", nj_ber_take(c, NJ_DER_OCTET_STRING));
	list = nj_cur(nj_ber_take(c, NJ_DER_SEQUENCE));
	nj_json_arr(j, "changes");
	for (unsigned i = 0; i < LIST_MAX && nj_cur_left(&list); i++) {
		int64_t kind;
		struct nj_view type;

		if (!nj_ber_enter(&list, NJ_DER_SEQUENCE, &one))
			break;
		kind = nj_ber_int(&one, NJ_BER_ENUM);
		if (!nj_ber_enter(&one, NJ_DER_SEQUENCE, &change))
			break;
		type = nj_ber_take(&change, NJ_DER_OCTET_STRING);
		nj_json_obj(j, NULL);
		if (kind >= 0 && kind < (int64_t)nj_countof(names))
			nj_json_text(j, "operation", names[kind]);
		nj_json_obj(j, "modification");
		nj_json_str(j, "attribute_type", type);
		put_values(j, "attribute_values", type,
			nj_ber_take(&change, NJ_DER_SET));
		nj_json_end(j);
		nj_json_end(j);
		if (!nj_json_keep(j))
			break;
	}
	nj_json_end(j);
}

static void
put_rename(struct nj_json *j, struct nj_cur *c)
{
	struct nj_view above;

	nj_json_str(j, "entry", nj_ber_take(c, NJ_DER_OCTET_STRING));
	nj_json_str(j, "new_rdn", nj_ber_take(c, NJ_DER_OCTET_STRING));
	nj_json_bool(j, "delete_old_rdn", take_bool(c));
	above = nj_ber_option(c, NJ_DER_CONTEXT);
	if (above.data)
		nj_json_str(j, "new_superior", above);
}

static void
put_request(struct nj_json *j, const struct nj_ldap_message *m)
{
	struct nj_cur c = nj_cur(m->body);

	nj_json_obj(j, nj_ldap_operation(m->op));
	switch (m->op) {
	case NJ_LDAP_BIND:
		nj_json_i64(j, "version", nj_ber_int(&c, NJ_DER_INTEGER));
		nj_json_str(j, "name", nj_ber_take(&c, NJ_DER_OCTET_STRING));
		break;
	case NJ_LDAP_SEARCH:
		put_search(j, &c);
		break;
	case NJ_LDAP_MODIFY:
		put_changes(j, &c);
		break;
	case NJ_LDAP_ADD:
		nj_json_str(j, "entry", nj_ber_take(&c, NJ_DER_OCTET_STRING));
		put_attributes(j, "name", nj_ber_take(&c, NJ_DER_SEQUENCE));
		break;
	case NJ_LDAP_DELETE:
		nj_json_str(j, "dn", m->body);
		break;
	case NJ_LDAP_RENAME:
		put_rename(j, &c);
		break;
	case NJ_LDAP_COMPARE:
		nj_json_str(j, "entry", nj_ber_take(&c, NJ_DER_OCTET_STRING));
		break;
	case NJ_LDAP_EXTENDED:
		nj_json_str(j, "name", nj_ber_option(&c, NJ_DER_CONTEXT));
		break;
	default:
		break;
	}
	nj_json_end(j);
}

/* ---- Answers ---- */

static void
put_result(struct nj_json *j, const struct nj_ldap_message *m)
{
	struct nj_cur c = nj_cur(m->body);
	struct nj_ldap_result r;
	const char *name;
	struct nj_view oid;

	if (!nj_ldap_result(&c, &r))
		return;
	name = nj_ldap_result_name(r.code);
	if (name)
		nj_json_text(j, "result_code", name);
	else
		nj_json_i64(j, "result_code", r.code);
	nj_json_str(j, "matched_dn", r.matched);
	nj_json_str(j, "message", r.diagnostic);
	if (m->op != NJ_LDAP_EXTENDED_RESULT)
		return;
	(void)nj_ber_option(&c, NJ_DER_CONTEXT_CONS | 3);
	oid = nj_ber_option(&c, NJ_DER_CONTEXT | 10);
	if (oid.data)
		nj_json_str(j, "name", oid);
}

static bool
is_last(uint8_t op)
{
	return op != NJ_LDAP_SEARCH_ENTRY && op != NJ_LDAP_SEARCH_REFERENCE &&
	       op != NJ_LDAP_INTERMEDIATE;
}

static void
put_answer(struct nj_json *j, const struct nj_ldap_message *m)
{
	const char *name = nj_ldap_operation(m->op);
	struct nj_cur c = nj_cur(m->body);

	nj_json_obj(j, NULL);
	nj_json_text(j, "operation", name);
	nj_json_i64(j, "message_id", m->id);
	nj_json_obj(j, name);
	if (m->op == NJ_LDAP_SEARCH_ENTRY) {
		nj_json_str(
			j, "base_object", nj_ber_take(&c, NJ_DER_OCTET_STRING));
		put_attributes(j, "type", nj_ber_take(&c, NJ_DER_SEQUENCE));
	} else if (is_last(m->op)) {
		put_result(j, m);
	}
	nj_json_end(j);
	nj_json_end(j);
	(void)nj_json_keep(j);
}

/* ---- Requests that wait ---- */

/* Emits the one that link leads to and takes it out. */
static void
finish(struct nj_ldap_eve *e, struct nj_dctx *d, struct nj_ldap_tx **link)
{
	struct nj_ldap_tx *t = *link;
	struct eve_ldap_event ev = { .ldap__request = nj_json_view(&t->request),
		.ldap__responses = nj_json_view(&t->answers) };

	if (ev.ldap__responses.len == 2)
		ev.ldap__responses.len = 0; /* []: none came */
	(void)nj_emit_dir(d, &eve_ldap_desc, &ev, NJ_ORIG);
	*link = t->next;
	e->count--;
	nj_drop(d, t);
}

static struct nj_ldap_tx *
tx_add(struct nj_ldap_eve *e, struct nj_dctx *d, int64_t id)
{
	struct nj_ldap_tx *t, **last = &e->oldest;

	if (e->count == TX_MAX)
		finish(e, d, &e->oldest);
	t = nj_keep(d, sizeof(*t));
	if (!t)
		return NULL;
	t->next = NULL;
	t->id = id;
	nj_json_init(&t->request, nj_buf_fixed(t->memory, REQUEST_BYTES));
	nj_json_init(&t->answers,
		nj_buf_fixed(t->memory + REQUEST_BYTES, ANSWER_BYTES));
	while (*last)
		last = &(*last)->next;
	*last = t;
	e->count++;
	return t;
}

void
nj_ldap_eve_request(struct nj_ldap_eve *e, struct nj_dctx *d,
	const struct nj_ldap_message *m)
{
	struct nj_ldap_tx *t, **link = &e->oldest;
	const char *name = nj_ldap_operation(m->op);

	if (!nj_wanted(d, &eve_ldap_desc) || !name)
		return;
	t = tx_add(e, d, m->id);
	if (!t)
		return;
	nj_json_obj(&t->request, NULL);
	nj_json_text(&t->request, "operation", name);
	nj_json_i64(&t->request, "message_id", m->id);
	(void)nj_json_keep(&t->request);
	put_request(&t->request, m);
	(void)nj_json_keep(&t->request);
	nj_json_arr(&t->answers, NULL);
	(void)nj_json_keep(&t->answers);
	if (m->op != NJ_LDAP_UNBIND && m->op != NJ_LDAP_ABANDON)
		return;
	while (*link != t)
		link = &(*link)->next;
	finish(e, d, link);
}

void
nj_ldap_eve_answer(struct nj_ldap_eve *e, struct nj_dctx *d,
	const struct nj_ldap_message *m)
{
	struct nj_ldap_tx **link = &e->oldest;

	while (*link && (*link)->id != m->id)
		link = &(*link)->next;
	if (!*link || !nj_ldap_operation(m->op))
		return;
	put_answer(&(*link)->answers, m);
	if (is_last(m->op))
		finish(e, d, link);
}

void
nj_ldap_eve_end(struct nj_ldap_eve *e, struct nj_dctx *d)
{
	while (e->oldest)
		finish(e, d, &e->oldest);
}
