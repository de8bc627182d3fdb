/*
 * ldap_log.c - LDAP requests and their answers as records, see ldap_log.h.
 */
#include <inttypes.h>
#include <stdio.h>

#include "dissectors/shared/ldap_log.h"

NJ_EVENT_DEFINE(ldap, LDAP, 0, "A request to a directory");
NJ_EVENT_DEFINE(ldap_search, LDAP_SEARCH, 0, "A search in a directory");

enum {
	PENDING_MAX = 64,
	ROOM_BYTES = 1024,
	PAD_BYTES = 24 * 1024,
	TEXT_MAX = 4096,
	OID_MAX = 512,
	NUMBER_TEXT = 32,
	LIST_MAX = 64,
	CONTROLS_MAX = 16,
	AUTH_SIMPLE = 0x80,
	AUTH_SASL = 0xa3,
	AUTH_SICILY_NEGOTIATE = 0x8a,
	AUTH_SICILY_RESPONSE = 0x8b
};

struct nj_ldap_pending {
	struct nj_ldap_pending *next;
	int64_t id, ts_ns;
	bool search;
	struct nj_pad pad;
	union {
		struct ldap_event ev;
		struct ldap_search_event find;
	};
	uint64_t room[ROOM_BYTES / 8];
};

/* ---- Pending requests ---- */

static void
emit(struct nj_ldap_log *log, struct nj_dctx *d, struct nj_ldap_pending *p)
{
	struct nj_ldap_pending **at = &log->oldest;

	while (*at && *at != p)
		at = &(*at)->next;
	if (*at) {
		*at = p->next;
		log->count--;
	}
	if (p->search)
		(void)nj_emit_at(d, &ldap_search_desc, &p->find, p->ts_ns);
	else
		(void)nj_emit_at(d, &ldap_desc, &p->ev, p->ts_ns);
	nj_pad_free(&p->pad, d);
	nj_drop(d, p);
}

static struct nj_ldap_pending *
find(const struct nj_ldap_log *log, int64_t id, bool search)
{
	struct nj_ldap_pending *p = log->oldest;

	while (p && (p->id != id || p->search != search))
		p = p->next;
	return p;
}

static struct nj_ldap_pending *
add(struct nj_ldap_log *log, struct nj_dctx *d, int64_t id, bool search)
{
	struct nj_ldap_pending *p, **at = &log->oldest;

	/* Answers that never came must not keep others from being seen. */
	if (log->count == PENDING_MAX)
		emit(log, d, log->oldest);
	p = nj_keep(d, sizeof(*p));
	if (!p)
		return NULL;
	memset(p, 0, offsetof(struct nj_ldap_pending, room));
	p->id = id;
	p->search = search;
	p->ts_ns = nj_now(d);
	nj_pad_init(&p->pad, p->room, sizeof(p->room), PAD_BYTES);
	if (search) {
		nj_set(&p->find, ldap_search, message_id, id);
		nj_set(&p->find, ldap_search, result_count, 0);
	} else {
		nj_set(&p->ev, ldap, message_id, id);
	}
	while (*at)
		at = &(*at)->next;
	*at = p;
	log->count++;
	return p;
}

static struct nj_view
text(struct nj_ldap_pending *p, struct nj_dctx *d, struct nj_view v)
{
	if (!v.len)
		return (struct nj_view){ 0 };
	return nj_pad_text(&p->pad, d, nj_sub(v, 0, TEXT_MAX));
}

static struct nj_view
number(struct nj_ldap_pending *p, struct nj_dctx *d, const char *before,
	int64_t n)
{
	char out[NUMBER_TEXT];

	(void)snprintf(out, sizeof(out), "%s%" PRId64, before, n);
	return text(p, d, nj_str(out));
}

/* Active Directory ends its words with a zero. */
static struct nj_view
words(struct nj_ldap_pending *p, struct nj_dctx *d, struct nj_view v)
{
	while (v.len && !v.data[v.len - 1])
		v.len--;
	return text(p, d, v);
}

/* ---- Requests ---- */

