/*
 * nfs.c - NFS versions 2 to 4 and its mount protocol over UDP and TCP (see
 * shared/nfs.h): who does what to which file, and the files themselves.
 *
 * Handles have no names: those that a look-up or a creation gave are
 * remembered, so that reads and writes can be told by name. Reads and writes
 * of a file make one record together, when it is closed, read to its end or
 * forgotten; questions for attributes are told of only when they fail.
 */
#include <stdio.h>

#include "engine/dissect/dissector.h"

#include "dissectors/shared/file.h"
#include "dissectors/shared/nfs.h"
#include "engine/base/hash.h"
#include "engine/crypt/hash.h"

#define NFS(F, tag)                                                            \
	F(tag, 1, U8, version, NJ_LEARN, "Version")                            \
	F(tag, 2, STR, procedure, NJ_INDEX | NJ_LEARN, "What was asked")       \
	F(tag, 3, STR, name, NJ_INDEX | NJ_PII, "File or directory")           \
	F(tag, 4, STR, status, NJ_INDEX | NJ_LEARN, "What came of it")         \
	F(tag, 5, STR, rename_to, NJ_PII, "New name, or target of a link")     \
	F(tag, 6, U32, unix_uid, NJ_OPT | NJ_INDEX, "Number of the user")      \
	F(tag, 7, U32, unix_gid, NJ_OPT, "Number of the user's group")         \
	F(tag, 8, STR, machine, NJ_INDEX, "What the client calls itself")      \
	F(tag, 9, STR, handle, NJ_INDEX, "Hash of the handle that was used")   \
	F(tag, 10, STR, program, NJ_LEARN, "nfs or mount")                     \
	F(tag, 11, U64, bytes, NJ_OPT | NJ_LEARN, "Bytes read or written")     \
	F(tag, 12, U64, calls, NJ_OPT, "Calls that it took")                   \
	F(tag, 13, STR, fuid, NJ_INDEX, "Id of the file")                      \
	F(tag, 14, VSTR, operations, NJ_LEARN, "Operations of a compound")     \
	F(tag, 15, U32, xid, NJ_OPT, "Number of the call")

NJ_EVENT(nfs, NFS, "A call to a file server, and what came of it");

enum {
	PORT = 2049,
	HEAD_MAX = 8 * 1024, /* of a message that is read for its meaning */
	RECORD_MAX = 16 << 20,
	PENDING_MAX = 64,
	FILES_MAX = 8,
	NAMES_MAX = 64,
	NAME_BYTES = 255,
	HASH_TEXT = 16,
	UNIX_TEXT = 64
};

enum { ODD_MESSAGE };
static const struct nj_oddity oddities[] = {
	[ODD_MESSAGE] = { "nfs_message", "What should be NFS is not" },
	{ 0 },
};

struct pending {
	struct nj_onc call;
	struct nj_nfs_ask ask;                  /* views kept or unset */
	struct nj_view name, new_name, machine; /* kept */
	uint64_t handle;
	int64_t ts_ns;
	bool used;
};

/* A file that is read or written. */
struct open_file {
	struct nj_file file;
	uint64_t handle, next, bytes, calls;
	int64_t ts_ns;
	struct nj_view name; /* kept */
	uint32_t uid, gid;
	uint8_t version, ask_kind;
	bool used, has_unix;
};

struct name {
	uint64_t handle;
	struct nj_view text; /* kept */
};

/* What the next bytes of a stream's direction are. */
struct side {
	uint64_t data, rest; /* bytes of a file; bytes that nobody wants */
	uint8_t file;        /* which file */
	bool eof;            /* and whether it ends there */
	bool lost;
	bool goes_on; /* the next fragment continues a message */
};

struct nfs {
	struct pending *pending; /* kept, PENDING_MAX */
	struct open_file files[FILES_MAX];
	struct name *names; /* kept, NAMES_MAX */
	struct side side[2];
	unsigned next_pending, next_name, next_file;
	uint32_t count; /* of files so far */
	bool sure;
};

