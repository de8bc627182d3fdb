/*
 * zeek.c - records as Zeek's tab-separated lines.
 *
 * Escapes are Zeek's: \xNN for the separators, control bytes and what is no
 * UTF-8, a backslash twice; "-" is no value, "(empty)" an empty one, and a
 * text that happens to be one of these has its first byte escaped.
 */
#include "engine/event/zeek.h"

#include <stdio.h>

#include "engine/base/date.h"
#include "engine/event/event_priv.h"

enum { NAME_CAP = 128 };

static const char *const type_names[NJ_T_COUNT] = {
	[NJ_T_BOOL] = "bool",
	[NJ_T_U8] = "count",
	[NJ_T_U16] = "count",
	[NJ_T_U32] = "count",
	[NJ_T_U64] = "count",
	[NJ_T_I64] = "int",
	[NJ_T_F64] = "double",
	[NJ_T_TIME] = "time",
	[NJ_T_IVAL] = "interval",
	[NJ_T_STR] = "string",
	[NJ_T_ADDR] = "addr",
	[NJ_T_VSTR] = "vector[string]",
	[NJ_T_VU64] = "vector[count]",
	[NJ_T_VIVAL] = "vector[interval]",
	[NJ_T_VADDR] = "vector[addr]",
};

static void
put_clock(struct nj_buf *b, const char *what, int64_t wall_ns)
{
	struct nj_date d = nj_date_utc(wall_ns / NJ_NS_PER_S);

	nj_buf_printf(b, "#%s\t%04lld-%02u-%02u-%02u-%02u-%02u\n", what,
		(long long)d.year, d.month, d.day, d.hour, d.minute, d.second);
}

void
nj_zeek_head(
	struct nj_buf *out, const struct nj_event_desc *desc, int64_t wall_ns)
{
	bool ids = !(desc->flags & NJ_EV_NO_ID);
	char name[NAME_CAP];

	nj_buf_str(out, "#separator \\x09\n#set_separator\t,\n"
			"#empty_field\t(empty)\n#unset_field\t-\n");
	nj_buf_printf(out, "#path\t%s\n", desc->name);
	put_clock(out, "open", wall_ns);
	nj_buf_str(out, "#fields\tts\tuid");
	if (ids)
		nj_buf_str(out, "\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p");
	for (unsigned i = 0; i < desc->count; i++) {
		(void)nj_field_name(&desc->fields[i], name, sizeof(name));
		nj_buf_printf(out, "\t%s", name);
	}
	nj_buf_str(out, "\n#types\ttime\tstring");
	if (ids)
		nj_buf_str(out, "\taddr\tport\taddr\tport");
	for (unsigned i = 0; i < desc->count; i++)
		nj_buf_printf(out, "\t%s", type_names[desc->fields[i].type]);
	nj_buf_char(out, '\n');
}

void
nj_zeek_tail(struct nj_buf *out, int64_t wall_ns)
{
	put_clock(out, "close", wall_ns);
}

static void
put_hex(struct nj_buf *b, uint8_t c)
{
	static const char digits[] = "0123456789abcdef";

	nj_buf_put(b, "\\x", 2);
	nj_buf_char(b, digits[c >> 4]);
	nj_buf_char(b, digits[c & 15]);
}

/* element: inside a vector, where a comma separates. */
static void
put_text(struct nj_buf *b, struct nj_view v, bool element)
{
	bool utf8 = nj_view_is_utf8(v);
	size_t i = 0;

	if (!v.len) {
		nj_buf_str(b, "(empty)");
		return;
	}
	if (nj_view_eq(v, NJ_LIT("-")) || nj_view_eq(v, NJ_LIT("(empty)")))
		put_hex(b, v.data[i++]);
	for (; i < v.len; i++) {
		uint8_t c = v.data[i];

		if (c == '\\')
			nj_buf_put(b, "\\\\", 2);
		else if (c < 0x20 || c == 0x7f || (c >= 0x80 && !utf8) ||
			 (c == ',' && element))
			put_hex(b, c);
		else
			nj_buf_char(b, (char)c);
	}
}

static void
put_seconds(struct nj_buf *b, int64_t ns)
{
	uint64_t v = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;

	nj_buf_printf(b, "%s%llu.%06llu", ns < 0 ? "-" : "",
		(unsigned long long)(v / NJ_NS_PER_S),
		(unsigned long long)(v % NJ_NS_PER_S / 1000));
}

static void
put_addr(struct nj_buf *b, const struct nj_addr *a)
{
	char text[NJ_ADDR_TEXT];

	if (a->family)
		nj_buf_put(b, text, nj_addr_text(a, text));
	else
		nj_buf_char(b, '-');
}

static void
put_value(struct nj_buf *b, const struct nj_row_field *f, bool element)
{
	switch ((enum nj_type)f->type) {
	case NJ_T_BOOL:
		nj_buf_char(b, f->u ? 'T' : 'F');
		break;
	case NJ_T_I64:
		nj_buf_printf(b, "%lld", (long long)f->i);
		break;
	case NJ_T_TIME:
	case NJ_T_IVAL:
		put_seconds(b, f->i);
		break;
	case NJ_T_F64:
		nj_buf_printf(b, "%.15g", f->f);
		break;
	case NJ_T_STR:
		put_text(b, f->bytes, element);
		break;
	case NJ_T_ADDR:
		put_addr(b, &f->addr);
		break;
	default:
		nj_buf_u64(b, f->u);
	}
}

static void
put_field(struct nj_buf *b, const struct nj_row_field *f)
{
	struct nj_row_field vec = *f, elem = { 0 };
	bool more = false;

	if (f->type < NJ_T_VSTR) {
		put_value(b, f, false);
		return;
	}
	while (nj_row_elem(&vec, &elem)) {
		if (more)
			nj_buf_char(b, ',');
		put_value(b, &elem, true);
		more = true;
	}
	if (!more)
		nj_buf_str(b, "(empty)");
}

static void
put_side(struct nj_buf *b, const struct nj_addr *a, uint16_t port)
{
	nj_buf_char(b, '\t');
	put_addr(b, a);
	if (a->family)
		nj_buf_printf(b, "\t%u", port);
	else
		nj_buf_str(b, "\t-");
}

static void
put_head(struct nj_buf *b, const struct nj_head *h, bool ids)
{
	char uid[NJ_UID_CAP] = "-";

	put_seconds(b, h->ts_ns);
	if (h->uid[0] | h->uid[1])
		(void)nj_uid_format('C', h->uid, uid);
	nj_buf_printf(b, "\t%s", uid);
	if (!ids)
		return;
	put_side(b, &h->orig, h->orig_p);
	put_side(b, &h->resp, h->resp_p);
}

void
nj_zeek_row(struct nj_buf *out, const struct nj_row *row)
{
	struct nj_row_field values[NJ_EVENT_ID_MAX + 1], f;
	const struct nj_event_desc *desc;
	struct nj_row_iter it;
	uint64_t has = 0;

	nj_row_iter_init(&it, row);
	if (!it.known)
		return;
	desc = it.known->desc;
	while (nj_row_next(&it, &f)) {
		values[f.id] = f;
		has |= UINT64_C(1) << f.id;
	}
	put_head(out, &row->head, !(desc->flags & NJ_EV_NO_ID));
	for (unsigned i = 0; i < desc->count; i++) {
		unsigned id = desc->fields[i].id;

		nj_buf_char(out, '\t');
		if (has >> id & 1)
			put_field(out, &values[id]);
		else
			nj_buf_char(out, '-');
	}
}
