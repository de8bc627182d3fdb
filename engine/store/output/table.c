/*
 * table.c - columns of a log type's table and the SQL that declares them.
 *
 * Partitions are days, so that old data leaves by dropping partitions. Within
 * one, rows are sorted by time, which is what searches bound first.
 */
#include "engine/store/output/table.h"

#include <stdio.h>
#include <stdlib.h>

/* How a field's type is declared. Words of protocols are few and repeat; text
 * that may name a person does not. */
static const struct {
	const char *sql[2];
	bool null;
} types[NJ_T_COUNT] = {
	[NJ_T_BOOL] = { { "Nullable(UInt8)", "Nullable(Bool)" }, true },
	[NJ_T_U8] = { { "Nullable(UInt8)", "Nullable(UInt8)" }, true },
	[NJ_T_U16] = { { "Nullable(UInt16)", "Nullable(UInt16)" }, true },
	[NJ_T_U32] = { { "Nullable(UInt32)", "Nullable(UInt32)" }, true },
	[NJ_T_U64] = { { "Nullable(UInt64)", "Nullable(UInt64)" }, true },
	[NJ_T_I64] = { { "Nullable(Int64)", "Nullable(Int64)" }, true },
	[NJ_T_F64] = { { "Nullable(Float64)", "Nullable(Float64)" }, true },
	[NJ_T_TIME] = { { "Nullable(Int64)", "Nullable(DateTime64(9, 'UTC'))" },
		true },
	[NJ_T_IVAL] = { { "Nullable(Int64)", "Nullable(Int64)" }, true },
	[NJ_T_STR] = { { "Nullable(String)",
			       "LowCardinality(Nullable(String))" },
		true },
	[NJ_T_ADDR] = { { "String", "LowCardinality(String)" }, false },
	[NJ_T_VSTR] = { { "Array(String)", "Array(String)" }, false },
	[NJ_T_VU64] = { { "Array(UInt64)", "Array(UInt64)" }, false },
	[NJ_T_VIVAL] = { { "Array(Int64)", "Array(Int64)" }, false },
	[NJ_T_VADDR] = { { "Array(String)", "Array(String)" }, false },
};
static const char *const person_sql[2] = { "Nullable(String)",
	"Nullable(String)" };
/* What the name of an address's bytes ends with. */
static const char ip_end[] = "__ip";
enum { IP_END = sizeof(ip_end) };
static const char *const ip_sql[2] = { "FixedString(16)", "IPv6" };
static const char *const ips_sql[2] = { "Array(FixedString(16))",
	"Array(IPv6)" };

/* What every table begins with. */
static const struct {
	const char *name;
	uint8_t id, type;
	bool answer;
	const char *sql[2];
	const char *codec;
} heads[] = {
	{ "_day", NJ_TCOL_DAY, NJ_T_U16, false, { "Date", "Date" }, "" },
	{ "ts", NJ_COL_TS, NJ_T_TIME, true, { "Int64", "DateTime64(9, 'UTC')" },
		"Delta, ZSTD" },
	{ "uid", NJ_COL_UID, NJ_T_STR, true, { "String", "String" }, "" },
	{ "id_orig_h", NJ_COL_ORIG_H, NJ_T_ADDR, true, { NULL, NULL }, "" },
	{ "id_orig_p", NJ_COL_ORIG_P, NJ_T_U16, true, { "UInt16", "UInt16" },
		"" },
	{ "id_resp_h", NJ_COL_RESP_H, NJ_T_ADDR, true, { NULL, NULL }, "" },
	{ "id_resp_p", NJ_COL_RESP_P, NJ_T_U16, true, { "UInt16", "UInt16" },
		"" },
	{ "_vlan", NJ_COL_VLAN, NJ_T_U16, true, { "UInt16", "UInt16" }, "" },
	{ "_vlan_inner", NJ_COL_VLAN_INNER, NJ_T_U16, true,
		{ "UInt16", "UInt16" }, "" },
	{ "_ip_proto", NJ_COL_IP_PROTO, NJ_T_U8, true, { "UInt8", "UInt8" },
		"" },
	{ "_mac_orig", NJ_COL_MAC_ORIG, NJ_T_U64, true, { "UInt64", "UInt64" },
		"" },
	{ "_mac_resp", NJ_COL_MAC_RESP, NJ_T_U64, true, { "UInt64", "UInt64" },
		"" },
	{ "_order", NJ_TCOL_ORDER, NJ_T_I64, true, { "Int64", "Int64" },
		"Delta, ZSTD" },
	{ "_source", NJ_TCOL_SOURCE, NJ_T_U64, false, { "UInt64", "UInt64" },
		"" },
	{ "_block", NJ_TCOL_BLOCK, NJ_T_U64, false, { "UInt64", "UInt64" },
		"" },
	{ "_has", NJ_TCOL_HAS, NJ_T_U64, true, { "UInt64", "UInt64" }, "" },
};

