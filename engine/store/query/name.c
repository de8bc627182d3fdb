/*
 * name.c - what the names of fields and log types in a query stand for. A
 * record's own field comes first; besides there are the names of the
 * operator manual's Advanced Search, of the Elastic Common Schema, and some
 * that mean either side of a flow. All of them are one table, from which the
 * reference page is printed too.
 */
#include "engine/base/nearest.h"
#include "engine/store/query/query_priv.h"

/* ---- Tables ---- */
/* What every record has without listing it. */
static const struct head {
	const char *name;
	uint8_t id, type;
	bool ids; /* not in log types without id.* */
	bool exact;
} heads[] = {
	{ "ts", NJ_COL_TS, NJ_T_TIME, false, false },
	{ "uid", NJ_COL_UID, NJ_T_STR, false, true },
	{ "id.orig_h", NJ_COL_ORIG_H, NJ_T_ADDR, true, false },
	{ "id.orig_p", NJ_COL_ORIG_P, NJ_T_U16, true, false },
	{ "id.resp_h", NJ_COL_RESP_H, NJ_T_ADDR, true, false },
	{ "id.resp_p", NJ_COL_RESP_P, NJ_T_U16, true, false },
	{ "vlan", NJ_COL_VLAN, NJ_T_U16, false, false },
	{ "inner_vlan", NJ_COL_VLAN_INNER, NJ_T_U16, false, false },
	{ "ip_proto", NJ_COL_IP_PROTO, NJ_T_U8, false, false },
	{ "orig_l2_addr", NJ_COL_MAC_ORIG, NJ_T_U64, false, false },
	{ "resp_l2_addr", NJ_COL_MAC_RESP, NJ_T_U64, false, false },
};

/* name means target too; rows with one name are alternatives. */
static const struct alias {
	const char *name;
	const char *type; /* only in this log type; NULL: in all */
	const char *target;
} aliases[] = {
	{ "@timestamp", NULL, "ts" },
	{ "source_ip", NULL, "id.orig_h" },
	{ "source_ip", "arp", "sender_addr" },
	{ "source_ip", "dhcp", "client_addr" },
	{ "dest_ip", NULL, "id.resp_h" },
	{ "dest_ip", "arp", "target_addr" },
	{ "dest_ip", "dhcp", "server_addr" },
	{ "source_port", NULL, "id.orig_p" },
	{ "dest_port", NULL, "id.resp_p" },
	{ "src_ip", NULL, "id.orig_h" },
	{ "src_port", NULL, "id.orig_p" },
	{ "dst_ip", NULL, "id.resp_h" },
	{ "dst_port", NULL, "id.resp_p" },
	{ "orig_h", NULL, "id.orig_h" },
	{ "orig_p", NULL, "id.orig_p" },
	{ "resp_h", NULL, "id.resp_h" },
	{ "resp_p", NULL, "id.resp_p" },
	{ "source.ip", NULL, "id.orig_h" },
	{ "source.port", NULL, "id.orig_p" },
	{ "destination.ip", NULL, "id.resp_h" },
	{ "destination.port", NULL, "id.resp_p" },
	{ "src_mac", NULL, "orig_l2_addr" },
	{ "dest_mac", NULL, "resp_l2_addr" },
	{ "ip", NULL, "id.orig_h" },
	{ "ip", NULL, "id.resp_h" },
	{ "ip", "arp", "sender_addr" },
	{ "ip", "arp", "target_addr" },
	{ "ip", "dhcp", "client_addr" },
	{ "ip", "dhcp", "assigned_addr" },
	{ "ip", "dhcp", "server_addr" },
	{ "port", NULL, "id.orig_p" },
	{ "port", NULL, "id.resp_p" },
	{ "mac", NULL, "orig_l2_addr" },
	{ "mac", NULL, "resp_l2_addr" },
	{ "mac", NULL, "mac_src" },
	{ "mac", NULL, "mac_dst" },
	{ "mac", "arp", "sender_mac" },
	{ "mac", "arp", "target_mac" },
	{ "conn_state", "conn", "history" },
	{ "principal_name", "kerberos", "client" },
	{ "auth_ticket_cipher", "kerberos", "cipher" },
	{ "query_type", "dns", "qtype_name" },
	{ "certificate_serial", "x509", "certificate.serial" },
	{ "hostname", "dhcp", "host_name" },
	{ "filename", "smb_files", "name" },
	{ "read_size", "smb_files", "bytes_read" },
	{ "write_size", "smb_files", "bytes_written" },
	{ "note", "weird", "name" },
	{ "note", "sensor", "what" },
	{ "msg", "weird", "addl" },
	{ "msg", "sensor", "reason" },
};

