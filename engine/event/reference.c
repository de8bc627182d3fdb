/*
 * reference.c - the reference page of all log types, made from the tables
 * that the records themselves are made from, so that it cannot be wrong.
 */
#include "engine/event/event.h"

enum { NAME_CAP = 128 };

static const char intro[] =
	"# Log types\n"
	"\n"
	"Every record begins with `ts`, the time at which what it tells of "
	"began (seconds since 1970). Records of a flow go on with `uid`, the "
	"flow's id, and `id.orig_h`, `id.orig_p`, `id.resp_h`, `id.resp_p`, "
	"addresses and ports of the side that began it and of the other. "
	"Fields that are not set are left out.\n"
	"\n"
	"Flags: *index* - kept for fast search; *learn* - a feature for "
	"learning; *personal* - may name a person, shown by role; *optional* "
	"- a number that is not in every record (texts, addresses and vectors "
	"never need be).\n";

/* As Zeek's users call them, with the width where it is bounded. */
static const char *const type_texts[NJ_T_COUNT] = {
	[NJ_T_BOOL] = "bool",
	[NJ_T_U8] = "count (8 bit)",
	[NJ_T_U16] = "count (16 bit)",
	[NJ_T_U32] = "count (32 bit)",
	[NJ_T_U64] = "count",
	[NJ_T_I64] = "int",
	[NJ_T_F64] = "double",
	[NJ_T_TIME] = "time",
	[NJ_T_IVAL] = "interval",
	[NJ_T_STR] = "string",
	[NJ_T_ADDR] = "addr",
	[NJ_T_VSTR] = "vector of string",
	[NJ_T_VU64] = "vector of count",
	[NJ_T_VIVAL] = "vector of interval",
	[NJ_T_VADDR] = "vector of addr",
};

static const struct {
	uint16_t flag;
	const char *text;
} flag_texts[] = {
	{ NJ_INDEX, "index" },
	{ NJ_LEARN, "learn" },
	{ NJ_PII, "personal" },
	{ NJ_ASIDE, "aside" },
	{ NJ_OPT, "optional" },
};

/* Text inside a cell of a Markdown table. */
static void
put_cell(struct nj_buf *b, const char *text)
{
	for (; *text; text++) {
		if (*text == '|' || *text == '<')
			nj_buf_char(b, '\\');
		nj_buf_char(b, *text);
	}
}

static void
put_field(struct nj_buf *b, const struct nj_field *f)
{
	char name[NAME_CAP];
	const char *between = "";

	(void)nj_field_name(f, name, sizeof(name));
	nj_buf_printf(b, "| `%s` | %s | ", name, type_texts[f->type]);
	for (size_t i = 0; i < nj_countof(flag_texts); i++) {
		if (!(f->flags & flag_texts[i].flag))
			continue;
		nj_buf_printf(b, "%s%s", between, flag_texts[i].text);
		between = ", ";
	}
	nj_buf_str(b, " | ");
	put_cell(b, f->text);
	nj_buf_str(b, " |\n");
}

static void
put_type(struct nj_buf *b, const struct nj_event_desc *desc)
{
	nj_buf_printf(b, "\n## %s\n\n%s.", desc->name, desc->text);
	if (desc->flags & NJ_EV_NO_ID)
		nj_buf_str(b, " Without `id.*`.");
	nj_buf_str(b, "\n\n| field | type | flags | text |\n"
		      "| --- | --- | --- | --- |\n");
	for (unsigned i = 0; i < desc->count; i++)
		put_field(b, &desc->fields[i]);
}

void
nj_event_reference(struct nj_buf *out)
{
	const struct nj_event_desc *desc;

	nj_buf_str(out, intro);
	for (unsigned i = 0; (desc = nj_event_at(i)); i++)
		if (!(desc->flags & NJ_EV_EVE))
			put_type(out, desc);
}
