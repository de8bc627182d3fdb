/*
 * outboxkit.c - made-up records.
 */
#include "tests/net/outboxkit.h"

#include <inttypes.h>
#include <stdlib.h>

#include "engine/base/hash.h"
#include "engine/pipeline/pipeline.h"

enum { ELEMENTS_MAX = 4, TEXT_CAP = 128, RARE = 12 };
/* 2026-11-24 00:00:00; records lie within two days from then. */
#define BEGIN_NS (INT64_C(1795478400) * NJ_NS_PER_S)
#define SPAN_NS (INT64_C(2) * 86400 * NJ_NS_PER_S)

static const struct nj_view words[] = { NJ_LIT("example"), NJ_LIT("Example"),
	NJ_LIT("com"), NJ_LIT("www"), NJ_LIT("tcp"), NJ_LIT("GET"),
	NJ_LIT("/index.html"), NJ_LIT("a b"),
	NJ_LIT("Stra\xc3\x9f"
	       "e"),
	NJ_LIT("\xff\xfe"), NJ_LIT("it's"), NJ_LIT("back\\slash"),
	NJ_LIT("line\nend"), NJ_LIT("x\0y"), NJ_LIT("\"q\""), NJ_LIT("100%"),
	NJ_LIT("_"), NJ_LIT("*"), NJ_LIT("`tick`"), NJ_LIT("tab\t"),
	NJ_LIT("."), NJ_LIT("kelvin\xe2\x84\xaa"), NJ_LIT("10.0.0.1"),
	NJ_LIT("-1") };

static const char *const common[] = { "conn", "dns", "http", "ssl", "x509",
	"weird" };

struct dice {
	uint64_t x;
	char text[ELEMENTS_MAX][TEXT_CAP];
	struct nj_view v[ELEMENTS_MAX];
	uint64_t u[ELEMENTS_MAX];
	struct nj_addr a[ELEMENTS_MAX];
};

static uint64_t
roll(struct dice *d)
{
	d->x += UINT64_C(0x9e3779b97f4a7c15);
	return nj_mix64(d->x);
}

bool
outbox_begin(void)
{
	return !nj_pipeline_register_all(nj_dissectors);
}

static struct nj_view
word(uint64_t random)
{
	return words[random % nj_countof(words)];
}

static struct nj_view
text(struct dice *d, unsigned slot)
{
	size_t n = 0;

	for (uint64_t k = roll(d) % 4; k; k--) {
		struct nj_view w = word(roll(d));

		memcpy(d->text[slot] + n, w.data, w.len);
		n += w.len;
		if (roll(d) % 3 == 0)
			d->text[slot][n++] = '.';
	}
	return (struct nj_view){ (uint8_t *)d->text[slot], n };
}

