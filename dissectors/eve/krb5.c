/*
 * krb5.c - EVE "krb5" of the kerberos log: one event a request with its
 * answer. What carries a ticket to a service (AP) is no event there.
 */
#include "dissectors/eve/maps.h"

static bool
takes(const struct nj_eve *e)
{
	const struct nj_row_field *type = nj_eve_value(e, "request_type");

	return type && (nj_view_eq(type->bytes, NJ_LIT("AS")) ||
			       nj_view_eq(type->bytes, NJ_LIT("TGS")));
}

static bool
has_failed(const struct nj_eve *e)
{
	const struct nj_row_field *code = nj_eve_value(e, "error_code");

	return code && code->i;
}

/* The last message of the exchange. */
static void
put_msg_type(struct nj_eve *e, const char *path, const struct nj_row_field *f)
{
	static const char *const names[2][2] = { { "KRB_AS_REQ", "KRB_AS_REP" },
		{ "KRB_TGS_REQ", "KRB_TGS_REP" } };
	const struct nj_row_field *success = nj_eve_value(e, "success");
	bool tgs = nj_view_eq(f->bytes, NJ_LIT("TGS"));
	const char *name = names[tgs][success && success->u];

	nj_json_text(&e->json, nj_eve_key(e, path),
		has_failed(e) ? "KRB_ERROR" : name);
	if (has_failed(e))
		nj_json_text(&e->json, nj_eve_key(e, "krb5.failed_request"),
			names[tgs][0]);
}

/* "name/REALM": a name may hold slashes too. */
static size_t
last_slash(struct nj_view v)
{
	size_t at = v.len;

	while (at && v.data[at - 1] != '/')
		at--;
	return at ? at - 1 : SIZE_MAX;
}

static void
put_cname(struct nj_eve *e, const char *path, const struct nj_row_field *f)
{
	nj_json_str(&e->json, nj_eve_key(e, path),
		nj_sub(f->bytes, 0, last_slash(f->bytes)));
}

static void
put_realm(struct nj_eve *e, const char *path, const struct nj_row_field *f)
{
	const struct nj_row_field *client = nj_eve_value(e, "client");
	const struct nj_row_field *realm = nj_eve_value(e, "realm");
	size_t at = client ? last_slash(client->bytes) : SIZE_MAX;

	(void)f;
	if (at != SIZE_MAX)
		nj_json_str(&e->json, nj_eve_key(e, path),
			nj_sub(client->bytes, at + 1, SIZE_MAX));
	else if (realm)
		nj_json_str(&e->json, nj_eve_key(e, path), realm->bytes);
}

static void
put_encryption(struct nj_eve *e, const char *path, const struct nj_row_field *f)
{
	const struct nj_row_field *cipher = nj_eve_value(e, "cipher");

	(void)f;
	nj_json_str(&e->json, nj_eve_key(e, path),
		cipher ? cipher->bytes : NJ_LIT("<none>"));
}

/* DES and RC4 (RFC 6649, RFC 8429). */
static void
put_weak(struct nj_eve *e, const char *path, const struct nj_row_field *f)
{
	const struct nj_row_field *cipher = nj_eve_value(e, "cipher");
	bool weak = cipher &&
		    (nj_view_starts(cipher->bytes, NJ_LIT("rc4")) ||
			    nj_view_starts(cipher->bytes, NJ_LIT("arcfour")) ||
			    nj_view_starts(cipher->bytes, NJ_LIT("des")));

	(void)f;
	nj_json_bool(&e->json, nj_eve_key(e, path), weak);
}

static const struct nj_eve_rule rules[] = {
	{ "request_type", "krb5.msg_type", put_msg_type },
	{ "client", "krb5.cname", put_cname },
	{ NULL, "krb5.realm", put_realm },
	{ "service", "krb5.sname", NULL },
	{ NULL, "krb5.encryption", put_encryption },
	{ NULL, "krb5.weak_encryption", put_weak },
	{ "error_msg", "krb5.error_code", NULL },
	{ 0 },
};

const struct nj_eve_map nj_eve_krb5 = { "kerberos", "krb5", rules, takes };
