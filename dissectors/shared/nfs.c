/*
 * nfs.c - calls and replies of NFS 2, 3 and the mount protocol, see nfs.h;
 * version 4 is in nfs4.c.
 */
#include "dissectors/shared/nfs_priv.h"

enum { HANDLE2 = 32, HANDLE_MAX = 128, FATTR2 = 68, FATTR3 = 84, NAME = 1024 };

/* How arguments look. */
enum shape {
	NONE,
	HANDLE,      /* handle ... */
	HANDLE_NAME, /* handle, name ... */
	TWO_NAMES,   /* handle, name, handle, name */
	LINK,        /* handle, handle, name */
	SYMLINK2,    /* handle, name, target */
	SYMLINK3,    /* handle, name, attributes, target */
	READ,
	WRITE,
	PATH /* of a mount */
};

struct procedure {
	const char *name;
	uint8_t shape, kind;
};

static const struct procedure two[] = { { "NULL", NONE, NJ_NFS_ROUTINE },
	{ "GETATTR", HANDLE, NJ_NFS_ROUTINE },
	{ "SETATTR", HANDLE, NJ_NFS_OTHER }, { "ROOT", NONE, NJ_NFS_ROUTINE },
	{ "LOOKUP", HANDLE_NAME, NJ_NFS_FINDS },
	{ "READLINK", HANDLE, NJ_NFS_ROUTINE }, { "READ", READ, NJ_NFS_READ },
	{ "WRITECACHE", NONE, NJ_NFS_ROUTINE },
	{ "WRITE", WRITE, NJ_NFS_WRITE },
	{ "CREATE", HANDLE_NAME, NJ_NFS_FINDS },
	{ "REMOVE", HANDLE_NAME, NJ_NFS_OTHER },
	{ "RENAME", TWO_NAMES, NJ_NFS_OTHER }, { "LINK", LINK, NJ_NFS_OTHER },
	{ "SYMLINK", SYMLINK2, NJ_NFS_OTHER },
	{ "MKDIR", HANDLE_NAME, NJ_NFS_FINDS },
	{ "RMDIR", HANDLE_NAME, NJ_NFS_OTHER },
	{ "READDIR", HANDLE, NJ_NFS_OTHER },
	{ "STATFS", HANDLE, NJ_NFS_OTHER } };

static const struct procedure three[] = { { "NULL", NONE, NJ_NFS_ROUTINE },
	{ "GETATTR", HANDLE, NJ_NFS_ROUTINE },
	{ "SETATTR", HANDLE, NJ_NFS_OTHER },
	{ "LOOKUP", HANDLE_NAME, NJ_NFS_FINDS },
	{ "ACCESS", HANDLE, NJ_NFS_ROUTINE },
	{ "READLINK", HANDLE, NJ_NFS_ROUTINE }, { "READ", READ, NJ_NFS_READ },
	{ "WRITE", WRITE, NJ_NFS_WRITE },
	{ "CREATE", HANDLE_NAME, NJ_NFS_FINDS },
	{ "MKDIR", HANDLE_NAME, NJ_NFS_FINDS },
	{ "SYMLINK", SYMLINK3, NJ_NFS_FINDS },
	{ "MKNOD", HANDLE_NAME, NJ_NFS_FINDS },
	{ "REMOVE", HANDLE_NAME, NJ_NFS_OTHER },
	{ "RMDIR", HANDLE_NAME, NJ_NFS_OTHER },
	{ "RENAME", TWO_NAMES, NJ_NFS_OTHER }, { "LINK", LINK, NJ_NFS_OTHER },
	{ "READDIR", HANDLE, NJ_NFS_OTHER },
	{ "READDIRPLUS", HANDLE, NJ_NFS_OTHER },
	{ "FSSTAT", HANDLE, NJ_NFS_OTHER },
	{ "FSINFO", HANDLE, NJ_NFS_ROUTINE },
	{ "PATHCONF", HANDLE, NJ_NFS_ROUTINE },
	{ "COMMIT", HANDLE, NJ_NFS_ROUTINE } };

static const struct procedure mounts[] = { { "NULL", NONE, NJ_NFS_ROUTINE },
	{ "MNT", PATH, NJ_NFS_FINDS }, { "DUMP", NONE, NJ_NFS_OTHER },
	{ "UMNT", PATH, NJ_NFS_OTHER }, { "UMNTALL", NONE, NJ_NFS_OTHER },
	{ "EXPORT", NONE, NJ_NFS_OTHER }, { "EXPORTALL", NONE, NJ_NFS_OTHER },
	{ "PATHCONF", PATH, NJ_NFS_OTHER } };