/* @type:name finds the log type too. */
static const struct {
	const char *name, *type;
} type_aliases[] = {
	{ "notice", "notice" },
	{ "notice", "weird" },
	{ "notice", "sensor" },
	{ "ldap_bind", "ldap" },
	{ "files_identified", "files" },
};

static const struct {
	const char *name;
	enum nj_query_name kind;
	const char *text;
} specials[] = {
	{ "@type", NJ_NAME_TYPE, "log type, the manual's names too" },
	{ "_path", NJ_NAME_TYPE, "log type, the manual's names too" },
	{ "@message", NJ_NAME_TEXT, "all text, as words without a field" },
	{ "_all", NJ_NAME_TEXT, "all text, as words without a field" },
};

/* Texts in which case has a meaning, of any log type; so it has in names that
 * end in fuid or fuids. */
static const char *const exact_names[] = {
	"uids",
	"tunnel_parents",
	"history",
	"ssl_history",
	"conn_state",
	"community_id",
	"host_key_fingerprint",
};

/* Texts that are lists: a value matches the whole or one of the parts. */
static const struct {
	const char *type, *field;
	uint8_t between;
	const char *text;
} lists[] = {
	{ "conn", "service", ',', "a comma" },
	{ "kerberos", "client", '/', "a slash (name and realm)" },
};

static const char *const mac_names[] = { "mac", "mac_src", "mac_dst",
	"sender_mac", "target_mac", "frame_mac", "nb_mac", "orig_l2_addr",
	"resp_l2_addr" };

/* ---- Fields ---- */
/* Whether name is the field's, in whose member two underscores are a dot. */
static bool
field_is(const struct nj_field *f, struct nj_view name)
{
	const char *m = f->member;
	size_t i = 0;

	for (; i < name.len && *m; i++, m++) {
		bool dot = m[0] == '_' && m[1] == '_';

		if (name.data[i] != (uint8_t)(dot ? '.' : *m))
			return false;
		m += dot;
	}
	return i == name.len && !*m;
}

static bool
is_one_of(const struct nj_field *f, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (field_is(f, nj_str(names[i])))
			return true;
	return false;
}

static bool
ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n >= m && strcmp(text + n - m, end) == 0;
}

static struct nj_query_column
column_of(const struct nj_event_desc *desc, const struct nj_field *f)
{
	struct nj_query_column c = { .id = f->id, .type = f->type };

	if (f->type != NJ_T_STR && f->type != NJ_T_VSTR)
		return c;
	c.exact = ends_with(f->member, "fuid") ||
		  ends_with(f->member, "fuids") ||
		  is_one_of(f, exact_names, nj_countof(exact_names));
	c.mac = is_one_of(f, mac_names, nj_countof(mac_names));
	for (size_t i = 0; i < nj_countof(lists); i++)
		if (strcmp(desc->name, lists[i].type) == 0 &&
			field_is(f, nj_str(lists[i].field)))
			c.list = lists[i].between;
	return c;
}

/* The manual's way: @fields.x, and the fields of Elasticsearch's documents. */
static struct nj_view
plain_name(struct nj_view name)
{
	return nj_view_starts(name, NJ_LIT("@fields."))
		       ? nj_sub(name, strlen("@fields."), name.len)
		       : name;
}

enum nj_query_name
nj_query_name_kind(struct nj_view name)
{
	name = plain_name(name);
	for (size_t i = 0; i < nj_countof(specials); i++)
		if (nj_view_eq(name, nj_str(specials[i].name)))
			return specials[i].kind;
	return NJ_NAME_COLUMN;
}

/* Adds the column that a record itself has under the name. */
static unsigned
add_own(const struct nj_event_desc *desc, struct nj_view name,
	struct nj_query_column *out)
{
	for (unsigned i = 0; i < desc->count; i++) {
		if (!field_is(&desc->fields[i], name))
			continue;
		*out = column_of(desc, &desc->fields[i]);
		return 1;
	}
	for (size_t i = 0; i < nj_countof(heads); i++) {
		if (!nj_view_eq(name, nj_str(heads[i].name)) ||
			(heads[i].ids && desc->flags & NJ_EV_NO_ID))
			continue;
		*out = (struct nj_query_column){ .id = heads[i].id,
			.type = heads[i].type,
			.exact = heads[i].exact };
		return 1;
	}
	return 0;
}