/* ---- Handles and names ---- */

static uint64_t
handle_hash(struct nj_view v)
{
	static const struct nj_hash_key key;

	return v.len ? nj_hash64(&key, v.data, v.len) | 1 : 0;
}

static struct nj_view
name_find(const struct nfs *s, uint64_t handle)
{
	for (unsigned i = 0; handle && s->names && i < NAMES_MAX; i++)
		if (s->names[i].handle == handle)
			return s->names[i].text;
	return (struct nj_view){ 0 };
}

static void
drop(struct nj_dctx *d, struct nj_view *v)
{
	nj_drop(d, (void *)(uintptr_t)v->data);
	*v = (struct nj_view){ 0 };
}

static void
name_add(struct nj_dctx *d, struct nfs *s, uint64_t handle, struct nj_view text)
{
	struct name *n = NULL;

	if (!handle || !text.len)
		return;
	if (!s->names) {
		s->names = nj_keep(d, NAMES_MAX * sizeof(*s->names));
		if (!s->names)
			return;
		memset(s->names, 0, NAMES_MAX * sizeof(*s->names));
	}
	for (unsigned i = 0; i < NAMES_MAX && !n; i++)
		if (s->names[i].handle == handle)
			n = &s->names[i];
	if (!n)
		n = &s->names[s->next_name++ % NAMES_MAX];
	drop(d, &n->text);
	n->handle = handle;
	n->text = nj_keep_view(d, text, NAME_BYTES);
}

/* ---- Records ---- */

static void
handle_set(struct nfs_event *ev, uint64_t handle, char room[HASH_TEXT])
{
	uint64_t x = __builtin_bswap64(handle);

	if (!handle)
		return;
	nj_hex((struct nj_view){ (const uint8_t *)&x, sizeof(x) }, room);
	ev->handle = (struct nj_view){ (const uint8_t *)room, HASH_TEXT };
}

static void
file_finish(struct nj_dctx *d, struct open_file *f, bool whole)
{
	char id[NJ_UID_TEXT], hash[HASH_TEXT];
	struct nfs_event ev = { .version = f->version,
		.procedure = f->ask_kind == NJ_NFS_READ ? NJ_LIT("READ")
							: NJ_LIT("WRITE"),
		.name = f->name,
		.status = NJ_LIT("OK"),
		.program = NJ_LIT("nfs") };

	if (!f->used)
		return;
	if (f->has_unix) {
		nj_set(&ev, nfs, unix_uid, f->uid);
		nj_set(&ev, nfs, unix_gid, f->gid);
	}
	handle_set(&ev, f->handle, hash);
	nj_set(&ev, nfs, bytes, f->bytes);
	nj_set(&ev, nfs, calls, f->calls);
	if (f->file.open) {
		nj_file_id(&f->file, d, id);
		ev.fuid = nj_str(id);
		nj_file_close(&f->file, d, whole);
	}
	(void)nj_emit_at(d, &nfs_desc, &ev, f->ts_ns);
	drop(d, &f->name);
	*f = (struct open_file){ 0 };
}

static void
tell(struct nj_dctx *d, struct pending *p, const char *status, uint32_t code)
{
	struct nj_view ops[NJ_NFS_OPS_MAX];
	char hash[HASH_TEXT], room[UNIX_TEXT];
	struct nfs_event ev = { .version = (uint8_t)p->call.version,
		.procedure = nj_str(p->ask.procedure),
		.name = p->name,
		.rename_to = p->new_name,
		.machine = p->machine,
		.program = p->call.program == NJ_ONC_MOUNT ? NJ_LIT("mount")
							   : NJ_LIT("nfs") };

	nj_set(&ev, nfs, xid, p->call.xid);
	for (unsigned i = 0; i < p->ask.n_ops; i++)
		ops[i] = nj_str(nj_nfs_operation(p->ask.ops[i]));
	if (p->ask.n_ops)
		ev.operations = (struct nj_vstr){ ops, p->ask.n_ops };
	if (p->call.has_unix) {
		nj_set(&ev, nfs, unix_uid, p->call.uid);
		nj_set(&ev, nfs, unix_gid, p->call.gid);
	}
	handle_set(&ev, p->handle, hash);
	if (!status && code != UINT32_MAX) {
		(void)snprintf(room, sizeof(room), "ERR_%u", code);
		status = room;
	}
	if (status)
		ev.status = nj_str(status);
	(void)nj_emit_at(d, &nfs_desc, &ev, p->ts_ns);
}