static bool
is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* 22.3 is the first with all that the current dialect uses that was kept for
 * long by its makers. */
enum nj_dialect
nj_dialect_of(struct nj_view version)
{
	unsigned long major = 0, minor = 0;
	size_t i = 0;

	for (; i < version.len && is_digit(version.data[i]) && i < 4; i++)
		major = major * 10 + (version.data[i] - '0');
	for (i++; i < version.len && is_digit(version.data[i]) && i < 8; i++)
		minor = minor * 10 + (version.data[i] - '0');
	return major > 22 || (major == 22 && minor >= 3) ? NJ_DIALECT_CURRENT
							 : NJ_DIALECT_BASE;
}

static struct nj_table_column *
add(struct nj_table *t, uint8_t id, uint8_t type, const char *const sql[2])
{
	struct nj_table_column *c = &t->column[t->count++];

	*c = (struct nj_table_column){ .id = id,
		.type = type,
		.answer = true,
		.sql = { sql[0], sql[1] },
		.codec = "" };
	return c;
}

/* The bytes beside the text of the address column that was added last. */
static void
add_ip(struct nj_table *t)
{
	struct nj_table_column *c = &t->column[t->count];
	bool many = c[-1].type == NJ_T_VADDR;
	size_t n = strlen(c[-1].name);

	t->count++;
	*c = c[-1];
	c->ip = true;
	c->sql[0] = (many ? ips_sql : ip_sql)[0];
	c->sql[1] = (many ? ips_sql : ip_sql)[1];
	memcpy(c->name + n, ip_end, sizeof(ip_end));
}

static bool
is_addr(uint8_t type)
{
	return type == NJ_T_ADDR || type == NJ_T_VADDR;
}

static void
add_field(struct nj_table *t, const struct nj_field *f)
{
	bool person = f->type == NJ_T_STR && f->flags & NJ_PII;
	struct nj_table_column *c = add(
		t, f->id, f->type, person ? person_sql : types[f->type].sql);

	c->field = f;
	c->null = types[f->type].null;
	(void)nj_field_name(f, c->name, sizeof(c->name) - IP_END);
	for (char *p = c->name; *p; p++)
		if (*p == '.')
			*p = '_';
	if (is_addr(f->type))
		add_ip(t);
}

void
nj_table_make(struct nj_table *t, const struct nj_event_desc *desc)
{
	struct nj_table_column *c;

	t->desc = desc;
	t->count = 0;
	for (size_t i = 0; i < nj_countof(heads); i++) {
		c = add(t, heads[i].id, heads[i].type,
			heads[i].sql[0] ? heads[i].sql
					: types[heads[i].type].sql);
		c->answer = heads[i].answer;
		c->codec = heads[i].codec;
		(void)snprintf(c->name, sizeof(c->name), "%s", heads[i].name);
		if (is_addr(c->type))
			add_ip(t);
	}
	for (unsigned i = 0; i < desc->count; i++)
		add_field(t, &desc->fields[i]);
}

const struct nj_table_column *
nj_table_find(const struct nj_table *t, uint8_t id)
{
	for (unsigned i = 0; i < t->count; i++)
		if (t->column[i].id == id)
			return &t->column[i];
	return NULL;
}

/* ---- SQL ---- */

void
nj_sql_name(struct nj_buf *out, const char *name)
{
	nj_buf_char(out, '`');
	for (; *name; name++) {
		if (*name == '`' || *name == '\\')
			nj_buf_char(out, '\\');
		nj_buf_char(out, *name);
	}
	nj_buf_char(out, '`');
}

void
nj_sql_text(struct nj_buf *out, struct nj_view text)
{
	nj_buf_char(out, '\'');
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.data[i];

		if (c < ' ' || c > '~' || c == '\'' || c == '\\')
			nj_buf_printf(out, "\\x%02X", c);
		else
			nj_buf_char(out, (char)c);
	}
	nj_buf_char(out, '\'');
}