static struct nj_addr
address(struct dice *d)
{
	uint8_t bytes[16] = { 10, 0, (uint8_t)(roll(d) % 3), (uint8_t)roll(d) };
	uint64_t r = roll(d);

	if (r % 4)
		return nj_addr4(bytes);
	memcpy(bytes, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0", 15);
	bytes[15] = (uint8_t)r;
	/* One that looks like IPv4 and is not. */
	if (r % 64 == 0)
		memcpy(bytes, "\0\0\0\0\0\0\0\0\0\0\xff\xff\x0a\0\0", 15);
	return nj_addr6(bytes);
}

static uint64_t
number(struct dice *d, uint8_t type)
{
	static const uint64_t odd[] = { 0, 1, 80, 443, UINT64_MAX,
		UINT64_C(1) << 63, INT64_MAX };
	static const uint64_t masks[] = { [NJ_T_BOOL] = 1,
		[NJ_T_U8] = UINT8_MAX,
		[NJ_T_U16] = UINT16_MAX,
		[NJ_T_U32] = UINT32_MAX };
	uint64_t v = roll(d) % 3 ? roll(d) % 1000 : odd[roll(d) % 7];
	double f = (double)v / 7;

	if (type == NJ_T_F64)
		memcpy(&v, &f, sizeof(v));
	return type <= NJ_T_U32 ? v & masks[type] : v;
}

static void
put_value(struct dice *d, struct nj_row_writer *w, const struct nj_field *f)
{
	uint32_t n = (uint32_t)(roll(d) % (ELEMENTS_MAX + 1));

	for (unsigned i = 0; i < ELEMENTS_MAX; i++) {
		d->u[i] = number(d, f->type);
		if (f->type == NJ_T_VSTR || f->type == NJ_T_STR)
			d->v[i] = text(d, i);
		if (f->type == NJ_T_VADDR || f->type == NJ_T_ADDR)
			d->a[i] = address(d);
	}
	switch ((enum nj_type)f->type) {
	case NJ_T_STR:
		nj_row_put(w, f, &d->v[0]);
		break;
	case NJ_T_ADDR:
		nj_row_put(w, f, &d->a[0]);
		break;
	case NJ_T_VSTR:
		nj_row_put(w, f, &(struct nj_vstr){ d->v, n });
		break;
	case NJ_T_VU64:
	case NJ_T_VIVAL:
		nj_row_put(w, f, &(struct nj_vu64){ d->u, n });
		break;
	case NJ_T_VADDR:
		nj_row_put(w, f, &(struct nj_vaddr){ d->a, n });
		break;
	default:
		nj_row_put(w, f, &d->u[0]);
	}
}

static const struct nj_event_desc *
type_of(struct dice *d)
{
	const struct nj_event_desc *desc = NULL;
	unsigned n = 0;

	if (roll(d) % 64)
		return nj_event_find(common[roll(d) % nj_countof(common)]);
	while (nj_event_at(n))
		n++;
	/* A table costs a server a while: not one for each type there is. */
	desc = nj_event_at((unsigned)(roll(d) % n / RARE * RARE));
	return desc;
}

static struct nj_head
head_of(struct dice *d)
{
	struct nj_head h = { .orig = address(d), .resp = address(d) };

	h.ts_ns = BEGIN_NS + (int64_t)(roll(d) % (uint64_t)SPAN_NS);
	h.order_ns = h.ts_ns + (int64_t)(roll(d) % 1000);
	h.orig_p = (uint16_t)roll(d);
	h.resp_p = (uint16_t)(roll(d) % 1024);
	if (roll(d) % 8) {
		h.uid[0] = roll(d);
		h.uid[1] = (uint32_t)roll(d);
	}
	if (roll(d) % 8 == 0)
		h.vlan[0] = (uint16_t)(1 + roll(d) % 4094);
	h.ip_proto = roll(d) % 2 ? 6 : 17;
	return h;
}

void
outbox_row(struct nj_buf *out, uint64_t seed, uint64_t i)
{
	struct dice d = { .x = nj_mix64(seed) + nj_mix64(i + 1) };
	const struct nj_event_desc *desc = type_of(&d);
	struct nj_head head = head_of(&d);
	struct nj_row_writer w;

	if (!desc || !nj_buf_room(out, NJ_ROW_BYTES_MAX))
		abort();
	nj_row_begin(&w, out->data + out->len, NJ_ROW_BYTES_MAX,
		nj_event_type(desc), &head);
	for (unsigned k = 0; k < desc->count; k++)
		if (roll(&d) % 3)
			put_value(&d, &w, &desc->fields[k]);
	out->len += nj_row_end(&w);
}

void
outbox_sums(FILE *out, uint64_t seed, uint64_t rows)
{
	struct sum {
		uint64_t count, ports, times;
	} sums[NJ_EVENT_TYPES_MAX] = { 0 };
	const struct nj_event_desc *desc;
	struct nj_buf buf = { 0 };
	struct nj_row row;
	const char *before = "{";

	for (uint64_t i = 0; i < rows; i++) {
		nj_buf_reset(&buf);
		outbox_row(&buf, seed, i);
		if (!nj_row_parse(&row, (struct nj_view){ buf.data, buf.len }))
			abort();
		for (unsigned k = 0; (desc = nj_event_at(k)); k++) {
			if (nj_event_type(desc) != row.type)
				continue;
			sums[k].count++;
			sums[k].ports += row.head.orig_p;
			sums[k].times += (uint64_t)row.head.ts_ns;
		}
	}
	nj_buf_free(&buf);
	for (unsigned k = 0; (desc = nj_event_at(k)); k++) {
		if (!sums[k].count)
			continue;
		(void)fprintf(out,
			"%s\"%s\":{\"count\":%" PRIu64 ",\"ports\":%" PRIu64
			",\"times\":%" PRIu64 "}",
			before, desc->name, sums[k].count, sums[k].ports,
			sums[k].times);
		before = ",";
	}
	(void)fprintf(out, "}\n");
}

/* ---- Queries ---- */

void
outbox_span(uint64_t random, int64_t *from_ns, int64_t *to_ns)
{
	*from_ns = BEGIN_NS + (int64_t)(random % (uint64_t)SPAN_NS);
	*to_ns = *from_ns + (int64_t)(random / 7 % (uint64_t)SPAN_NS);
}

/* A word with every byte that could mean something escaped, as a pattern if
 * glob. */
static void
put_word(struct nj_buf *out, struct dice *d, bool glob)
{
	struct nj_view w = word(roll(d));
	size_t cut = glob && w.len ? roll(d) % w.len : w.len;

	nj_buf_char(out, glob ? '*' : '"');
	if (glob && roll(d) % 2)
		out->len--;
	for (size_t i = 0; i < w.len; i++) {
		if (i == cut)
			nj_buf_char(out, roll(d) % 2 ? '*' : '?');
		else
			nj_buf_printf(out, "\\x%02x", w.data[i]);
	}
	nj_buf_char(out, glob ? '*' : '"');
	if (glob && roll(d) % 2)
		out->len--;
}

static void
put_number_test(struct nj_buf *out, struct dice *d, const char *unit)
{
	static const char *const tests[] = { "", ">", ">=", "<", "<=" };
	unsigned long long n = roll(d) % 1000;

	if (roll(d) % 4 == 0)
		nj_buf_printf(out, "[%llu%s TO %llu%s}", n, unit,
			n + roll(d) % 500, unit);
	else
		nj_buf_printf(out, "%s%llu%s", tests[roll(d) % 5], n, unit);
}

static void
put_address_test(struct nj_buf *out, struct dice *d)
{
	static const char *const texts[] = { "10.0.0.0/16", "10.0.1.*",
		"10.0.2.7", "2001:db8::/32", "[10.0.0.9 TO 10.0.1.30]",
		"\"::ffff:10.0.0.0\"", "10.?.0.1*", "2001*", "*:9" };

	nj_buf_str(out, texts[roll(d) % nj_countof(texts)]);
}

static void
put_value_test(struct nj_buf *out, struct dice *d, uint8_t type)
{
	switch ((enum nj_type)type) {
	case NJ_T_STR:
	case NJ_T_VSTR:
		if (roll(d) % 5 == 0)
			nj_buf_char(out, roll(d) % 2 ? '>' : '<');
		put_word(out, d, roll(d) % 2);
		break;
	case NJ_T_ADDR:
	case NJ_T_VADDR:
		put_address_test(out, d);
		break;
	case NJ_T_BOOL:
		nj_buf_str(out, roll(d) % 2 ? "true" : "false");
		break;
	case NJ_T_IVAL:
	case NJ_T_VIVAL:
	case NJ_T_TIME:
		put_number_test(out, d, "");
		break;
	default:
		put_number_test(out, d, "");
	}
}

static void
put_term(struct nj_buf *out, struct dice *d)
{
	const struct nj_event_desc *desc =
		nj_event_find(common[roll(d) % nj_countof(common)]);
	const struct nj_field *f = &desc->fields[roll(d) % desc->count];
	char name[64];

	(void)nj_field_name(f, name, sizeof(name));
	switch (roll(d) % 8) {
	case 0:
		nj_buf_printf(out, "@type:%s", desc->name);
		break;
	case 1:
		put_word(out, d, roll(d) % 3 == 0);
		break;
	case 2:
		nj_buf_printf(out, "_exists_:%s", name);
		break;
	case 3:
		nj_buf_str(out, roll(d) % 2 ? "id.orig_h:" : "ip:");
		put_address_test(out, d);
		break;
	case 4:
		nj_buf_str(out, roll(d) % 2 ? "id.resp_p:" : "vlan:");
		put_number_test(out, d, "");
		break;
	default:
		nj_buf_printf(out, "%s:", name);
		put_value_test(out, d, f->type);
	}
}

void
outbox_query(struct nj_buf *out, uint64_t seed, uint64_t i)
{
	static const char *const joins[] = { " ", " OR ", " AND NOT " };
	struct dice d = { .x = nj_mix64(seed + 1000) + nj_mix64(i + 1) };
	unsigned n = 1 + (unsigned)(roll(&d) % 3);

	nj_buf_str(out, roll(&d) % 4 ? "" : "NOT ");
	put_term(out, &d);
	for (unsigned k = 1; k < n; k++) {
		nj_buf_str(out, joins[roll(&d) % 3]);
		put_term(out, &d);
	}
}
