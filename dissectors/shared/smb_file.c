/*
 * smb_file.c - the contents of files that SMB reads and writes: data on its
 * way past is counted, its beginning looked at, and what comes out of order is
 * put in its place by offset.
 *
 * A read or write counts at the time at which it is complete, so that the
 * files log agrees with the commands.
 */
#include "dissectors/shared/smb_log.h"

/* ---- Ranges ---- */

/* The bytes up to "to" are there. */
static void
advance(struct nj_smb_content *c, struct nj_dctx *d, uint64_t to)
{
	if (to <= c->next)
		return;
	nj_file_pass(&c->file, d, to - c->next);
	c->next = to;
}

/* Ranges that begin where the file has come to are no longer apart. */
static void
join(struct nj_smb_content *c, struct nj_dctx *d)
{
	while (c->ranges && c->range[0].from <= c->next) {
		advance(c, d, c->range[0].to);
		c->ranges--;
		memmove(&c->range[0], &c->range[1],
			c->ranges * sizeof(c->range[0]));
	}
}

/* The hole before the first range stays one. */
static void
give_up_hole(struct nj_smb_content *c, struct nj_dctx *d)
{
	if (!c->ranges)
		return;
	nj_file_gap(&c->file, d, c->range[0].from - c->next);
	c->next = c->range[0].from;
	join(c, d);
}

static void
range_add(
	struct nj_smb_content *c, struct nj_dctx *d, uint64_t from, uint64_t to)
{
	unsigned i = 0;

	while (i < c->ranges && c->range[i].to < from)
		i++;
	if (i < c->ranges && c->range[i].from <= to) {
		c->range[i].from = nj_min(c->range[i].from, from);
		c->range[i].to = nj_max(c->range[i].to, to);
		/* It may have grown into those behind it. */
		while (i + 1u < c->ranges &&
			c->range[i + 1].from <= c->range[i].to) {
			c->range[i].to =
				nj_max(c->range[i].to, c->range[i + 1].to);
			c->ranges--;
			memmove(&c->range[i + 1], &c->range[i + 2],
				(c->ranges - i - 1u) * sizeof(c->range[0]));
		}
		return;
	}
	if (c->ranges == NJ_SMB_RANGES) {
		give_up_hole(c, d);
		if (from <= c->next) {
			advance(c, d, to);
			join(c, d);
			return;
		}
		for (i = 0; i < c->ranges && c->range[i].to < from; i++)
			continue;
	}
	memmove(&c->range[i + 1], &c->range[i],
		(c->ranges - i) * sizeof(c->range[0]));
	c->range[i].from = from;
	c->range[i].to = to;
	c->ranges++;
}

/* ---- A file ---- */

void
nj_smb_content_close(struct nj_smb_file *f, struct nj_dctx *d, bool whole)
{
	struct nj_smb_content *c = f->content;

	if (!c)
		return;
	if (c->file.open) {
		int64_t last = c->file.last;

		while (c->ranges)
			give_up_hole(c, d);
		c->file.last = last;
		if (!f->rpc)
			nj_smb_eve_file(
				nj_state(d), d, f, (enum nj_dir)c->file.dir);
		nj_file_close(&c->file, d, whole);
	}
	nj_drop(d, c);
	f->content = NULL;
}

static struct nj_smb_content *
content_open(struct nj_smb *s, struct nj_dctx *d, struct nj_smb_file *f,
	enum nj_dir dir)
{
	struct nj_file_spec spec = { .source = NJ_FILE_SMB, .dir = dir };
	struct nj_smb_content *c = f->content;

	if (c)
		return c;
	c = nj_keep(d, sizeof(*c));
	if (!c)
		return NULL;
	memset(c, 0, sizeof(*c));
	f->content = c;
	spec.number = s->files_seen++;
	spec.name = nj_smb_view(&f->name);
	spec.sized = f->size > 0;
	spec.total = f->size;
	nj_file_open(&c->file, d, &spec);
	return c;
}

/* ---- Data on its way past ---- */

void
nj_smb_bulk_set(struct nj_smb *s, const struct nj_smb_msg *m,
	const struct nj_smb_bulk *b)
{
	struct nj_smb_bulk *own = &s->side[m->dir].bulk;

	*own = *b;
	own->on = true;
	own->version = m->version;
	own->command = m->command;
	own->pre = nj_min(own->pre, m->len);
	own->len = nj_min(own->len, m->len - own->pre);
	own->left = own->len;
	own->tail = m->len - own->pre - own->len;
}