static const struct procedure unknown = { "unknown", NONE, NJ_NFS_OTHER };

static const struct procedure *
procedure_of(const struct nj_onc *m)
{
	const struct procedure *list = m->program == NJ_ONC_MOUNT ? mounts
				       : m->version == 2          ? two
								  : three;
	size_t n = m->program == NJ_ONC_MOUNT ? nj_countof(mounts)
		   : m->version == 2          ? nj_countof(two)
					      : nj_countof(three);

	return m->procedure < n ? &list[m->procedure] : &unknown;
}

static struct nj_view
handle(struct nj_cur *c, uint32_t version)
{
	struct nj_view v =
		version == 2 ? nj_cur_take(c, HANDLE2) : nj_xdr_opaque(c);

	if (v.len > HANDLE_MAX)
		c->bad = true;
	return c->bad ? (struct nj_view){ 0 } : v;
}

struct nj_view
nj_nfs_name(struct nj_cur *c)
{
	struct nj_view v = nj_xdr_opaque(c);

	if (v.len > NAME)
		c->bad = true;
	return c->bad ? (struct nj_view){ 0 } : v;
}

/* "opaque<>" of which not all need be in hand. */
void
nj_nfs_data(struct nj_cur *c, struct nj_view *data, uint32_t *bytes)
{
	uint32_t len = nj_cur_u32(c);

	if (c->bad)
		return;
	*bytes = len;
	*data = nj_sub(nj_cur_rest(c), 0, len);
	nj_cur_skip(c, (size_t)len + (4 - len % 4) % 4);
}

/* Six settable attributes, each behind a flag (RFC 1813 2.5 sattr3). */
static void
skip_attributes(struct nj_cur *c)
{
	static const uint8_t bytes[4] = { 4, 4, 4, 8 };

	for (unsigned i = 0; i < 4; i++)
		if (nj_cur_u32(c))
			nj_cur_skip(c, bytes[i]);
	for (unsigned i = 0; i < 2; i++)
		if (nj_cur_u32(c) == 2)
			nj_cur_skip(c, 8);
}

static void
read_or_write(
	struct nj_nfs_ask *out, uint32_t version, bool write, struct nj_cur *c)
{
	if (version == 2 && write)
		nj_cur_skip(c, 4);
	out->offset = version == 2 ? nj_cur_u32(c) : nj_cur_u64(c);
	out->count = nj_cur_u32(c);
	if (!write)
		return;
	if (version != 2)
		nj_cur_skip(c, 4);
	nj_nfs_data(c, &out->data, &out->data_bytes);
	out->count = out->data_bytes;
}

static void
arguments(struct nj_nfs_ask *out, uint8_t shape, uint32_t version,
	struct nj_cur *c)
{
	if (shape == NONE)
		return;
	if (shape == PATH) {
		out->name = nj_nfs_name(c);
		return;
	}
	out->handle = handle(c, version);
	switch (shape) {
	case LINK:
		(void)handle(c, version);
		out->new_name = nj_nfs_name(c);
		break;
	case READ:
	case WRITE:
		read_or_write(out, version, shape == WRITE, c);
		break;
	case HANDLE:
		break;
	default:
		out->name = nj_nfs_name(c);
		break;
	}
	if (shape == TWO_NAMES)
		(void)handle(c, version);
	if (shape == SYMLINK3)
		skip_attributes(c);
	if (shape == TWO_NAMES || shape == SYMLINK2 || shape == SYMLINK3)
		out->new_name = nj_nfs_name(c);
}

void
nj_nfs_ask(struct nj_nfs_ask *out, const struct nj_onc *m, struct nj_cur c)
{
	const struct procedure *p;

	*out = (struct nj_nfs_ask){ 0 };
	if (m->program == NJ_ONC_NFS && m->version == 4) {
		nj_nfs4_ask(out, m->procedure, c);
		return;
	}
	p = procedure_of(m);
	out->procedure = p->name;
	out->kind = p->kind;
	arguments(
		out, p->shape, m->program == NJ_ONC_MOUNT ? 3 : m->version, &c);
}

static void
found(struct nj_nfs_answer *out, const struct nj_onc *call, struct nj_cur *c)
{
	bool mount = call->program == NJ_ONC_MOUNT;
	uint32_t version = mount && call->version < 3 ? 2
			   : mount                    ? 3
						      : call->version;

	/* What is made may come back without a handle. */
	if (!mount && version == 3 && call->procedure != 3 && !nj_cur_u32(c))
		return;
	out->handle = handle(c, version);
}