static void
pending_drop(struct nj_dctx *d, struct pending *p)
{
	drop(d, &p->name);
	drop(d, &p->new_name);
	drop(d, &p->machine);
	p->used = false;
}

static bool
is_silent(const struct pending *p, bool failed)
{
	return !failed &&
	       (p->ask.kind == NJ_NFS_ROUTINE || p->ask.kind == NJ_NFS_READ ||
		       p->ask.kind == NJ_NFS_WRITE);
}

/* A call that got no answer. */
static void
pending_finish(struct nj_dctx *d, struct pending *p)
{
	if (!p->used)
		return;
	if (!is_silent(p, false))
		tell(d, p, NULL, UINT32_MAX);
	pending_drop(d, p);
}

/* ---- Files ---- */

/* Where in a message the bytes of a file are. */
struct place {
	size_t at;
	uint64_t bytes;
	uint8_t file;
	bool eof;
};

/* A message that is being read. */
struct reading {
	enum nj_dir dir;
	struct nj_view whole; /* or its beginning */
	struct nj_cur c;      /* behind its head */
	struct place place;   /* what is found */
};

static struct open_file *
file_of(struct nj_dctx *d, struct nfs *s, const struct pending *p)
{
	struct open_file *f;

	for (unsigned i = 0; i < FILES_MAX; i++) {
		f = &s->files[i];
		if (f->used && f->handle == p->handle &&
			f->ask_kind == p->ask.kind)
			return f;
	}
	f = &s->files[s->next_file++ % FILES_MAX];
	file_finish(d, f, false);
	*f = (struct open_file){ .used = true,
		.handle = p->handle,
		.ts_ns = p->ts_ns,
		.uid = p->call.uid,
		.gid = p->call.gid,
		.has_unix = p->call.has_unix,
		.version = (uint8_t)p->call.version,
		.ask_kind = p->ask.kind,
		.next = p->ask.offset };
	f->name = nj_keep_view(d, name_find(s, p->handle), NAME_BYTES);
	return f;
}

/* Bytes at an offset are about to come. False: they are not the file's next
 * ones, but were there before (read again, or out of order). */
static bool
file_at(struct nj_dctx *d, struct nfs *s, struct open_file *f, enum nj_dir dir,
	const struct pending *p)
{
	uint64_t at = p->ask.offset;

	f->calls++;
	if (at < f->next)
		return false;
	if (!f->file.open)
		nj_file_open(&f->file, d,
			&(struct nj_file_spec){ .source = NJ_FILE_NFS,
				.dir = dir,
				.number = s->count++,
				.name = f->name });
	if (at > f->next)
		nj_file_gap(&f->file, d, at - f->next);
	return true;
}

/* A read or a write brings bytes bytes, of which data is in hand. */
static void
bulk(struct nj_dctx *d, struct nfs *s, struct reading *r,
	const struct pending *p, struct nj_view data)
{
	struct open_file *f = file_of(d, s, p);
	uint64_t bytes = r->place.bytes;

	r->place.at = (size_t)(data.data - r->whole.data);
	r->place.file = (uint8_t)(f - s->files);
	f->bytes += bytes;
	if (bytes && file_at(d, s, f, r->dir, p))
		f->next = p->ask.offset + bytes;
	else
		r->place.bytes = 0;
}

