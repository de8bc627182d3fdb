/*
 * file.c - counts a file's bytes, finds its type and writes its record.
 *
 * Most files show their type in the first segment, which is looked at where
 * it lies; only a type that needs more bytes, or whose content is read, makes
 * a copy of the beginning.
 */
#include "dissectors/shared/file.h"

#include "dissectors/shared/file_eve.h"
#include "dissectors/shared/mime.h"
#include "engine/base/entropy.h"

NJ_EVENT_DEFINE(files, FILES, 0, "One file that was carried");

enum { NAME_MAX_BYTES = 1024, ENTROPY_BYTES = 1024 };

static const char *const sources[] = {
#define S(name) #name,
	NJ_FILE_SOURCES(S)
#undef S
};

void
nj_file_id(
	const struct nj_file *f, const struct nj_dctx *d, char out[NJ_UID_TEXT])
{
	/* The source is part of the number: a flow that changes its protocol
	 * (STARTTLS) must not give one id twice. */
	nj_fuid_text(
		d, (uint32_t)f->source << 24 | (f->number & 0xffffff), out);
}

static void
head_drop(struct nj_file *f, struct nj_dctx *d)
{
	if (f->head)
		nj_drop(d, f->head);
	f->head = NULL;
	f->head_len = 0;
}

/* Has the file's content read from v, once. */
static void
content_read(struct nj_file *f, struct nj_dctx *d, struct nj_view v)
{
	const struct nj_content *content = f->content;
	char id[NJ_UID_TEXT];

	f->content = NULL;
	if (!content || !v.len)
		return;
	nj_file_id(f, d, id);
	content->read(d, nj_str(id), f->began, v);
}

/* How many first bytes are of use, max of which would do. */
static uint32_t
first_bytes(const struct nj_file *f, uint32_t max)
{
	return f->sized ? (uint32_t)nj_min((uint64_t)max, f->total) : max;
}

static void
type_is(struct nj_file *f, const char *mime)
{
	f->sniffed = true;
	f->mime = mime;
	f->content = nj_content_find(mime);
	if (f->content)
		f->head_max = first_bytes(f, f->content->bytes);
}

/* By the first bytes, which are the same however they came. */
static void
type_find(struct nj_file *f, struct nj_view v, bool whole)
{
	f->has_entropy = v.len > 0;
	f->entropy = nj_entropy_of(nj_sub(v, 0, ENTROPY_BYTES));
	type_is(f, v.len ? nj_mime_sniff(v, whole) : NULL);
}

void
nj_file_open(
	struct nj_file *f, struct nj_dctx *d, const struct nj_file_spec *spec)
{
	struct nj_view name = nj_keep_view(d, spec->name, NAME_MAX_BYTES);

	*f = (struct nj_file){ .open = true,
		.source = (uint8_t)spec->source,
		.dir = (uint8_t)spec->dir,
		.number = spec->number,
		.depth = (uint16_t)nj_min(spec->depth, UINT16_MAX),
		.sized = spec->sized,
		.total = spec->total,
		.hold_eol = spec->hold_eol,
		.name = name.data,
		.name_len = (uint16_t)name.len,
		.began = nj_now(d),
		.last = nj_now(d),
		.extracts = nj_extracts(d) };
	if (spec->mime)
		type_is(f, spec->mime);
	nj_file_sums_begin(f, d);
}

const char *
nj_file_sniff(struct nj_file *f, struct nj_dctx *d)
{
	struct nj_view v = { f->head, f->head_len };

	if (!f->sniffed)
		type_find(f, v, true);
	content_read(f, d, v);
	head_drop(f, d);
	return f->mime;
}

bool
nj_file_wants(const struct nj_file *f)
{
	return f->open && (!f->sniffed || f->content || f->sums || f->extracts);
}

/* Keeps as much of v as head_max allows; false when there is no room. */
static bool
head_keep(struct nj_file *f, struct nj_dctx *d, struct nj_view v)
{
	size_t n = nj_min(v.len, (size_t)(f->head_max - f->head_len));

	if (!f->head)
		f->head = nj_keep(d, f->head_max);
	if (!f->head)
		return false;
	memcpy(f->head + f->head_len, v.data, n);
	f->head_len += (uint32_t)n;
	return true;
}

/* The type is known: room for what is to be read of it. What was kept for the
 * type is taken over. */
static void
content_begin(struct nj_file *f, struct nj_dctx *d)
{
	struct nj_view old = { f->head, f->head_len };

	f->head = NULL;
	f->head_len = 0;
	if (f->content && !head_keep(f, d, old))
		f->content = NULL;
	if (f->content && f->head_len == f->head_max)
		content_read(f, d, (struct nj_view){ f->head, f->head_len });
	if (!f->content)
		head_drop(f, d);
	if (old.data)
		nj_drop(d, (void *)(uintptr_t)old.data);
}

/* The first bytes, while the type is not known. Gives how many of v are
 * accounted for in the head or of no more use. */
