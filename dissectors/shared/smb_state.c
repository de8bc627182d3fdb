/*
 * smb_state.c - the tables of an SMB connection: requests that wait, sessions,
 * trees and open files. Each grows as needed up to its limit; then the oldest
 * makes room, so that no peer can make us keep more than NJ_SMB_*_MAX rows.
 */
#include "dissectors/shared/smb_log.h"

/* ---- Rows ---- */

static void *
row_at(const struct nj_smb_table *t, size_t size, unsigned i)
{
	return (uint8_t *)t->rows + i * size;
}

/* Room for one more, zeroed; NULL when there is no memory or n is max. */
static void *
row_add(struct nj_smb_table *t, struct nj_dctx *d, size_t size, unsigned max)
{
	unsigned cap = t->cap ? nj_min(t->cap * 2u, max) : 8;
	void *rows;

	if (t->n == t->cap) {
		if (t->n >= max)
			return NULL;
		rows = nj_keep(d, cap * size);
		if (!rows)
			return NULL;
		if (t->n)
			memcpy(rows, t->rows, t->n * size);
		nj_drop(d, t->rows);
		t->rows = rows;
		t->cap = (uint16_t)cap;
	}
	rows = row_at(t, size, t->n++);
	memset(rows, 0, size);
	return rows;
}

/* Rows stay in the order in which they came. */
static void
row_drop(struct nj_smb_table *t, size_t size, void *row)
{
	uint8_t *at = row, *end = row_at(t, size, t->n);

	memmove(at, at + size, (size_t)(end - at) - size);
	t->n--;
}

void
nj_smb_text_drop(struct nj_dctx *d, struct nj_smb_text *t)
{
	if (t->data)
		nj_drop(d, t->data);
	*t = (struct nj_smb_text){ 0 };
}

void
nj_smb_text_set(struct nj_dctx *d, struct nj_smb_text *t, struct nj_view v)
{
	struct nj_view kept = nj_keep_view(d, v, NJ_SMB_NAME_MAX);

	nj_smb_text_drop(d, t);
	t->data = (uint8_t *)(uintptr_t)kept.data;
	t->len = (uint16_t)kept.len;
}

/* ---- Requests that wait ---- */

static struct nj_smb_op *
op_at(struct nj_smb *s, unsigned i)
{
	return row_at(&s->ops, sizeof(struct nj_smb_op), i);
}

void
nj_smb_op_drop(struct nj_smb *s, struct nj_dctx *d, struct nj_smb_op *op)
{
	nj_smb_text_drop(d, &op->text);
	row_drop(&s->ops, sizeof(*op), op);
}

struct nj_smb_op *
nj_smb_op_find(struct nj_smb *s, uint64_t mid)
{
	for (unsigned i = 0; i < s->ops.n; i++)
		if (op_at(s, i)->mid == mid)
			return op_at(s, i);
	return NULL;
}

struct nj_smb_op *
nj_smb_op_add(struct nj_smb *s, struct nj_dctx *d, const struct nj_smb_msg *m)
{
	struct nj_smb_op *op = nj_smb_op_find(s, m->mid);

	if (op)
		nj_smb_op_drop(s, d, op);
	op = row_add(&s->ops, d, sizeof(*op), NJ_SMB_OPS_MAX);
	if (!op && s->ops.n) {
		nj_smb_op_drop(s, d, op_at(s, 0));
		op = row_add(&s->ops, d, sizeof(*op), NJ_SMB_OPS_MAX);
	}
	if (!op)
		return NULL;
	op->mid = m->mid;
	op->session = m->session;
	op->tree = m->tree;
	op->command = m->command;
	op->related = m->related;
	op->ts_ns = nj_now(d);
	if (nj_smb_eve_counts(m))
		op->number = ++s->counted;
	return op;
}

/* ---- Trees ---- */

static struct nj_smb_tree *
tree_at(struct nj_smb *s, unsigned i)
{
	return row_at(&s->trees, sizeof(struct nj_smb_tree), i);
}