static void
files_forget(struct nj_dctx *d, struct nfs *s, uint64_t handle, uint8_t kind)
{
	for (unsigned i = 0; i < FILES_MAX; i++)
		if (s->files[i].used && s->files[i].handle == handle &&
			(!kind || s->files[i].ask_kind == kind))
			file_finish(d, &s->files[i], true);
}

/* ---- Messages ---- */

static struct pending *
pending_find(const struct nfs *s, uint32_t xid)
{
	for (unsigned i = 0; s->pending && i < PENDING_MAX; i++)
		if (s->pending[i].used && s->pending[i].call.xid == xid)
			return &s->pending[i];
	return NULL;
}

static struct pending *
pending_add(struct nj_dctx *d, struct nfs *s)
{
	struct pending *p;

	if (!s->pending) {
		s->pending = nj_keep(d, PENDING_MAX * sizeof(*s->pending));
		if (!s->pending)
			return NULL;
		memset(s->pending, 0, PENDING_MAX * sizeof(*s->pending));
	}
	p = &s->pending[s->next_pending++ % PENDING_MAX];
	pending_finish(d, p);
	memset(p, 0, sizeof(*p));
	p->used = true;
	p->ts_ns = nj_now(d);
	return p;
}

static bool
is_close(const struct nj_nfs_ask *ask, const struct nj_onc *call)
{
	if (call->version < 4)
		return !strcmp(ask->procedure, "COMMIT");
	for (unsigned i = 0; i < ask->n_ops; i++)
		if (!strcmp(nj_nfs_operation(ask->ops[i]), "CLOSE"))
			return true;
	return false;
}

static void
called(struct nj_dctx *d, struct nfs *s, const struct nj_onc *m,
	struct reading *r)
{
	struct pending *p = pending_find(s, m->xid);
	struct nj_nfs_ask ask;

	if (p) /* asked again */
		return;
	nj_nfs_ask(&ask, m, r->c);
	p = pending_add(d, s);
	if (!p)
		return;
	p->call = *m;
	p->call.machine = (struct nj_view){ 0 };
	p->ask = ask;
	p->handle = handle_hash(ask.handle);
	p->name = nj_keep_view(d, ask.name, NAME_BYTES);
	p->new_name = nj_keep_view(d, ask.new_name, NAME_BYTES);
	p->machine = nj_keep_view(d, m->machine, UNIX_TEXT);
	if (ask.kind == NJ_NFS_WRITE && ask.data.data) {
		r->place.bytes = ask.data_bytes;
		bulk(d, s, r, p, ask.data);
	}
	if (is_close(&ask, m))
		files_forget(d, s, p->handle, 0);
	p->ask.handle = p->ask.name = p->ask.new_name = p->ask.data =
		(struct nj_view){ 0 };
}

static void
replied(struct nj_dctx *d, struct nfs *s, const struct nj_onc *m,
	struct reading *r)
{
	struct pending *p = pending_find(s, m->xid);
	struct nj_nfs_answer answer = { 0 };
	bool failed;

	if (!p)
		return;
	if (m->accepted)
		nj_nfs_answer(&answer, &p->call, &p->ask, r->c);
	failed = !m->accepted || answer.status;
	if (p->ask.kind == NJ_NFS_READ && answer.data.data) {
		r->place.bytes = answer.data_bytes;
		r->place.eof = answer.eof;
		bulk(d, s, r, p, answer.data);
	}
	if (p->ask.kind == NJ_NFS_FINDS && answer.handle.len)
		name_add(d, s, handle_hash(answer.handle), p->name);
	if (!is_silent(p, failed))
		tell(d, p,
			m->accepted ? answer.has_status
					      ? nj_nfs_status(answer.status)
					      : "OK"
				    : "RPC_ERROR",
			answer.status);
	pending_drop(d, p);
}

/* v is a message's beginning, or all of it. */
static bool
message(struct nj_dctx *d, struct nfs *s, enum nj_dir dir, struct nj_view v,
	struct place *place)
{
	struct reading r = { .dir = dir, .whole = v, .c = nj_cur(v) };
	struct nj_onc m;