void
nj_smb_bulk_op(struct nj_smb *s, struct nj_dctx *d, const struct nj_smb_msg *m,
	const struct nj_smb_op *op, const struct nj_smb_range *r)
{
	struct nj_smb_bulk b = { .pre = r->at,
		.len = r->len,
		.fid = op->fid,
		.session = op->session,
		.tree = op->tree,
		.offset = op->offset };

	if (!r->len || !op->has_file)
		return;
	b.pipe = r->pipe ||
		 nj_smb_share_of(s, op->session, op->tree) == NJ_SMB_PIPE;
	if (r->at > m->len || r->len > m->len - r->at)
		nj_odd(d, NJ_SMB_ODD_DATA);
	nj_smb_bulk_set(s, m, &b);
}

/* The file that the data belongs to, whether or not its opening was seen. */
static struct nj_smb_file *
file_of(struct nj_smb *s, struct nj_dctx *d, const struct nj_smb_bulk *b)
{
	struct nj_smb_file *f = nj_smb_file_find(s, b->fid);
	enum nj_smb_share share = nj_smb_share_of(s, b->session, b->tree);

	if (f || (!b->pipe && share != NJ_SMB_DISK))
		return f;
	f = nj_smb_file_add(s, d, b->fid);
	if (f) {
		f->session = b->session;
		f->tree = b->tree;
	}
	return f;
}

static struct nj_smb_content *
content_of(struct nj_smb *s, const struct nj_smb_bulk *b)
{
	struct nj_smb_file *f = nj_smb_file_find(s, b->fid);

	return f && !b->pipe ? f->content : NULL;
}

static struct nj_rpc *
rpc_of(struct nj_smb *s, const struct nj_smb_bulk *b)
{
	struct nj_smb_file *f = nj_smb_file_find(s, b->fid);

	return f ? f->rpc : NULL;
}

/* Pipes are spoken to by remote procedure calls. Where the connecting to the
 * share was not seen, a file that is spoken to so is a pipe, too. */
static struct nj_rpc *
talk(struct nj_smb *s, struct nj_dctx *d, struct nj_smb_file *f,
	const struct nj_smb_bulk *b, struct nj_view first)
{
	if (!f || f->rpc)
		return f ? f->rpc : NULL;
	if (b->pipe ||
		(nj_smb_share_of(s, b->session, b->tree) == NJ_SMB_UNKNOWN &&
			nj_rpc_looks(first)))
		f->rpc = nj_rpc_open(d, nj_smb_view(&f->name));
	nj_smb_eve_rpc(d, f->rpc);
	return f->rpc;
}

static void
begin(struct nj_smb *s, struct nj_dctx *d, enum nj_dir dir,
	struct nj_view first)
{
	struct nj_smb_side *side = &s->side[dir];
	struct nj_smb_bulk *b = &side->bulk;
	struct nj_smb_content *c = NULL;
	struct nj_smb_file *f;

	b->begun = true;
	side->lost = nj_skip_lost(d, dir);
	f = file_of(s, d, b);
	if (talk(s, d, f, b, first) && dir == NJ_ORIG)
		f->rpc_command = b->command;
	if (f && f->rpc_lost[dir]) {
		b->torn = !nj_rpc_looks(first);
		f->rpc_lost[dir] = b->torn;
	}
	/* A file that was read whole may be read again from its beginning;
	 * offsets above what a file system holds are nonsense. */
	if (!b->pipe && f && b->len && b->offset < INT64_MAX &&
		!(f->done && b->offset))
		c = content_open(s, d, f, dir);
	if (!c)
		return;
	b->ordered = b->offset == c->next;
	/* A file that grows under the writes is not what was announced. */
	if (dir == NJ_ORIG && b->offset + b->len > c->file.total)
		c->file.sized = false;
}