static void
read_answer(struct nj_nfs_answer *out, uint32_t version, uint32_t asked,
	struct nj_cur *c)
{
	if (version == 2) {
		nj_cur_skip(c, FATTR2);
		nj_nfs_data(c, &out->data, &out->data_bytes);
		out->eof = out->data_bytes < asked;
		return;
	}
	if (nj_cur_u32(c))
		nj_cur_skip(c, FATTR3);
	nj_cur_skip(c, 4);
	out->eof = nj_cur_u32(c) != 0;
	nj_nfs_data(c, &out->data, &out->data_bytes);
}

void
nj_nfs_answer(struct nj_nfs_answer *out, const struct nj_onc *call,
	const struct nj_nfs_ask *ask, struct nj_cur c)
{
	const struct procedure *p = procedure_of(call);

	*out = (struct nj_nfs_answer){ 0 };
	if (call->program == NJ_ONC_NFS && call->version == 4) {
		nj_nfs4_answer(out, call->procedure, c);
		return;
	}
	/* NULL, and lists of the mount protocol, have no status. */
	if (!call->procedure ||
		(call->program == NJ_ONC_MOUNT && call->procedure != 1))
		return;
	out->status = nj_cur_u32(&c);
	out->has_status = !c.bad;
	if (c.bad || out->status)
		return;
	if (p->kind == NJ_NFS_FINDS)
		found(out, call, &c);
	else if (p->kind == NJ_NFS_READ)
		read_answer(out, call->version, ask->count, &c);
}

const char *
nj_nfs_status(uint32_t status)
{
	static const struct {
		uint32_t status;
		const char *name;
	} names[] = { { 0, "OK" }, { 1, "ERR_PERM" }, { 2, "ERR_NOENT" },
		{ 5, "ERR_IO" }, { 6, "ERR_NXIO" }, { 13, "ERR_ACCES" },
		{ 17, "ERR_EXIST" }, { 18, "ERR_XDEV" }, { 19, "ERR_NODEV" },
		{ 20, "ERR_NOTDIR" }, { 21, "ERR_ISDIR" }, { 22, "ERR_INVAL" },
		{ 27, "ERR_FBIG" }, { 28, "ERR_NOSPC" }, { 30, "ERR_ROFS" },
		{ 31, "ERR_MLINK" }, { 63, "ERR_NAMETOOLONG" },
		{ 66, "ERR_NOTEMPTY" }, { 69, "ERR_DQUOT" },
		{ 70, "ERR_STALE" }, { 71, "ERR_REMOTE" }, { 99, "ERR_WFLUSH" },
		{ 10001, "ERR_BADHANDLE" }, { 10002, "ERR_NOT_SYNC" },
		{ 10003, "ERR_BAD_COOKIE" }, { 10004, "ERR_NOTSUPP" },
		{ 10005, "ERR_TOOSMALL" }, { 10006, "ERR_SERVERFAULT" },
		{ 10007, "ERR_BADTYPE" }, { 10008, "ERR_DELAY" },
		{ 10009, "ERR_SAME" }, { 10010, "ERR_DENIED" },
		{ 10011, "ERR_EXPIRED" }, { 10012, "ERR_LOCKED" },
		{ 10013, "ERR_GRACE" }, { 10014, "ERR_FHEXPIRED" },
		{ 10015, "ERR_SHARE_DENIED" }, { 10016, "ERR_WRONGSEC" },
		{ 10017, "ERR_CLID_INUSE" }, { 10018, "ERR_RESOURCE" },
		{ 10019, "ERR_MOVED" }, { 10020, "ERR_NOFILEHANDLE" },
		{ 10021, "ERR_MINOR_VERS_MISMATCH" },
		{ 10022, "ERR_STALE_CLIENTID" }, { 10023, "ERR_STALE_STATEID" },
		{ 10024, "ERR_OLD_STATEID" }, { 10025, "ERR_BAD_STATEID" },
		{ 10026, "ERR_BAD_SEQID" }, { 10027, "ERR_NOT_SAME" },
		{ 10036, "ERR_BADXDR" }, { 10038, "ERR_OPENMODE" },
		{ 10044, "ERR_OP_ILLEGAL" }, { 10052, "ERR_BADSESSION" } };

	for (unsigned i = 0; i < nj_countof(names); i++)
		if (names[i].status == status)
			return names[i].name;
	return NULL;
}