	*place = (struct place){ 0 };
	if (!nj_onc_read(&m, &r.c))
		return false;
	if (m.reply) {
		replied(d, s, &m, &r);
	} else if (m.program != NJ_ONC_NFS && m.program != NJ_ONC_MOUNT) {
		return s->sure; /* locks and the like share connections */
	} else {
		s->sure = true;
		nj_confirm(d);
		called(d, s, &m, &r);
	}
	*place = r.place;
	return true;
}

static void
file_bytes(struct nj_dctx *d, struct nfs *s, uint8_t file, struct nj_view v)
{
	struct open_file *f = &s->files[file];

	if (f->file.open)
		nj_file_data(&f->file, d, v);
}

static enum nj_verdict
nfs_datagram(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct nfs *s = nj_state(d);
	struct place place;

	if (!message(d, s, dir, v, &place)) {
		if (!s->sure)
			return NJ_REJECT;
		nj_odd(d, ODD_MESSAGE);
		return NJ_MORE;
	}
	if (!s->sure)
		return NJ_REJECT;
	if (place.bytes) {
		struct nj_view data = nj_sub(v, place.at, place.bytes);

		file_bytes(d, s, place.file, data);
		if (data.len < place.bytes)
			nj_file_gap(&s->files[place.file].file, d,
				place.bytes - data.len);
		if (place.eof)
			file_finish(d, &s->files[place.file], true);
	}
	return NJ_MORE;
}

/* ---- Streams ---- */

/* Does a record with a call or a reply begin here? */
static enum nj_verdict
begins(const struct nfs *s, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	uint32_t mark = nj_cur_u32(&c), len = mark & ~(uint32_t)NJ_ONC_LAST;
	uint32_t xid = nj_cur_u32(&c), kind = nj_cur_u32(&c);
	uint32_t rpc = nj_cur_u32(&c), program = nj_cur_u32(&c);

	if (c.bad)
		return NJ_MORE;
	if (len < 24 || len > RECORD_MAX || kind > 1)
		return NJ_REJECT;
	if (kind)
		return pending_find(s, xid) ? NJ_ACCEPT : NJ_REJECT;
	return rpc == 2 && (program == NJ_ONC_NFS || program == NJ_ONC_MOUNT)
		       ? NJ_ACCEPT
		       : NJ_REJECT;
}

static enum nj_verdict
record(struct nj_dctx *d, enum nj_dir dir, struct nj_view v, size_t *used)
{
	struct nfs *s = nj_state(d);
	struct side *side = &s->side[dir];
	struct nj_cur c = nj_cur(v);
	uint32_t mark = nj_cur_u32(&c), len = mark & ~(uint32_t)NJ_ONC_LAST;
	uint32_t head = nj_min(len, (uint32_t)HEAD_MAX);
	bool first = !side->goes_on, last = mark & NJ_ONC_LAST;
	struct place place = { 0 };

	*used = 0;
	if (!first && !c.bad && len <= RECORD_MAX) {
		/* Only the first fragment of a message is read. */
		*used = NJ_ONC_MARK_BYTES + (size_t)len;
		side->goes_on = !last;
		return NJ_MORE;
	}
	if (c.bad || (len <= RECORD_MAX && nj_cur_left(&c) < head))
		return NJ_MORE;
	if (len > RECORD_MAX ||
		!message(d, s, dir, nj_cur_take(&c, head), &place)) {
		if (!s->sure)
			return NJ_REJECT;
		if (last)
			nj_odd(d, ODD_MESSAGE);
		if (len > RECORD_MAX)
			return NJ_BROKEN;
	}
	if (!s->sure)
		return NJ_REJECT;
	side->goes_on = !last;
	*used = NJ_ONC_MARK_BYTES + place.at;
	side->data = nj_min(place.bytes, (uint64_t)len - place.at);
	side->rest = len - place.at - side->data;
	side->file = place.file;
	side->eof = place.eof;
	return NJ_MORE;
}