static void
controls(struct nj_ldap_pending *p, struct nj_dctx *d, struct nj_view list)
{
	struct nj_cur c = nj_cur(list), in;
	struct nj_vstr out = { 0 };
	struct nj_view *v;

	if (!list.len)
		return;
	v = nj_pad_alloc(&p->pad, d, CONTROLS_MAX * sizeof(*v));
	while (v && out.n < CONTROLS_MAX &&
		nj_ber_enter(&c, NJ_DER_SEQUENCE, &in))
		v[out.n++] = text(p, d, nj_ber_take(&in, NJ_DER_OCTET_STRING));
	out.v = v;
	if (p->search)
		p->find.controls = out;
	else
		p->ev.controls = out;
}

static void
bind(struct nj_ldap_pending *p, struct nj_dctx *d, struct nj_cur c)
{
	int64_t version = nj_ber_int(&c, NJ_DER_INTEGER);
	struct nj_view name = nj_ber_take(&c, NJ_DER_OCTET_STRING);
	struct nj_der auth = nj_ber_next(&c);
	struct nj_cur sasl = nj_cur(auth.body);

	if (c.bad)
		return;
	nj_set(&p->ev, ldap, version, version);
	p->ev.object = text(p, d, name);
	switch (auth.tag) {
	case AUTH_SIMPLE:
		p->ev.opcode = NJ_LIT("bind simple");
		if (!auth.body.len)
			break;
		p->ev.argument = NJ_LIT("REDACTED");
		nj_set(&p->ev, ldap, password_seen, true);
		break;
	case AUTH_SASL:
		p->ev.opcode = NJ_LIT("bind SASL");
		p->ev.argument =
			text(p, d, nj_ber_take(&sasl, NJ_DER_OCTET_STRING));
		break;
	case AUTH_SICILY_NEGOTIATE:
		p->ev.opcode = NJ_LIT("bind SICILY_NEGOTIATE");
		break;
	case AUTH_SICILY_RESPONSE:
		p->ev.opcode = NJ_LIT("bind SICILY_RESPONSE");
		break;
	default:
		break;
	}
}

static void
rename_entry(struct nj_ldap_pending *p, struct nj_dctx *d, struct nj_cur c)
{
	struct nj_view entry = nj_ber_take(&c, NJ_DER_OCTET_STRING);
	struct nj_view rdn = nj_ber_take(&c, NJ_DER_OCTET_STRING);
	struct nj_view drop = nj_ber_take(&c, NJ_DER_BOOLEAN);
	struct nj_view above = nj_ber_option(&c, NJ_DER_CONTEXT);
	uint8_t room[TEXT_MAX];
	struct nj_ldap_text t = { .data = room, .cap = sizeof(room) };

	if (c.bad)
		return;
	p->ev.object = text(p, d, entry);
	nj_set(&p->ev, ldap, delete_old_rdn, drop.len && drop.data[0]);
	nj_ldap_add_bytes(&t, rdn);
	if (above.len)
		nj_ldap_add(&t, ",");
	nj_ldap_add_bytes(&t, above);
	p->ev.argument = text(p, d, nj_ldap_text(&t));
}

static void
extended(struct nj_ldap_pending *p, struct nj_dctx *d, struct nj_view oid)
{
	const char *name = nj_ldap_extension(oid);
	uint8_t room[OID_MAX];
	struct nj_ldap_text t = { .data = room, .cap = sizeof(room) };

	if (!oid.len)
		return;
	nj_ldap_add_bytes(&t, oid);
	nj_ldap_add(&t, " (");
	nj_ldap_add(&t, name ? name : "unknown");
	nj_ldap_add(&t, ")");
	p->ev.object = text(p, d, nj_ldap_text(&t));
}

static void
compare(struct nj_ldap_pending *p, struct nj_dctx *d, struct nj_cur c)
{
	struct nj_view entry = nj_ber_take(&c, NJ_DER_OCTET_STRING);
	struct nj_cur in = nj_cur(nj_ber_take(&c, NJ_DER_SEQUENCE));

	/* A value that is compared may be a password. */
	p->ev.object = text(p, d, entry);
	p->ev.argument = text(p, d, nj_ber_take(&in, NJ_DER_OCTET_STRING));
}

