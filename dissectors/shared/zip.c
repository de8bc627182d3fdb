/*
 * zip.c - what lies in a ZIP archive (PKWARE's APPNOTE.TXT 6.3), by the header
 * before each entry: those in the bytes in hand. Documents of newer office
 * programs are such archives too (ECMA-376): one entry of a certain name means
 * that they bring macros.
 */
#include "dissectors/shared/content.h"

#define ARCHIVE(F, tag)                                                        \
	F(tag, 1, STR, id, NJ_INDEX, "Id of the file")                         \
	F(tag, 2, STR, format, NJ_INDEX, "zip")                                \
	F(tag, 3, VSTR, entries, NJ_INDEX | NJ_PII,                            \
		"Names of the first entries, 64 at most")                      \
	F(tag, 4, U32, entry_count, NJ_LEARN,                                  \
		"Entries whose headers were read: the first 32 KiB")           \
	F(tag, 5, BOOL, is_encrypted, NJ_LEARN, "Some entry is encrypted")     \
	F(tag, 6, BOOL, has_macros, NJ_INDEX | NJ_LEARN,                       \
		"A document with macros among them")
NJ_EVENT_DECLARE(archive, ARCHIVE);
NJ_EVENT_DEFINE(archive, ARCHIVE, NJ_EV_NO_ID, "First entries of one archive");

enum {
	NAMES_MAX = 64,
	HEADERS_MAX = 1024,
	FLAG_ENCRYPTED = 1 << 0,
	FLAG_SIZE_LATER = 1 << 3
};
#define SIZE_IN_EXTRA UINT32_MAX

/* The next header at or behind v's beginning. What lies between is data of
 * an entry whose size is told behind it. */
static struct nj_view
next_header(struct nj_view v)
{
	while (v.len >= 4) {
		size_t at = nj_view_chr(v, 'P');

		if (at == SIZE_MAX)
			break;
		v = nj_sub(v, at, v.len);
		if (nj_view_starts(v, NJ_LIT("PK\x03\x04")))
			return v;
		v = nj_sub(v, 1, v.len);
	}
	return (struct nj_view){ 0 };
}

static bool
is_macro(struct nj_view name)
{
	static const struct nj_view file = { (const uint8_t *)"vbaProject.bin",
		14 };
	/* Macros of Excel before there was VBA. */
	static const struct nj_view sheets = {
		(const uint8_t *)"xl/macrosheets/", 15
	};
	size_t from = name.len - nj_min(file.len, name.len);

	return nj_view_caseeq(nj_sub(name, from, name.len), file) ||
	       nj_view_casestarts(name, sheets);
}

/* One entry's header; gives what comes behind the entry, nothing when that is
 * not here. */
static struct nj_view
entry(struct archive_event *ev, struct nj_view *names, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	unsigned flags, name_len, extra_len;
	struct nj_view name;
	uint32_t size;

	nj_cur_skip(&c, 6);
	flags = nj_cur_le16(&c);
	nj_cur_skip(&c, 10);
	size = nj_cur_le32(&c);
	nj_cur_skip(&c, 4);
	name_len = nj_cur_le16(&c);
	extra_len = nj_cur_le16(&c);
	name = nj_cur_take(&c, name_len);
	if (c.bad)
		return (struct nj_view){ 0 };
	ev->entry_count++;
	ev->is_encrypted |= flags & FLAG_ENCRYPTED;
	ev->has_macros |= is_macro(name);
	if (ev->entries.n < NAMES_MAX)
		names[ev->entries.n++] = name;
	nj_cur_skip(&c, extra_len);
	v = nj_cur_rest(&c);
	if ((flags & FLAG_SIZE_LATER && !size) || size == SIZE_IN_EXTRA)
		return next_header(v);
	return nj_sub(v, size, v.len);
}

void
nj_zip_read(
	struct nj_dctx *d, struct nj_view fuid, int64_t ts_ns, struct nj_view v)
{
	struct nj_view *names = nj_arena(d, NAMES_MAX * sizeof(*names));
	struct archive_event ev = { .id = fuid, .format = NJ_LIT("zip") };

	/* Archives in pieces begin with a mark before the first header. */
	v = names ? next_header(v) : (struct nj_view){ 0 };
	while (nj_view_starts(v, NJ_LIT("PK\x03\x04")) &&
		ev.entry_count < HEADERS_MAX)
		v = entry(&ev, names, v);
	if (!ev.entry_count)
		return;
	ev.entries.v = names;
	(void)nj_emit_at(d, &archive_desc, &ev, ts_ns);
}