static size_t
contents(struct nj_dctx *d, struct nfs *s, struct side *side, struct nj_view v)
{
	size_t n = (size_t)nj_min(side->data, (uint64_t)v.len);

	file_bytes(d, s, side->file, nj_sub(v, 0, n));
	side->data -= n;
	if (!side->data && side->eof)
		file_finish(d, &s->files[side->file], true);
	return n;
}

static enum nj_verdict
step(struct nj_dctx *d, enum nj_dir dir, struct nj_view v, size_t *used)
{
	struct nfs *s = nj_state(d);
	struct side *side = &s->side[dir];
	enum nj_verdict verdict;

	if (side->data) {
		*used = contents(d, s, side, v);
		return NJ_MORE;
	}
	if (side->rest) {
		*used = (size_t)side->rest;
		side->rest = 0;
		return NJ_MORE;
	}
	*used = 0;
	if (side->lost) {
		verdict = begins(s, v);
		if (verdict == NJ_MORE)
			return NJ_MORE;
		if (verdict == NJ_REJECT) {
			*used = 1;
			return NJ_MORE;
		}
		side->lost = false;
	}
	return record(d, dir, v, used);
}

static enum nj_verdict
nfs_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	size_t used;

	while (v.len) {
		enum nj_verdict verdict = step(d, dir, v, &used);

		if (verdict != NJ_MORE || !used)
			return verdict;
		nj_consume(d, nj_min(used, v.len));
		if (used > v.len)
			nj_skip(d, used - v.len);
		v = nj_sub(v, used, v.len);
	}
	return NJ_MORE;
}

static enum nj_verdict
nfs_gap(struct nj_dctx *d, enum nj_dir dir, struct nj_view v, uint64_t len)
{
	struct nfs *s = nj_state(d);
	struct side *side = &s->side[dir];
	uint64_t inside = nj_min(len, side->data);

	(void)v;
	if (inside && s->files[side->file].file.open)
		nj_file_gap(&s->files[side->file].file, d, inside);
	side->data -= inside;
	if (!side->data && inside && side->eof)
		file_finish(d, &s->files[side->file], true);
	len -= inside;
	inside = nj_min(len, side->rest);
	side->rest -= inside;
	side->lost = len > inside;
	if (side->lost)
		side->goes_on = false;
	return NJ_MORE;
}

static void
nfs_end(struct nj_dctx *d)
{
	struct nfs *s = nj_state(d);

	for (unsigned i = 0; i < FILES_MAX; i++)
		file_finish(
			d, &s->files[(s->next_file + i) % FILES_MAX], false);
	for (unsigned i = 0; s->pending && i < PENDING_MAX; i++)
		pending_finish(
			d, &s->pending[(s->next_pending + i) % PENDING_MAX]);
}

/* A call of RPC version 2 to program 100003 (NFS) or 100005 (mount). */
#define CALL                                                                   \
	"....\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x02\\x00\\x01\\x86[\\xa3"    \
	"\\xa5]"

const struct nj_dissector nj_dissector_nfs = {
	.name = "nfs",
	.title = "NFS",
	.ports = (const struct nj_port[]){ { NJ_UDP, PORT }, { NJ_TCP, PORT },
		{ 0 } },
	.sigs = (const struct nj_sig[]){ { "^" CALL, NJ_SIG_UDP | NJ_SIG_ORIG },
		{ "^[\\x80\\x00]..." CALL, NJ_SIG_TCP | NJ_SIG_ORIG }, { 0 } },
	.events = (const struct nj_event_desc *const[]){ &nfs_desc, &files_desc,
		NULL },
	.oddities = oddities,
	.state_bytes = sizeof(struct nfs),
	.buffer_max = HEAD_MAX + 64,
	.stream = nfs_stream,
	.datagram = nfs_datagram,
	.gap = nfs_gap,
	.end = nfs_end,
};
