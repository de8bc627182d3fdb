/*
 * nfs4.c - compounds of NFS version 4 (RFC 7530 section 16, RFC 8881 section
 * 18): operations are read one after another, up to one whose form is not
 * known here; what stands behind it stays unread.
 */
#include "dissectors/shared/nfs_priv.h"

enum { STATEID = 16, VERIFIER = 8, SESSION = 16, CHANGE = 20, OPS_READ = 32 };

enum op {
	ACCESS = 3,
	CLOSE,
	COMMIT,
	CREATE,
	DELEGPURGE,
	DELEGRETURN,
	GETATTR,
	GETFH,
	LINK,
	LOCK,
	LOCKT,
	LOCKU,
	LOOKUP,
	LOOKUPP,
	NVERIFY,
	OPEN,
	OPENATTR,
	OPEN_CONFIRM,
	OPEN_DOWNGRADE,
	PUTFH,
	PUTPUBFH,
	PUTROOTFH,
	READ,
	READDIR,
	READLINK,
	REMOVE,
	RENAME,
	RENEW,
	RESTOREFH,
	SAVEFH,
	SECINFO,
	SETATTR,
	SETCLIENTID,
	SETCLIENTID_CONFIRM,
	VERIFY,
	WRITE,
	RELEASE_LOCKOWNER,
	SECINFO_NO_NAME = 52,
	SEQUENCE = 53,
	DESTROY_SESSION = 44,
	DESTROY_CLIENTID = 57,
	RECLAIM_COMPLETE = 58
};

const char *
nj_nfs_operation(uint8_t op)
{
	static const char *const names[] = { [ACCESS] = "ACCESS",
		[CLOSE] = "CLOSE",
		[COMMIT] = "COMMIT",
		[CREATE] = "CREATE",
		[DELEGPURGE] = "DELEGPURGE",
		[DELEGRETURN] = "DELEGRETURN",
		[GETATTR] = "GETATTR",
		[GETFH] = "GETFH",
		[LINK] = "LINK",
		[LOCK] = "LOCK",
		[LOCKT] = "LOCKT",
		[LOCKU] = "LOCKU",
		[LOOKUP] = "LOOKUP",
		[LOOKUPP] = "LOOKUPP",
		[NVERIFY] = "NVERIFY",
		[OPEN] = "OPEN",
		[OPENATTR] = "OPENATTR",
		[OPEN_CONFIRM] = "OPEN_CONFIRM",
		[OPEN_DOWNGRADE] = "OPEN_DOWNGRADE",
		[PUTFH] = "PUTFH",
		[PUTPUBFH] = "PUTPUBFH",
		[PUTROOTFH] = "PUTROOTFH",
		[READ] = "READ",
		[READDIR] = "READDIR",
		[READLINK] = "READLINK",
		[REMOVE] = "REMOVE",
		[RENAME] = "RENAME",
		[RENEW] = "RENEW",
		[RESTOREFH] = "RESTOREFH",
		[SAVEFH] = "SAVEFH",
		[SECINFO] = "SECINFO",
		[SETATTR] = "SETATTR",
		[SETCLIENTID] = "SETCLIENTID",
		[SETCLIENTID_CONFIRM] = "SETCLIENTID_CONFIRM",
		[VERIFY] = "VERIFY",
		[WRITE] = "WRITE",
		[RELEASE_LOCKOWNER] = "RELEASE_LOCKOWNER",
		[40] = "BACKCHANNEL_CTL",
		[41] = "BIND_CONN_TO_SESSION",
		[42] = "EXCHANGE_ID",
		[43] = "CREATE_SESSION",
		[DESTROY_SESSION] = "DESTROY_SESSION",
		[45] = "FREE_STATEID",
		[46] = "GET_DIR_DELEGATION",
		[47] = "GETDEVICEINFO",
		[48] = "GETDEVICELIST",
		[49] = "LAYOUTCOMMIT",
		[50] = "LAYOUTGET",
		[51] = "LAYOUTRETURN",
		[SECINFO_NO_NAME] = "SECINFO_NO_NAME",
		[SEQUENCE] = "SEQUENCE",
		[54] = "SET_SSV",
		[55] = "TEST_STATEID",
		[56] = "WANT_DELEGATION",
		[DESTROY_CLIENTID] = "DESTROY_CLIENTID",
		[RECLAIM_COMPLETE] = "RECLAIM_COMPLETE" };

	return op < nj_countof(names) && names[op] ? names[op] : "unknown";
}

static void
skip_fattr(struct nj_cur *c)
{
	nj_xdr_skip_words(c);
	(void)nj_xdr_opaque(c);
}

static void
skip_locker(struct nj_cur *c)
{
	if (!nj_cur_u32(c)) {
		nj_cur_skip(c, STATEID + 4);
		return;
	}
	nj_cur_skip(c, 4 + STATEID + 4 + 8);
	(void)nj_xdr_opaque(c);
}