static void
tree_free(struct nj_smb *s, struct nj_dctx *d, struct nj_smb_tree *t)
{
	nj_smb_text_drop(d, &t->path);
	row_drop(&s->trees, sizeof(*t), t);
}

struct nj_smb_tree *
nj_smb_tree_find(struct nj_smb *s, uint64_t session, uint32_t id)
{
	for (unsigned i = 0; i < s->trees.n; i++)
		if (tree_at(s, i)->id == id &&
			tree_at(s, i)->session == session)
			return tree_at(s, i);
	return NULL;
}

enum nj_smb_share
nj_smb_share_of(struct nj_smb *s, uint64_t session, uint32_t tree)
{
	const struct nj_smb_tree *t = nj_smb_tree_find(s, session, tree);

	return t ? (enum nj_smb_share)t->share : NJ_SMB_UNKNOWN;
}

struct nj_smb_tree *
nj_smb_tree_add(
	struct nj_smb *s, struct nj_dctx *d, uint64_t session, uint32_t id)
{
	struct nj_smb_tree *t;

	nj_smb_tree_drop(s, d, session, id);
	if (s->trees.n == NJ_SMB_TREES_MAX)
		tree_free(s, d, tree_at(s, 0));
	t = row_add(&s->trees, d, sizeof(*t), NJ_SMB_TREES_MAX);
	if (t) {
		t->session = session;
		t->id = id;
	}
	return t;
}

/* ---- Files ---- */

static struct nj_smb_file *
file_at(struct nj_smb *s, unsigned i)
{
	return row_at(&s->files, sizeof(struct nj_smb_file), i);
}

struct nj_smb_file *
nj_smb_file_find(struct nj_smb *s, struct nj_smb_fid fid)
{
	/* The latest is the likeliest. */
	for (unsigned i = s->files.n; i-- > 0;)
		if (file_at(s, i)->fid.a == fid.a &&
			file_at(s, i)->fid.b == fid.b)
			return file_at(s, i);
	return NULL;
}

struct nj_smb_file *
nj_smb_file_of_rpc(struct nj_smb *s, const struct nj_rpc *r)
{
	for (unsigned i = 0; i < s->files.n; i++)
		if (file_at(s, i)->rpc == r)
			return file_at(s, i);
	return NULL;
}

void
nj_smb_file_drop(
	struct nj_smb *s, struct nj_dctx *d, struct nj_smb_file *f, bool whole)
{
	nj_smb_content_close(f, d, whole);
	nj_rpc_close(f->rpc, d);
	nj_smb_text_drop(d, &f->name);
	nj_smb_text_drop(d, &f->prev_name);
	row_drop(&s->files, sizeof(*f), f);
}

struct nj_smb_file *
nj_smb_file_add(struct nj_smb *s, struct nj_dctx *d, struct nj_smb_fid fid)
{
	struct nj_smb_file *f = nj_smb_file_find(s, fid);

	if (f)
		nj_smb_file_drop(s, d, f, true);
	f = row_add(&s->files, d, sizeof(*f), NJ_SMB_FILES_MAX);
	if (!f && s->files.n) {
		nj_smb_file_drop(s, d, file_at(s, 0), false);
		f = row_add(&s->files, d, sizeof(*f), NJ_SMB_FILES_MAX);
	}
	if (f)
		f->fid = fid;
	return f;
}

void
nj_smb_tree_drop(
	struct nj_smb *s, struct nj_dctx *d, uint64_t session, uint32_t id)
{
	struct nj_smb_tree *t = nj_smb_tree_find(s, session, id);

	for (unsigned i = s->files.n; i-- > 0;)
		if (file_at(s, i)->tree == id &&
			file_at(s, i)->session == session)
			nj_smb_file_drop(s, d, file_at(s, i), true);
	if (t)
		tree_free(s, d, t);
}

/* ---- Sessions ---- */

static struct nj_smb_session *
session_at(struct nj_smb *s, unsigned i)
{
	return row_at(&s->sessions, sizeof(struct nj_smb_session), i);
}