static void
change(struct nj_ldap_pending *p, struct nj_dctx *d,
	const struct nj_ldap_message *m)
{
	struct nj_cur c = nj_cur(m->body);
	uint8_t room[TEXT_MAX];
	struct nj_ldap_text t = { .data = room, .cap = sizeof(room) };
	struct nj_view list;

	p->ev.object = text(p, d, nj_ber_take(&c, NJ_DER_OCTET_STRING));
	list = nj_ber_take(&c, NJ_DER_SEQUENCE);
	if (m->op == NJ_LDAP_MODIFY)
		nj_ldap_changes(&t, list);
	else
		nj_ldap_attributes(&t, list);
	p->ev.argument = text(p, d, nj_ldap_text(&t));
}

static void
asked(struct nj_ldap_pending *p, struct nj_dctx *d,
	const struct nj_ldap_message *m)
{
	struct nj_cur c = nj_cur(m->body);
	int64_t n;

	p->ev.opcode = nj_str(nj_ldap_opcode(m->op));
	p->ev.operation = nj_str(nj_ldap_operation(m->op));
	switch (m->op) {
	case NJ_LDAP_BIND:
		bind(p, d, c);
		break;
	case NJ_LDAP_MODIFY:
	case NJ_LDAP_ADD:
		change(p, d, m);
		break;
	case NJ_LDAP_DELETE:
		p->ev.object = text(p, d, m->body);
		break;
	case NJ_LDAP_RENAME:
		rename_entry(p, d, c);
		break;
	case NJ_LDAP_COMPARE:
		compare(p, d, c);
		break;
	case NJ_LDAP_EXTENDED:
		extended(p, d, nj_ber_option(&c, NJ_DER_CONTEXT));
		break;
	case NJ_LDAP_ABANDON:
		if (nj_ber_number(m->body, &n))
			p->ev.object = number(p, d, "", n);
		break;
	default:
		break;
	}
	controls(p, d, m->controls);
}

static struct nj_vstr
attributes(struct nj_ldap_pending *p, struct nj_dctx *d, struct nj_view list)
{
	struct nj_cur c = nj_cur(list);
	struct nj_vstr out = { 0 };
	struct nj_view *v;

	if (!list.len)
		return out;
	v = nj_pad_alloc(&p->pad, d, LIST_MAX * sizeof(*v));
	while (v && out.n < LIST_MAX && nj_cur_left(&c)) {
		struct nj_view name = nj_ber_take(&c, NJ_DER_OCTET_STRING);

		if (c.bad)
			break;
		v[out.n] = text(p, d, name);
		if (v[out.n].data)
			out.n++;
	}
	out.v = v;
	return out;
}

static void
searched(struct nj_ldap_pending *p, struct nj_dctx *d,
	const struct nj_ldap_message *m)
{
	static const char *const scopes[] = { "base", "single", "tree",
		"subordinate" };
	static const char *const aliases[] = { "never", "searching", "finding",
		"always" };
	struct ldap_search_event *ev = &p->find;
	struct nj_cur c = nj_cur(m->body);
	struct nj_view base = nj_ber_take(&c, NJ_DER_OCTET_STRING), types;
	int64_t scope = nj_ber_int(&c, NJ_BER_ENUM);
	int64_t alias = nj_ber_int(&c, NJ_BER_ENUM);
	int64_t size = nj_ber_int(&c, NJ_DER_INTEGER);
	int64_t time = nj_ber_int(&c, NJ_DER_INTEGER);
	uint8_t room[TEXT_MAX];
	struct nj_ldap_text t = { .data = room, .cap = sizeof(room) };
	struct nj_der filter;

	types = nj_ber_take(&c, NJ_DER_BOOLEAN);
	if (c.bad)
		return;
	ev->base_object = text(p, d, base);
	ev->scope = nj_str(scope >= 0 && scope < (int64_t)nj_countof(scopes)
				   ? scopes[scope]
				   : "unknown");
	ev->deref_aliases =
		nj_str(alias >= 0 && alias < (int64_t)nj_countof(aliases)
				? aliases[alias]
				: "unknown");
	if (size >= 0)
		nj_set(ev, ldap_search, size_limit, (uint64_t)size);
	if (time >= 0)
		nj_set(ev, ldap_search, time_limit, (uint64_t)time);
	nj_set(ev, ldap_search, types_only, types.len && types.data[0]);
	filter = nj_ber_next(&c);
	nj_ldap_filter(&t, filter.whole);
	ev->filter = text(p, d, nj_ldap_text(&t));
	ev->attributes = attributes(p, d, nj_ber_option(&c, NJ_DER_SEQUENCE));
	controls(p, d, m->controls);
}