static void
finish(struct nj_smb *s, struct nj_dctx *d, enum nj_dir dir)
{
	struct nj_smb_side *side = &s->side[dir];
	struct nj_smb_bulk *b = &side->bulk;
	struct nj_smb_content *c = content_of(s, b);
	struct nj_smb_file *f = nj_smb_file_find(s, b->fid);
	struct nj_smb_session *session = nj_smb_session_find(s, b->session);
	uint64_t lost = nj_skip_lost(d, dir) - side->lost;

	side->skip = b->tail;
	b->on = false;
	if (f && dir == NJ_ORIG)
		f->written += b->len;
	else if (f)
		f->read += b->len;
	if (session && !b->pipe && dir == NJ_ORIG)
		session->written += b->len;
	else if (session && !b->pipe)
		session->read += b->len;
	if (!c || !b->len)
		return;
	if (!c->counted) {
		c->counted = 1;
		c->file.began = nj_now(d);
	}
	if (!b->ordered && b->offset + b->len > c->next)
		range_add(c, d, nj_max(b->offset, c->next), b->offset + b->len);
	join(c, d);
	nj_file_unpass(&c->file, 0, lost);
	c->file.last = nj_now(d);
	if (c->next == c->file.total && nj_file_is_complete(&c->file)) {
		nj_smb_content_close(f, d, true);
		f->done = true;
	}
}

size_t
nj_smb_bulk_step(
	struct nj_smb *s, struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct nj_smb_bulk *b = &s->side[dir].bulk;
	struct nj_smb_content *c;
	struct nj_rpc *rpc;
	bool wants;
	size_t n;

	if (b->pre) {
		n = nj_min(b->pre, v.len);
		b->pre -= (uint32_t)n;
		if (!b->pre && !b->left)
			finish(s, d, dir);
		return n;
	}
	/* What it is may have to be told by its beginning. */
	if (!b->begun && v.len < nj_min(b->left, (uint32_t)NJ_RPC_HEAD))
		return 0;
	if (!b->begun)
		begin(s, d, dir, v);
	c = content_of(s, b);
	rpc = rpc_of(s, b);
	n = nj_min(b->left, v.len);
	b->left -= (uint32_t)n;
	wants = rpc && !b->torn && nj_rpc_feed(rpc, d, dir, nj_sub(v, 0, n));
	if (c && b->ordered && nj_file_wants(&c->file))
		nj_file_data(&c->file, d, nj_sub(v, 0, n));
	else if (c && b->ordered)
		nj_file_pass(&c->file, d, n);
	if (c && b->ordered)
		c->next += n;
	if (!b->left) {
		finish(s, d, dir);
		return n;
	}
	if (wants || (c && b->ordered && nj_file_wants(&c->file)))
		return n;
	/* Nothing more is looked at, but the last byte shows when all of it
	 * has come. */
	if (n == v.len && b->left > 1) {
		nj_skip(d, b->left - 1);
		if (c && b->ordered) {
			nj_file_pass(&c->file, d, b->left - 1);
			c->next += b->left - 1;
		}
		b->left = 1;
	}
	return n;
}

void
nj_smb_bulk_gap(
	struct nj_smb *s, struct nj_dctx *d, enum nj_dir dir, uint32_t n)
{
	struct nj_smb_bulk *b = &s->side[dir].bulk;
	struct nj_smb_content *c;
	uint32_t pre = nj_min(b->pre, n);

	b->pre -= pre;
	n = nj_min(n - pre, b->left);
	if (!n)
		return;
	if (!b->begun)
		begin(s, d, dir, (struct nj_view){ 0 });
	c = content_of(s, b);
	b->torn = true;
	if (rpc_of(s, b)) {
		nj_smb_file_find(s, b->fid)->rpc_lost[dir] = true;
		nj_rpc_gap(rpc_of(s, b), d, dir);
	}
	b->left -= n;
	if (c && b->ordered) {
		nj_file_gap(&c->file, d, n);
		c->next += n;
	}
	if (!b->left)
		finish(s, d, dir);
}

void
nj_smb_bulk_cut(struct nj_smb *s, struct nj_dctx *d, enum nj_dir dir)
{
	struct nj_smb_side *side = &s->side[dir];
	struct nj_smb_bulk *b = &side->bulk;
	struct nj_smb_content *c = b->on && b->begun ? content_of(s, b) : NULL;

	if (c && b->ordered) {
		uint64_t left = nj_skip_left(d, dir);

		nj_file_unpass(
			&c->file, left, nj_skip_lost(d, dir) - side->lost);
		c->next -= nj_min(c->next, left);
	}
	b->on = false;
}