struct nj_smb_session *
nj_smb_session_find(struct nj_smb *s, uint64_t id)
{
	for (unsigned i = 0; i < s->sessions.n; i++)
		if (session_at(s, i)->id == id)
			return session_at(s, i);
	return NULL;
}

static void
session_free(struct nj_smb *s, struct nj_dctx *d, struct nj_smb_session *se)
{
	nj_smb_log_session(s, d, se);
	nj_smb_text_drop(d, &se->user);
	nj_smb_text_drop(d, &se->domain);
	nj_smb_text_drop(d, &se->host);
	row_drop(&s->sessions, sizeof(*se), se);
}

struct nj_smb_session *
nj_smb_session_add(struct nj_smb *s, struct nj_dctx *d, uint64_t id)
{
	struct nj_smb_session *se;

	if (s->sessions.n == NJ_SMB_SESSIONS_MAX)
		session_free(s, d, session_at(s, 0));
	se = row_add(&s->sessions, d, sizeof(*se), NJ_SMB_SESSIONS_MAX);
	if (se) {
		se->id = id;
		se->began_ns = nj_now(d);
	}
	return se;
}

void
nj_smb_token(struct nj_smb *s, struct nj_dctx *d, const struct nj_smb_msg *m,
	struct nj_view v)
{
	const struct nj_ntlm *n = &s->gss.ntlm;

	if (!v.len)
		return;
	(void)nj_gss_token(&s->gss, d, m->dir, v);
	/* Now, for the server's last token may end the attempt. */
	if (m->response || !n->authenticated)
		return;
	nj_smb_text_set(d, &s->user, n->user);
	nj_smb_text_set(d, &s->domain, n->domain);
	nj_smb_text_set(d, &s->host, n->host);
	memcpy(s->ntlm_version, n->client_version, sizeof(s->ntlm_version));
}

static void
text_move(struct nj_dctx *d, struct nj_smb_text *to, struct nj_smb_text *from)
{
	nj_smb_text_drop(d, to);
	*to = *from;
	*from = (struct nj_smb_text){ 0 };
}

static void
user_take(struct nj_smb *s, struct nj_dctx *d, struct nj_smb_session *se)
{
	if (s->gss.mech == NJ_GSS_KERBEROS)
		se->method = "Kerberos";
	se->has_ntlm = s->gss.mech == NJ_GSS_NTLM;
	if (se->has_ntlm) {
		se->method = "NTLM";
		memcpy(se->ntlm_version, s->ntlm_version,
			sizeof(se->ntlm_version));
	}
	text_move(d, &se->user, &s->user);
	text_move(d, &se->domain, &s->domain);
	text_move(d, &se->host, &s->host);
}

struct nj_smb_session *
nj_smb_session_judge(struct nj_smb *s, struct nj_dctx *d,
	const struct nj_smb_msg *m, const struct nj_smb_op *op)
{
	struct nj_smb_session *se = nj_smb_session_find(s, m->session);

	if (!se)
		se = nj_smb_session_add(s, d, m->session);
	if (se) {
		if (op->ts_ns && !se->judged)
			se->began_ns = op->ts_ns;
		se->judged = true;
		se->status = m->status;
		user_take(s, d, se);
	}
	nj_gss_result(&s->gss, d, !m->status);
	return se;
}

void
nj_smb_session_drop(struct nj_smb *s, struct nj_dctx *d, uint64_t id)
{
	struct nj_smb_session *se = nj_smb_session_find(s, id);

	for (unsigned i = s->trees.n; i-- > 0;)
		if (i < s->trees.n && tree_at(s, i)->session == id)
			nj_smb_tree_drop(s, d, id, tree_at(s, i)->id);
	if (se)
		session_free(s, d, se);
}

void
nj_smb_fini(struct nj_smb *s, struct nj_dctx *d)
{
	nj_smb_bulk_cut(s, d, NJ_ORIG);
	nj_smb_bulk_cut(s, d, NJ_RESP);
	while (s->files.n)
		nj_smb_file_drop(s, d, file_at(s, 0), file_at(s, 0)->closing);
	while (s->sessions.n)
		session_free(s, d, session_at(s, 0));
	nj_gss_end(&s->gss, d);
}