void
nj_ldap_log_request(struct nj_ldap_log *log, struct nj_dctx *d,
	const struct nj_ldap_message *m)
{
	bool search = m->op == NJ_LDAP_SEARCH;
	struct nj_ldap_pending *p = find(log, m->id, search);

	if (p)
		emit(log, d, p);
	p = add(log, d, m->id, search);
	if (!p)
		return;
	if (search)
		searched(p, d, m);
	else
		asked(p, d, m);
	if (m->op == NJ_LDAP_UNBIND || m->op == NJ_LDAP_ABANDON)
		emit(log, d, p);
}

/* ---- Answers ---- */

static struct nj_view
result_name(struct nj_ldap_pending *p, struct nj_dctx *d, int64_t code)
{
	const char *name = nj_ldap_result_name(code);

	return name ? nj_str(name) : number(p, d, "unknown-", code);
}

static void
find_answer(struct nj_ldap_log *log, struct nj_dctx *d,
	struct nj_ldap_pending *p, const struct nj_ldap_message *m,
	const struct nj_ldap_result *r)
{
	struct ldap_search_event *ev = &p->find;

	if (m->op == NJ_LDAP_SEARCH_ENTRY)
		ev->result_count++;
	else if (m->op == NJ_LDAP_SEARCH_REFERENCE)
		nj_set(ev, ldap_search, referrals,
			(nj_has(ev, ldap_search, referrals) ? ev->referrals
							    : 0) +
				1);
	if (m->op != NJ_LDAP_SEARCH_DONE)
		return;
	if (r) {
		nj_set(ev, ldap_search, result_code, r->code);
		ev->result = result_name(p, d, r->code);
		ev->diagnostic_message = words(p, d, r->diagnostic);
	}
	emit(log, d, p);
}

void
nj_ldap_log_answer(struct nj_ldap_log *log, struct nj_dctx *d,
	const struct nj_ldap_message *m, const struct nj_ldap_result *r)
{
	bool search = m->op == NJ_LDAP_SEARCH_ENTRY ||
		      m->op == NJ_LDAP_SEARCH_DONE ||
		      m->op == NJ_LDAP_SEARCH_REFERENCE;
	struct nj_ldap_pending *p = find(log, m->id, search);

	if (m->op == NJ_LDAP_INTERMEDIATE)
		return;
	if (!p)
		p = add(log, d, m->id, search);
	if (!p)
		return;
	if (search) {
		find_answer(log, d, p, m, r);
		return;
	}
	if (!p->ev.opcode.data)
		p->ev.opcode = nj_str(nj_ldap_opcode(m->op));
	if (r) {
		struct nj_cur c = nj_cur(m->body);
		struct nj_ldap_result skipped;

		nj_set(&p->ev, ldap, result_code, r->code);
		p->ev.result = result_name(p, d, r->code);
		p->ev.diagnostic_message = words(p, d, r->diagnostic);
		p->ev.matched_dn = text(p, d, r->matched);
		/* A notice that nobody asked for says here what it is. */
		if (m->op == NJ_LDAP_EXTENDED_RESULT && !p->ev.object.data &&
			nj_ldap_result(&c, &skipped)) {
			(void)nj_ber_option(&c, NJ_DER_CONTEXT_CONS | 3);
			extended(p, d, nj_ber_option(&c, NJ_DER_CONTEXT | 10));
		}
	}
	emit(log, d, p);
}

void
nj_ldap_log_end(struct nj_ldap_log *log, struct nj_dctx *d)
{
	while (log->oldest)
		emit(log, d, log->oldest);
}