void
nj_table_name(struct nj_buf *out, const struct nj_table *t,
	const struct nj_table_place *place)
{
	nj_sql_name(out, place->database);
	nj_buf_char(out, '.');
	nj_sql_name(out, t->desc->name);
}

static void
put_column(struct nj_buf *out, const struct nj_table_column *c,
	const struct nj_table_place *place)
{
	nj_sql_name(out, c->name);
	nj_buf_printf(out, " %s", c->sql[place->dialect]);
	if (place->dialect == NJ_DIALECT_CURRENT)
		nj_buf_printf(
			out, " CODEC(%s)", c->codec[0] ? c->codec : "ZSTD");
}

/* What is looked up by itself gets a filter for each part of a table. */
static void
put_indexes(struct nj_buf *out, const struct nj_table *t)
{
	for (unsigned i = 0; i < t->count; i++) {
		const struct nj_table_column *c = &t->column[i];
		bool head = c->id == NJ_COL_UID || (c->ip && !c->field);
		bool asked = c->field && c->field->flags & NJ_INDEX &&
			     (c->type == NJ_T_STR || c->ip);

		if (!head && !asked)
			continue;
		nj_buf_str(out, ", INDEX ");
		nj_buf_printf(out, "`_i_%s` ", c->name);
		nj_sql_name(out, c->name);
		nj_buf_str(out, " TYPE bloom_filter GRANULARITY 4");
	}
}

/* Blocks of other appliances may come between a block and its retry: a server
 * is to know more of them again than by itself. */
static void
put_engine(struct nj_buf *out, const struct nj_table *t,
	const struct nj_table_place *place)
{
	if (place->cluster[0])
		nj_buf_printf(out,
			"ReplicatedMergeTree('/clickhouse/tables/{shard}/%s/"
			"%s', '{replica}')",
			place->database, t->desc->name);
	else
		nj_buf_str(out, "MergeTree()");
}

static void
put_settings(struct nj_buf *out, const struct nj_table_place *place)
{
	bool current = place->dialect == NJ_DIALECT_CURRENT;

	nj_buf_str(out, " SETTINGS index_granularity = 8192");
	if (place->cluster[0])
		nj_buf_str(out, ", replicated_deduplication_window = 10000");
	else if (current)
		nj_buf_str(
			out, ", non_replicated_deduplication_window = 10000");
	if (current)
		nj_buf_str(out, ", ttl_only_drop_parts = 1");
}

void
nj_table_ttl(struct nj_buf *out, const struct nj_table_place *place)
{
	if (place->dialect == NJ_DIALECT_CURRENT && place->retention_days)
		nj_buf_printf(out, " TTL `_day` + toIntervalDay(%u)",
			place->retention_days);
}

void
nj_table_create(struct nj_buf *out, const struct nj_table *t,
	const struct nj_table_place *place)
{
	nj_buf_str(out, "CREATE TABLE IF NOT EXISTS ");
	nj_table_name(out, t, place);
	if (place->cluster[0]) {
		nj_buf_str(out, " ON CLUSTER ");
		nj_sql_name(out, place->cluster);
	}
	for (unsigned i = 0; i < t->count; i++) {
		nj_buf_str(out, i ? ", " : " (");
		put_column(out, &t->column[i], place);
	}
	if (place->dialect == NJ_DIALECT_CURRENT)
		put_indexes(out, t);
	nj_buf_str(out, ") ENGINE = ");
	put_engine(out, t, place);
	nj_buf_str(out, " PARTITION BY toYYYYMMDD(`_day`) ORDER BY `ts`");
	nj_table_ttl(out, place);
	put_settings(out, place);
}

void
nj_table_add_column(struct nj_buf *out, const struct nj_table *t,
	const struct nj_table_column *c, const struct nj_table_place *place)
{
	nj_buf_str(out, "ALTER TABLE ");
	nj_table_name(out, t, place);
	nj_buf_str(out, " ADD COLUMN ");
	put_column(out, c, place);
}

void
nj_table_insert(struct nj_buf *out, const struct nj_table *t,
	const struct nj_table_place *place)
{
	nj_buf_str(out, "INSERT INTO ");
	nj_table_name(out, t, place);
	for (unsigned i = 0; i < t->count; i++) {
		nj_buf_str(out, i ? ", " : " (");
		nj_sql_name(out, t->column[i].name);
	}
	nj_buf_str(out, ") FORMAT RowBinary");
}
