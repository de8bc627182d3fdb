/*
 * search_rows.c - records that were found, as JSON or as lines of a table:
 * when, what, from where to where, and then as many fields as fit.
 *
 * Names come from the network, so a terminal never gets them raw: bytes that
 * are no printable text become \xNN.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "engine/apps/nightjar/search.h"
#include "engine/base/clock.h"
#include "engine/base/date.h"

enum {
	FLUSH_BYTES = 64 * 1024,
	FLUSH_NS = 50 * 1000 * 1000,
	SIDE_WIDTH = 21, /* 255.255.255.255:65535 */
	TYPE_WIDTH = 10
};

bool
nj_page_flush(struct nj_page *p)
{
	size_t done = 0;

	while (!p->broken && done < p->out.len) {
		ssize_t n = write(
			STDOUT_FILENO, p->out.data + done, p->out.len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			p->broken = true;
		else
			done += (size_t)n;
	}
	nj_buf_reset(&p->out);
	p->flushed_ns = nj_mono_ns();
	return !p->broken;
}

/* ---- Text for a terminal ---- */

static const char bold[] = "\033[1m", dim[] = "\033[2m", plain[] = "\033[0m";

/* How many bytes of v the character at its front has, 0: it is not printable
 * (controls, C1 controls, broken UTF-8). */
static size_t
printable(struct nj_view v)
{
	uint8_t c = v.data[0];
	size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

	if (n == 1)
		return c >= ' ' && c != 0x7f;
	if (n > v.len || !nj_view_is_utf8(nj_sub(v, 0, n)))
		return 0;
	return c == 0xc2 && v.data[1] < 0xa0 ? 0 : n;
}

/* A line that ends at the edge of the terminal. */
struct line {
	struct nj_page *page;
	unsigned used;
	bool full;
};

static bool
has_room(const struct line *l, unsigned n)
{
	unsigned columns = l->page->columns;

	/* One is kept for the mark that something is missing. */
	return !columns || l->used + n + 1 <= columns;
}

/* Puts text as far as it fits. */
static void
put(struct line *l, struct nj_view v)
{
	while (v.len && !l->full) {
		size_t n = printable(v);

		if (!has_room(l, n ? 1 : 4)) {
			nj_buf_str(&l->page->out, "…");
			l->full = true;
			return;
		}
		if (n)
			nj_buf_put(&l->page->out, v.data, n);
		else
			nj_buf_printf(&l->page->out, "\\x%02x", v.data[0]);
		l->used += n ? 1 : 4;
		v = nj_sub(v, n ? n : 1, SIZE_MAX);
	}
}

static void
pad(struct line *l, unsigned column)
{
	while (l->used < column && !l->full) {
		nj_buf_char(&l->page->out, ' ');
		l->used++;
	}
}

static void
style(struct line *l, const char *code)
{
	if (l->page->colour && !l->full)
		nj_buf_str(&l->page->out, code);
}

/* ---- Columns ---- */

static void
put_time(struct line *l, int64_t ts_ns)
{
	int64_t s = ts_ns / NJ_NS_PER_S;
	int64_t rest = ts_ns % NJ_NS_PER_S;
	char date[NJ_DATE_TEXT], text[NJ_DATE_TEXT + 8];

	if (rest < 0) {
		s--;
		rest += NJ_NS_PER_S;
	}
	(void)nj_date_text(s, date);
	(void)snprintf(text, sizeof(text), "%s.%03dZ", date,
		(int)(rest / NJ_NS_PER_MS));
	style(l, dim);
	put(l, nj_str(text));
	style(l, plain);
}

static void
put_side(struct line *l, const struct nj_addr *a, uint16_t port)
{
	char text[NJ_ADDR_TEXT + 16], addr[NJ_ADDR_TEXT];
	unsigned from = l->used;

	if (a->family) {
		(void)nj_addr_text(a, addr);
		if (port)
			(void)snprintf(text, sizeof(text),
				a->family == 6 ? "[%s]:%u" : "%s:%u", addr,
				port);
		else
			(void)snprintf(text, sizeof(text), "%s", addr);
		put(l, nj_str(text));
	}
	pad(l, from + SIDE_WIDTH + 1);
}

static void
put_value(struct line *l, struct nj_row_field *f)
{
	struct nj_row_field elem = { 0 };
	struct nj_buf text = { 0 };
	struct nj_view v;

	if (f->type == NJ_T_STR) {
		put(l, f->bytes);
		return;
	}
	if (f->type >= NJ_T_VSTR) {
		const char *between = "";

		while (!l->full && nj_row_elem(f, &elem)) {
			put(l, nj_str(between));
			put_value(l, &elem);
			between = ",";
		}
		return;
	}
	nj_row_value_json(&text, f);
	v = (struct nj_view){ text.data, text.len };
	if (v.len > 2 && v.data[0] == '"')
		v = nj_sub(v, 1, v.len - 2);
	put(l, v);
	nj_buf_free(&text);
}

static bool
is_wanted(const struct nj_page *p, const char *name)
{
	for (unsigned i = 0; i < p->fields->n; i++)
		if (nj_view_eq(p->fields->v[i], nj_str(name)))
			return true;
	return !p->fields->n;
}

static void
put_fields(struct line *l, const struct nj_row *row)
{
	struct nj_row_iter it;
	struct nj_row_field f;
	char name[128];

	nj_row_iter_init(&it, row);
	while (!l->full && nj_row_next(&it, &f)) {
		(void)nj_field_name(f.field, name, sizeof(name));
		if (!is_wanted(l->page, name))
			continue;
		put(l, NJ_LIT(" "));
		style(l, dim);
		put(l, nj_str(name));
		put(l, NJ_LIT("="));
		style(l, plain);
		put_value(l, &f);
	}
}

static void
put_uid(struct line *l, const struct nj_head *h)
{
	char uid[NJ_UID_CAP];

	if (!(h->uid[0] | h->uid[1]) || !is_wanted(l->page, "uid"))
		return;
	(void)nj_uid_format('C', h->uid, uid);
	put(l, NJ_LIT(" "));
	style(l, dim);
	put(l, NJ_LIT("uid="));
	style(l, plain);
	put(l, nj_str(uid));
}

static void
put_line(struct nj_page *p, const struct nj_row *row)
{
	const struct nj_event_desc *desc = nj_event_by_type(row->type);
	const struct nj_head *h = &row->head;
	struct line l = { .page = p };
	unsigned from;

	put_time(&l, h->ts_ns);
	pad(&l, l.used + 1);
	from = l.used;
	style(&l, bold);
	put(&l, nj_str(desc ? desc->name : "unknown"));
	style(&l, plain);
	pad(&l, from + TYPE_WIDTH + 1);
	if (!desc || !(desc->flags & NJ_EV_NO_ID)) {
		put_side(&l, &h->orig, h->orig_p);
		put_side(&l, &h->resp, h->resp_p);
	}
	put_fields(&l, row);
	put_uid(&l, h);
	if (l.full && p->colour)
		nj_buf_str(&p->out, plain);
	nj_buf_char(&p->out, '\n');
}

bool
nj_page_row(struct nj_page *p, const struct nj_row *row)
{
	if (p->json) {
		nj_row_json(&p->out, row);
		nj_buf_char(&p->out, '\n');
	} else {
		put_line(p, row);
	}
	p->rows++;
	if (p->out.len >= FLUSH_BYTES ||
		(p->rows % 64 == 0 && nj_mono_ns() - p->flushed_ns > FLUSH_NS))
		return nj_page_flush(p);
	return !p->broken;
}