static bool
is_known_column(const struct nj_query_column *have, unsigned n,
	struct nj_query_column c)
{
	for (unsigned i = 0; i < n; i++)
		if (have[i].id == c.id)
			return true;
	return false;
}

_Static_assert(nj_countof(aliases) < NJ_QUERY_COLUMNS_MAX,
	"a name has room for its own column and all aliases");

unsigned
nj_query_columns(const struct nj_event_desc *desc, struct nj_view name,
	struct nj_query_column out[NJ_QUERY_COLUMNS_MAX])
{
	unsigned n;

	name = plain_name(name);
	n = add_own(desc, name, out);
	for (size_t i = 0; i < nj_countof(aliases); i++) {
		const struct alias *a = &aliases[i];

		if (!nj_view_eq(name, nj_str(a->name)) ||
			(a->type && strcmp(a->type, desc->name) != 0) ||
			!add_own(desc, nj_str(a->target), &out[n]) ||
			is_known_column(out, n, out[n]))
			continue;
		out[n++].maybe_history = strcmp(a->name, "conn_state") == 0;
	}
	return n;
}

unsigned
nj_query_text_columns(const struct nj_event_desc *desc,
	struct nj_query_column out[NJ_QUERY_COLUMNS_MAX])
{
	static const char *const names[] = { "uid", "id.orig_h", "id.resp_h" };
	unsigned n = 0;

	for (size_t i = 0; i < nj_countof(names); i++)
		n += add_own(desc, nj_str(names[i]), &out[n]);
	for (unsigned i = 0; i < desc->count; i++) {
		switch (desc->fields[i].type) {
		case NJ_T_STR:
		case NJ_T_VSTR:
		case NJ_T_ADDR:
		case NJ_T_VADDR:
			out[n++] = column_of(desc, &desc->fields[i]);
		}
	}
	return n;
}

const char *
nj_query_head_name(uint8_t id)
{
	for (size_t i = 0; i < nj_countof(heads); i++)
		if (heads[i].id == id)
			return heads[i].name;
	return "";
}

/* ---- Names for people ---- */
/* Hands every name to fn until it gives false. */
static void
each_name(bool (*fn)(void *ctx, struct nj_view name), void *ctx)
{
	const struct nj_event_desc *desc;
	char name[128];
	bool go = true;

	for (size_t i = 0; go && i < nj_countof(specials); i++)
		go = fn(ctx, nj_str(specials[i].name));
	for (size_t i = 0; go && i < nj_countof(heads); i++)
		go = fn(ctx, nj_str(heads[i].name));
	for (size_t i = 0; go && i < nj_countof(aliases); i++)
		go = fn(ctx, nj_str(aliases[i].name));
	for (unsigned t = 0; go && (desc = nj_event_at(t)); t++) {
		if (desc->flags & NJ_EV_EVE)
			continue;
		for (unsigned i = 0; go && i < desc->count; i++) {
			(void)nj_field_name(
				&desc->fields[i], name, sizeof(name));
			go = fn(ctx, nj_str(name));
		}
	}
}

struct known {
	struct nj_view name;
	bool found;
};

static bool
known_try(void *ctx, struct nj_view name)
{
	struct known *k = ctx;

	k->found = nj_view_eq(k->name, name);
	return !k->found;
}

bool
nj_query_name_known(struct nj_view name)
{
	struct known k = { plain_name(name), false };

	each_name(known_try, &k);
	return k.found;
}

struct near {
	struct nj_nearest nearest;
	char *best; /* names do not stay, so the best is copied */
};

static bool
near_try(void *ctx, struct nj_view name)
{
	struct near *n = ctx;

	nj_nearest_try(&n->nearest, name);
	if (n->nearest.best.data == name.data)
		n->nearest.best = nj_str(nj_query_excerpt(name, n->best));
	return true;
}

bool
nj_query_name_nearest(struct nj_view name, char out[NJ_QUERY_EXCERPT])
{
	struct near n = { { .word = plain_name(name) }, out };

	each_name(near_try, &n);
	return n.nearest.best.data != NULL;
}