/* Which file an open is about, and whether it may be made. */
static void
open_ask(struct nj_nfs_ask *out, struct nj_cur *c)
{
	uint32_t how;

	nj_cur_skip(c, 12 + 8);
	(void)nj_xdr_opaque(c);
	if (nj_cur_u32(c)) {
		how = nj_cur_u32(c);
		if (how >= 2)
			nj_cur_skip(c, VERIFIER);
		if (how != 2)
			skip_fattr(c);
	}
	switch (nj_cur_u32(c)) {
	case 0:
	case 3:
		out->name = nj_nfs_name(c);
		break;
	case 1:
		nj_cur_skip(c, 4);
		break;
	case 2:
		nj_cur_skip(c, STATEID);
		out->name = nj_nfs_name(c);
		break;
	case 5:
		nj_cur_skip(c, STATEID);
		break;
	case 4:
	case 6:
		break;
	default:
		c->bad = true;
		break;
	}
}

static void
create_ask(struct nj_nfs_ask *out, struct nj_cur *c)
{
	uint32_t type = nj_cur_u32(c);

	if (type == 5)
		out->new_name = nj_nfs_name(c);
	else if (type == 3 || type == 4)
		nj_cur_skip(c, 8);
	out->name = nj_nfs_name(c);
	skip_fattr(c);
}

/* Operations whose arguments have a fixed length; -1: others. */
static int
fixed_ask(uint32_t op)
{
	switch (op) {
	case GETFH:
	case LOOKUPP:
	case PUTPUBFH:
	case PUTROOTFH:
	case READLINK:
	case RESTOREFH:
	case SAVEFH:
		return 0;
	case ACCESS:
	case OPENATTR:
	case RECLAIM_COMPLETE:
	case SECINFO_NO_NAME:
		return 4;
	case DELEGPURGE:
	case RENEW:
	case DESTROY_CLIENTID:
		return 8;
	case COMMIT:
		return 12;
	case DELEGRETURN:
		return STATEID;
	case DESTROY_SESSION:
		return SESSION;
	case CLOSE:
	case OPEN_CONFIRM:
		return STATEID + 4;
	case SETCLIENTID_CONFIRM:
		return 8 + VERIFIER;
	case OPEN_DOWNGRADE:
		return STATEID + 12;
	case SEQUENCE:
		return SESSION + 16;
	case LOCKU:
		return 8 + STATEID + 16;
	default:
		return -1;
	}
}

/* Operations that are only to be passed over. False for one whose form is not
 * known. */
static bool
long_ask(uint32_t op, struct nj_cur *c)
{
	switch (op) {
	case LOCK:
		nj_cur_skip(c, 8 + 16);
		skip_locker(c);
		break;
	case LOCKT:
		nj_cur_skip(c, 4 + 16 + 8);
		(void)nj_xdr_opaque(c);
		break;
	case SETCLIENTID:
		nj_cur_skip(c, VERIFIER);
		(void)nj_xdr_opaque(c);
		nj_cur_skip(c, 4);
		(void)nj_xdr_opaque(c);
		(void)nj_xdr_opaque(c);
		nj_cur_skip(c, 4);
		break;
	default:
		return false;
	}
	return !c->bad;
}

static bool
op_ask(struct nj_nfs_ask *out, uint32_t op, struct nj_cur *c)
{
	int fixed = fixed_ask(op);

	if (fixed >= 0) {
		nj_cur_skip(c, (size_t)fixed);
		return !c->bad;
	}
	switch (op) {
	case PUTFH:
		out->handle = nj_xdr_opaque(c);
		break;
	case LOOKUP:
	case REMOVE:
	case SECINFO:
		out->name = nj_nfs_name(c);
		break;
	case LINK:
		out->new_name = nj_nfs_name(c);
		break;
	case RENAME:
		out->name = nj_nfs_name(c);
		out->new_name = nj_nfs_name(c);
		break;
	case OPEN:
		open_ask(out, c);
		break;
	case CREATE:
		create_ask(out, c);
		break;
	case GETATTR:
		nj_xdr_skip_words(c);
		break;
	case SETATTR:
		nj_cur_skip(c, STATEID);
		skip_fattr(c);
		break;
	case VERIFY:
	case NVERIFY:
		skip_fattr(c);
		break;
	case READ:
		nj_cur_skip(c, STATEID);
		out->offset = nj_cur_u64(c);
		out->count = nj_cur_u32(c);
		break;
	case WRITE:
		nj_cur_skip(c, STATEID);
		out->offset = nj_cur_u64(c);
		nj_cur_skip(c, 4);
		nj_nfs_data(c, &out->data, &out->data_bytes);
		out->count = out->data_bytes;
		break;
	case READDIR:
		nj_cur_skip(c, 8 + VERIFIER + 8);
		nj_xdr_skip_words(c);
		break;
	default:
		return long_ask(op, c);
	}
	return !c->bad;
}

/* How much an operation says about its compound: the highest names it. */
static unsigned
weight(uint32_t op)
{
	switch (op) {
	case SEQUENCE:
	case PUTFH:
	case PUTROOTFH:
	case PUTPUBFH:
	case SAVEFH:
	case RESTOREFH:
		return 0;
	case GETFH:
	case GETATTR:
	case ACCESS:
	case RENEW:
		return 1;
	case LOOKUP:
	case LOOKUPP:
	case CLOSE:
	case COMMIT:
		return 2;
	default:
		return 3;
	}
}

