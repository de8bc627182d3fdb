/*
 * nfs.c - EVE "nfs" of the nfs log: calls to a file server with their
 * answers; mounts are no event there.
 */
#include "dissectors/eve/maps.h"

static bool
takes(const struct nj_eve *e)
{
	const struct nj_row_field *program = nj_eve_value(e, "program");

	return program && nj_view_eq(program->bytes, NJ_LIT("nfs"));
}

static bool
is_rename(const struct nj_eve *e)
{
	const struct nj_row_field *f = nj_eve_value(e, "procedure");

	return f && nj_view_eq(f->bytes, NJ_LIT("RENAME"));
}

static void
put_rename(struct nj_eve *e, const char *path, const struct nj_row_field *f)
{
	if (is_rename(e))
		nj_json_str(&e->json, nj_eve_key(e, path), f->bytes);
}

static void
put_type(struct nj_eve *e, const char *path, const struct nj_row_field *f)
{
	(void)f;
	nj_json_text(&e->json, nj_eve_key(e, path),
		nj_eve_value(e, "status") ? "response" : "request");
}

static const struct nj_eve_rule rules[] = {
	{ "xid", "rpc.xid", NULL },
	{ "machine", "rpc.creds.machine_name", NULL },
	{ "unix_uid", "rpc.creds.uid", NULL },
	{ "unix_gid", "rpc.creds.gid", NULL },
	{ "version", "nfs.version", NULL },
	{ "procedure", "nfs.procedure", NULL },
	{ "name", "nfs.filename", NULL },
	{ "handle", "nfs.hhash", NULL },
	{ NULL, "nfs.type", put_type },
	{ "status", "nfs.status", NULL },
	{ "name", "nfs.rename.from", put_rename },
	{ "rename_to", "nfs.rename.to", put_rename },
	{ 0 },
};

const struct nj_eve_map nj_eve_nfs = { "nfs", "nfs", rules, takes };
