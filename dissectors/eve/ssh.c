/*
 * ssh.c - EVE "ssh" of the ssh log.
 */
#include "dissectors/eve/maps.h"

/* "SSH-2.0-OpenSSH_9.2 Debian" has a version and, after it, a name. */
static void
put_part(struct nj_eve *e, const char *path, const struct nj_row_field *f,
	unsigned part)
{
	struct nj_view v = nj_sub(f->bytes, NJ_LIT("SSH-").len, SIZE_MAX);
	struct nj_view rest;
	size_t n = nj_view_chr(v, '-');

	if (n == SIZE_MAX)
		return;
	rest = nj_sub(v, n + 1, v.len);
	rest = nj_sub(rest, 0, nj_min(nj_view_chr(rest, ' '), rest.len));
	nj_json_str(
		&e->json, nj_eve_key(e, path), part ? rest : nj_sub(v, 0, n));
}

static void
put_proto(struct nj_eve *e, const char *path, const struct nj_row_field *f)
{
	put_part(e, path, f, 0);
}

static void
put_software(struct nj_eve *e, const char *path, const struct nj_row_field *f)
{
	put_part(e, path, f, 1);
}

static const struct nj_eve_rule rules[] = {
	{ "client", "ssh.client.proto_version", put_proto },
	{ "client", "ssh.client.software_version", put_software },
	{ "hassh", "ssh.client.hassh.hash" },
	{ "server", "ssh.server.proto_version", put_proto },
	{ "server", "ssh.server.software_version", put_software },
	{ "hasshServer", "ssh.server.hassh.hash" },
	{ 0 },
};

const struct nj_eve_map nj_eve_ssh = { "ssh", "ssh", rules, NULL };