/* ---- Log types ---- */
bool
nj_query_type_is(const struct nj_event_desc *desc, struct nj_view name)
{
	if (nj_view_caseeq(name, nj_str(desc->name)))
		return true;
	for (size_t i = 0; i < nj_countof(type_aliases); i++)
		if (nj_view_caseeq(name, nj_str(type_aliases[i].name)) &&
			strcmp(type_aliases[i].type, desc->name) == 0)
			return true;
	return false;
}

bool
nj_query_type_known(struct nj_view name, struct nj_view *nearest)
{
	struct nj_nearest n = { .word = name };
	const struct nj_event_desc *desc;

	for (size_t i = 0; i < nj_countof(type_aliases); i++) {
		if (nj_view_caseeq(name, nj_str(type_aliases[i].name)))
			return true;
		nj_nearest_try(&n, nj_str(type_aliases[i].name));
	}
	for (unsigned i = 0; (desc = nj_event_at(i)); i++) {
		if (desc->flags & NJ_EV_EVE)
			continue;
		if (nj_query_type_is(desc, name))
			return true;
		nj_nearest_try(&n, nj_str(desc->name));
	}
	*nearest = n.best;
	return false;
}

/* ---- The reference page ---- */
static const char intro[] =
	"# Names in queries\n"
	"\n"
	"A field is named as in the [log types](logs.md); `@fields.` before a "
	"name says nothing. These names stand for others besides, or for more "
	"than one: a term matches when one of them does. How queries are "
	"written: [search](../operator/search.md).\n";

static const char macs_intro[] =
	"\nMACs are found in any form (`00:1a:2b:3c:4d:5e`, "
	"`00-1A-2B-3C-4D-5E`, `001a.2b3c.4d5e`).\n";

static void
put_specials(struct nj_buf *out)
{
	nj_buf_str(out, "\n## Not of fields\n\n| name | meaning |\n"
			"| --- | --- |\n");
	for (size_t i = 0; i < nj_countof(specials); i++)
		nj_buf_printf(out, "| `%s` | %s |\n", specials[i].name,
			specials[i].text);
	nj_buf_str(out, "| `_exists_` | records that have the field named "
			"by the value |\n");
}

static void
put_heads(struct nj_buf *out)
{
	nj_buf_str(out,
		"\n## In all log types\n\n`id.*` is missing in those that "
		"say so; a field of the log type with the same name comes "
		"first.\n\n");
	for (size_t i = 0; i < nj_countof(heads); i++)
		nj_buf_printf(out, "%s`%s`", i ? ", " : "", heads[i].name);
	nj_buf_str(out, "\n");
}

static void
put_aliases(struct nj_buf *out)
{
	nj_buf_str(out, "\n## Other names\n\n| name | means | in |\n"
			"| --- | --- | --- |\n");
	for (size_t i = 0; i < nj_countof(aliases); i++) {
		const struct alias *a = &aliases[i];

		nj_buf_printf(out, "| `%s` | `%s` | %s |\n", a->name, a->target,
			a->type ? a->type : "all");
	}
	nj_buf_str(out, macs_intro);
	nj_buf_str(out, "\n## Other names of log types\n\n| `@type` | finds |\n"
			"| --- | --- |\n");
	for (size_t i = 0; i < nj_countof(type_aliases); i++)
		nj_buf_printf(out, "| `%s` | `%s` |\n", type_aliases[i].name,
			type_aliases[i].type);
}

void
nj_query_reference(struct nj_buf *out)
{
	nj_buf_str(out, intro);
	put_specials(out);
	put_heads(out);
	put_aliases(out);
	nj_buf_str(out, "\n## Lists in texts\n\nA value matches all of the "
			"text or one part of it.\n\n| log type | field | "
			"between the parts |\n| --- | --- | --- |\n");
	for (size_t i = 0; i < nj_countof(lists); i++)
		nj_buf_printf(out, "| `%s` | `%s` | %s |\n", lists[i].type,
			lists[i].field, lists[i].text);
	nj_buf_str(out, "\n## Case has a meaning\n\nIn all other texts it has "
			"none. `uid`, names that end in `fuid` or `fuids`");
	for (size_t i = 0; i < nj_countof(exact_names); i++)
		nj_buf_printf(out, ", `%s`", exact_names[i]);
	nj_buf_str(out, ".\n\n");
}