static uint8_t
kind_of(uint32_t op)
{
	switch (op) {
	case READ:
		return NJ_NFS_READ;
	case WRITE:
		return NJ_NFS_WRITE;
	case LOOKUP:
	case OPEN:
	case CREATE:
		return NJ_NFS_FINDS;
	case SEQUENCE:
	case PUTFH:
	case PUTROOTFH:
	case GETFH:
	case GETATTR:
	case ACCESS:
	case RENEW:
	case CLOSE:
	case COMMIT:
	case READLINK:
		return NJ_NFS_ROUTINE;
	default:
		return NJ_NFS_OTHER;
	}
}

void
nj_nfs4_ask(struct nj_nfs_ask *out, uint32_t procedure, struct nj_cur c)
{
	uint32_t n;
	unsigned best = 0;

	out->procedure = procedure ? "COMPOUND" : "NULL";
	out->kind = procedure ? NJ_NFS_OTHER : NJ_NFS_ROUTINE;
	if (procedure != 1)
		return;
	(void)nj_xdr_opaque(&c); /* a tag, for people */
	nj_cur_skip(&c, 4);
	n = nj_cur_u32(&c);
	for (uint32_t i = 0; i < n && i < OPS_READ && nj_cur_left(&c); i++) {
		uint32_t op = nj_cur_u32(&c);

		if (c.bad || op > UINT8_MAX)
			return;
		if (out->n_ops < NJ_NFS_OPS_MAX)
			out->ops[out->n_ops++] = (uint8_t)op;
		if (!i || weight(op) > best) {
			best = weight(op);
			out->procedure = nj_nfs_operation((uint8_t)op);
			out->kind = kind_of(op);
		}
		if (!op_ask(out, op, &c))
			return;
	}
}

/* ---- Replies ---- */

static void
open_answer(struct nj_cur *c)
{
	uint32_t type;

	nj_cur_skip(c, STATEID + CHANGE + 4);
	nj_xdr_skip_words(c);
	type = nj_cur_u32(c);
	if (type == 0)
		return;
	if (type == 3) {
		uint32_t why = nj_cur_u32(c);

		if (why == 1 || why == 2)
			nj_cur_skip(c, 4);
		return;
	}
	nj_cur_skip(c, STATEID + 4);
	if (type == 2)
		nj_cur_skip(c, 4 + 8);
	nj_cur_skip(c, 12);
	(void)nj_xdr_opaque(c);
	if (type > 3)
		c->bad = true;
}

static int
fixed_answer(uint32_t op)
{
	switch (op) {
	case PUTFH:
	case PUTPUBFH:
	case PUTROOTFH:
	case LOOKUP:
	case LOOKUPP:
	case SAVEFH:
	case RESTOREFH:
	case RENEW:
	case VERIFY:
	case NVERIFY:
	case DELEGRETURN:
	case OPENATTR:
	case RECLAIM_COMPLETE:
		return 0;
	case ACCESS:
	case COMMIT:
		return 8;
	case CLOSE:
	case LOCK:
	case LOCKU:
	case OPEN_CONFIRM:
	case OPEN_DOWNGRADE:
	case SETCLIENTID:
	case WRITE:
		return 16;
	case REMOVE:
	case LINK:
		return CHANGE;
	case RENAME:
		return 2 * CHANGE;
	case SEQUENCE:
		return SESSION + 20;
	default:
		return -1;
	}
}

static bool
op_answer(struct nj_nfs_answer *out, uint32_t op, struct nj_cur *c)
{
	int fixed = fixed_answer(op);

	if (fixed >= 0) {
		nj_cur_skip(c, (size_t)fixed);
		return !c->bad;
	}
	switch (op) {
	case GETFH:
		out->handle = nj_xdr_opaque(c);
		break;
	case GETATTR:
		skip_fattr(c);
		break;
	case OPEN:
		open_answer(c);
		break;
	case CREATE:
		nj_cur_skip(c, CHANGE);
		nj_xdr_skip_words(c);
		break;
	case READ:
		out->eof = nj_cur_u32(c) != 0;
		nj_nfs_data(c, &out->data, &out->data_bytes);
		break;
	case READLINK:
		(void)nj_xdr_opaque(c);
		break;
	case SETATTR:
		nj_xdr_skip_words(c);
		break;
	default:
		return false;
	}
	return !c->bad;
}

void
nj_nfs4_answer(struct nj_nfs_answer *out, uint32_t procedure, struct nj_cur c)
{
	uint32_t n;

	if (procedure != 1)
		return;
	out->status = nj_cur_u32(&c);
	out->has_status = !c.bad;
	(void)nj_xdr_opaque(&c);
	n = nj_cur_u32(&c);
	for (uint32_t i = 0; i < n && i < OPS_READ && nj_cur_left(&c); i++) {
		uint32_t op = nj_cur_u32(&c), status = nj_cur_u32(&c);

		/* The first that fails is the last. */
		if (c.bad || status || !op_answer(out, op, &c))
			return;
	}
}
