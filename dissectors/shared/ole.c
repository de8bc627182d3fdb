/*
 * ole.c - what lies in a compound file ([MS-CFB]), which older office
 * documents, mails of Outlook and installers are: the names in its directory,
 * as far as they are in the bytes in hand, and by them what it is and whether
 * it brings macros ([MS-OVBA] 2.2.1) or is encrypted ([MS-OFFCRYPTO] 2.3.4).
 */
#include "dissectors/shared/content.h"
#include "dissectors/shared/utf16.h"

#define OLE(F, tag)                                                            \
	F(tag, 1, STR, id, NJ_INDEX, "Id of the file")                         \
	F(tag, 2, STR, kind, NJ_INDEX | NJ_LEARN,                              \
		"word, excel, powerpoint, outlook, visio")                     \
	F(tag, 3, VSTR, streams, NJ_LEARN,                                     \
		"Names of the first streams and storages, 64 at most")         \
	F(tag, 4, BOOL, has_macros, NJ_INDEX | NJ_LEARN, "It brings macros")   \
	F(tag, 5, BOOL, is_encrypted, NJ_LEARN, "Its contents are encrypted")
NJ_EVENT_DECLARE(ole, OLE);
NJ_EVENT_DEFINE(ole, OLE, NJ_EV_NO_ID, "Directory of one compound file");

enum {
	NAMES_MAX = 64,
	ENTRY_BYTES = 128,
	NAME_BYTES = 64,
	SECTORS_MAX = 64, /* of the directory */
	DIFAT_AT = 76,
	DIFAT_COUNT = 109,
	TYPE_EMPTY = 0,
	TYPE_ROOT = 5
};

/* The file, with what its header says. */
struct cfb {
	struct nj_view v;
	unsigned shift; /* a sector is 1 << shift bytes */
	uint32_t first; /* sector of the directory */
};

static bool
cfb_open(struct cfb *f, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);

	f->v = v;
	nj_cur_skip(&c, 30);
	f->shift = nj_cur_le16(&c);
	nj_cur_skip(&c, 16);
	f->first = nj_cur_le32(&c);
	return !c.bad && (f->shift == 9 || f->shift == 12);
}

/* The sectors follow the header, which has a sector's place; cut at the end
 * of the bytes in hand. */
static struct nj_view
sector(const struct cfb *f, uint32_t n)
{
	uint64_t at = ((uint64_t)n + 1) << f->shift;

	if (at >= f->v.len)
		return (struct nj_view){ 0 };
	return nj_sub(f->v, (size_t)at, (size_t)1 << f->shift);
}

static uint32_t
number_at(struct nj_view v, size_t at)
{
	struct nj_cur c = nj_cur(nj_sub(v, at, 4));
	uint32_t n = nj_cur_le32(&c);

	return c.bad ? UINT32_MAX : n;
}

/* The sector after n in its chain; where none is known, one that is not
 * there. */
static uint32_t
sector_next(const struct cfb *f, uint32_t n)
{
	uint32_t per = UINT32_C(1) << (f->shift - 2);
	uint32_t fat = n / per;

	if (fat >= DIFAT_COUNT)
		return UINT32_MAX;
	fat = number_at(f->v, DIFAT_AT + 4 * (size_t)fat);
	return number_at(sector(f, fat), 4 * (size_t)(n % per));
}

static void
judge(struct ole_event *ev, struct nj_view name)
{
	static const struct {
		const char *name, *kind;
	} kinds[] = {
		{ "WordDocument", "word" },
		{ "Workbook", "excel" },
		{ "Book", "excel" },
		{ "PowerPoint Document", "powerpoint" },
		{ "VisioDocument", "visio" },
		{ "__properties_version1.0", "outlook" },
	};

	for (size_t i = 0; i < nj_countof(kinds); i++)
		if (nj_view_eq(name, nj_str(kinds[i].name)))
			ev->kind = nj_str(kinds[i].kind);
	ev->has_macros |= nj_view_caseeq(name, NJ_LIT("VBA")) ||
			  nj_view_caseeq(name, NJ_LIT("_VBA_PROJECT")) ||
			  nj_view_caseeq(name, NJ_LIT("_VBA_PROJECT_CUR"));
	ev->is_encrypted |= nj_view_eq(name, NJ_LIT("EncryptedPackage"));
}

static void
entry(struct nj_dctx *d, struct ole_event *ev, struct nj_view *names,
	struct nj_view row)
{
	struct nj_cur c = nj_cur(row);
	struct nj_view name = nj_cur_take(&c, NAME_BYTES);
	unsigned len = nj_cur_le16(&c), type = nj_cur_u8(&c);

	if (c.bad || type == TYPE_EMPTY || type == TYPE_ROOT || len < 2)
		return;
	/* len counts the NUL. */
	name = nj_utf16_text(d, nj_sub(name, 0, len - 2));
	if (!name.len)
		return;
	judge(ev, name);
	if (ev->streams.n < NAMES_MAX)
		names[ev->streams.n++] = name;
}

void
nj_ole_read(
	struct nj_dctx *d, struct nj_view fuid, int64_t ts_ns, struct nj_view v)
{
	struct nj_view *names = nj_arena(d, NAMES_MAX * sizeof(*names));
	struct ole_event ev = { .id = fuid };
	struct nj_view s;
	struct cfb f;
	uint32_t n;

	if (!names || !cfb_open(&f, v))
		return;
	n = f.first;
	for (unsigned i = 0; i < SECTORS_MAX && (s = sector(&f, n)).len; i++) {
		for (size_t at = 0; at + ENTRY_BYTES <= s.len;
			at += ENTRY_BYTES)
			entry(d, &ev, names, nj_sub(s, at, ENTRY_BYTES));
		n = sector_next(&f, n);
		if (n == f.first)
			break;
	}
	/* A directory that lies further on cannot be told of. */
	if (!ev.streams.n)
		return;
	ev.streams.v = names;
	(void)nj_emit_at(d, &ole_desc, &ev, ts_ns);
}
