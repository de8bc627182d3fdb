/*
 * file.c - counts a file's bytes, finds its type and writes its record.
 *
 * Most files show their type in the first segment, which is looked at where
 * it lies; only a type that needs more bytes makes a copy of the beginning.
 */
#include "dissectors/shared/file.h"

#include "dissectors/shared/mime.h"

NJ_EVENT_DEFINE(files, FILES, 0, "One file that was carried");

enum { NAME_MAX_BYTES = 1024 };

static const char *const sources[] = {
#define S(name) #name,
	NJ_FILE_SOURCES(S)
#undef S
};

void
nj_file_open(
	struct nj_file *f, struct nj_dctx *d, const struct nj_file_spec *spec)
{
	struct nj_view name = nj_keep_view(d, spec->name, NAME_MAX_BYTES);

	*f = (struct nj_file){ .open = true,
		.source = (uint8_t)spec->source,
		.dir = (uint8_t)spec->dir,
		.mime = spec->mime,
		.sniffed = spec->mime != NULL,
		.number = spec->number,
		.depth = (uint16_t)nj_min(spec->depth, UINT16_MAX),
		.sized = spec->sized,
		.total = spec->total,
		.name = name.data,
		.name_len = (uint16_t)name.len,
		.began = nj_now(d),
		.last = nj_now(d) };
}

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
}

const char *
nj_file_sniff(struct nj_file *f, struct nj_dctx *d)
{
	if (f->sniffed)
		return f->mime;
	f->sniffed = true;
	if (f->head_len)
		f->mime = nj_mime_sniff(
			(struct nj_view){ f->head, f->head_len }, true);
	head_drop(f, d);
	return f->mime;
}

bool
nj_file_wants(const struct nj_file *f)
{
	return f->open && !f->sniffed;
}

/* Keeps v for the type, which is decided once there is enough. */
static void
head_add(struct nj_file *f, struct nj_dctx *d, struct nj_view v)
{
	uint64_t need = NJ_MIME_BYTES;
	size_t n;

	if (f->sized)
		need = nj_min(need, f->total);
	if (!f->head_len && v.len >= need) {
		f->sniffed = true;
		f->mime = nj_mime_sniff(v, f->sized && v.len >= f->total);
		return;
	}
	if (!f->head)
		f->head = nj_keep(d, (size_t)need);
	if (!f->head) {
		/* No room: the bytes in hand must do. */
		f->sniffed = true;
		f->mime = nj_mime_sniff(v, false);
		return;
	}
	n = nj_min(v.len, (size_t)need - f->head_len);
	memcpy(f->head + f->head_len, v.data, n);
	f->head_len = (uint16_t)(f->head_len + n);
	if (f->head_len == need)
		(void)nj_file_sniff(f, d);
}

void
nj_file_data(struct nj_file *f, struct nj_dctx *d, struct nj_view v)
{
	if (!f->open || !v.len)
		return;
	if (!f->sniffed)
		head_add(f, d, v);
	f->seen += v.len;
	f->last = nj_now(d);
}

void
nj_file_pass(struct nj_file *f, struct nj_dctx *d, uint64_t n)
{
	if (!f->open || !n)
		return;
	(void)nj_file_sniff(f, d);
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
	f->missing += n;
}

/* What else is done with contents of some types, in Zeek's words. */
static struct nj_vstr
analyzers_of(const char *mime, struct nj_view *slot)
{
	*slot = (struct nj_view){ 0 };
	if (mime && !strcmp(mime, "application/x-dosexec"))
		*slot = NJ_LIT("PE");
	if (mime && !strcmp(mime, "application/ocsp-response"))
		*slot = NJ_LIT("OCSP_REPLY");
	return (struct nj_vstr){ slot, slot->len ? 1 : 0 };
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
	struct nj_view analyzer;

	if (!f->open)
		return;
	ev.mime_type = nj_str(nj_file_sniff(f, d));
	nj_file_id(f, d, id);
	ev.fuid = nj_str(id);
	ev.source = nj_str(sources[f->source]);
	ev.depth = f->depth;
	ev.analyzers = analyzers_of(f->mime, &analyzer);
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
	(void)nj_emit_at(d, &files_desc, &ev, f->began);
	if (f->name)
		nj_drop(d, (void *)(uintptr_t)f->name);
	f->name = NULL;
	f->open = false;
}