static size_t
type_add(struct nj_file *f, struct nj_dctx *d, struct nj_view v)
{
	size_t had = f->head_len;
	bool whole = f->sized && f->total <= NJ_MIME_BYTES;

	f->head_max = first_bytes(f, NJ_MIME_BYTES);
	if (!had && v.len >= f->head_max) {
		/* No more than that, even if more came than was announced. */
		type_find(f, nj_sub(v, 0, f->head_max), whole);
		return 0;
	}
	if (!head_keep(f, d, v)) {
		/* No room: the bytes in hand must do. */
		type_find(f, v, false);
		return 0;
	}
	if (f->head_len < f->head_max)
		return v.len;
	had = f->head_len - had;
	type_find(f, (struct nj_view){ f->head, f->head_len }, whole);
	content_begin(f, d);
	return had;
}

/* Bytes that the content's reader gets: where they lie if they are all. */
static void
content_add(struct nj_file *f, struct nj_dctx *d, struct nj_view v)
{
	if (!f->head_len && v.len >= f->head_max)
		content_read(f, d, nj_sub(v, 0, f->head_max));
	else if (!head_keep(f, d, v))
		f->content = NULL;
	else if (f->head_len == f->head_max)
		content_read(f, d, (struct nj_view){ f->head, f->head_len });
	if (!f->content)
		head_drop(f, d);
}

/* What is lost leaves a hole. */
static void
take_away(struct nj_file *f, struct nj_dctx *d, struct nj_view v)
{
	char id[NJ_UID_TEXT];

	nj_file_id(f, d, id);
	if (nj_extract(d, id, f->seen + f->missing, v)) {
		f->extracted = true;
	} else {
		f->cut = true;
		f->extracts = false;
	}
}

void
nj_file_data(struct nj_file *f, struct nj_dctx *d, struct nj_view v)
{
	size_t used = 0;

	if (!f->open || !v.len)
		return;
	if (!f->sniffed)
		used = type_add(f, d, v);
	if (f->content && used < v.len)
		content_add(f, d, nj_sub(v, used, v.len));
	nj_file_sums_add(f, d, v);
	if (nj_unlikely(f->extracts))
		take_away(f, d, v);
	f->seen += v.len;
	f->last = nj_now(d);
}

void
nj_file_pass(struct nj_file *f, struct nj_dctx *d, uint64_t n)
{
	if (!f->open || !n)
		return;
	(void)nj_file_sniff(f, d);
	nj_file_sums_drop(f, d);
	f->seen += n;
	f->last = nj_now(d);
}

void
nj_file_unpass(struct nj_file *f, uint64_t left, uint64_t lost)
{
	f->seen -= nj_min(f->seen, left + lost);
	f->missing += lost;
}

void
nj_file_gap(struct nj_file *f, struct nj_dctx *d, uint64_t n)
{
	if (!f->open)
		return;
	(void)nj_file_sniff(f, d);
	nj_file_sums_drop(f, d);
	f->missing += n;
}

bool
nj_file_is_complete(const struct nj_file *f)
{
	return f->sized && f->seen + f->missing >= f->total;
}

void
nj_file_close(struct nj_file *f, struct nj_dctx *d, bool whole)
{
	struct files_event ev = { 0 };
	char id[NJ_UID_TEXT];
	const struct nj_content *content;
	struct nj_view analyzer;
	struct nj_file_sums_text sums;

	if (!f->open)
		return;
	nj_file_eve(f, d, whole, NULL, NULL);
	ev.mime_type = nj_str(nj_file_sniff(f, d));
	nj_file_id(f, d, id);
	ev.fuid = nj_str(id);
	ev.source = nj_str(sources[f->source]);
	ev.depth = f->depth;
	content = nj_content_find(f->mime);
	analyzer = nj_str(content ? content->analyzer : NULL);
	ev.analyzers = (struct nj_vstr){ &analyzer, analyzer.len ? 1 : 0 };
	ev.filename = (struct nj_view){ f->name, f->name_len };
	ev.duration = f->last - f->began;
	nj_set(&ev, files, local_orig,
		nj_is_local(d, nj_addr_of(d, (enum nj_dir)f->dir)));
	nj_set(&ev, files, is_orig, f->dir == NJ_ORIG);
	ev.seen_bytes = f->seen;
	if (f->sized)
		nj_set(&ev, files, total_bytes, f->total);
	ev.missing_bytes = f->missing;
	ev.overflow_bytes = f->overflow;
	ev.timedout = !whole && !nj_file_is_complete(f);
	if (f->extracted)
		ev.extracted = ev.fuid;
	if (f->extracted || f->cut)
		nj_set(&ev, files, extracted_cutoff, f->cut);
	if (f->has_entropy)
		nj_set(&ev, files, entropy, f->entropy);
	if (f->sized ? nj_file_is_complete(f) : whole)
		nj_file_sums_tell(f, d, &ev, &sums);
	(void)nj_emit_at(d, &files_desc, &ev, f->began);
	if (f->name)
		nj_drop(d, (void *)(uintptr_t)f->name);
	f->name = NULL;
	nj_file_sums_drop(f, d);
	f->open = false;
}
