/*
 * file_eve.c - EVE's fileinfo events.
 */
#include "dissectors/shared/file_eve.h"

#include "engine/crypt/hash.h"

#define EVE_FILEINFO(F, tag)                                                   \
	F(tag, 1, STR, app_proto, 0, "Protocol that carried it")               \
	F(tag, 2, STR, http, NJ_JSON, "The exchange that carried it")          \
	F(tag, 3, STR, smtp, NJ_JSON, "The envelope of its mail")              \
	F(tag, 4, STR, email, NJ_JSON, "The header of its mail")               \
	F(tag, 5, STR, fileinfo__filename, 0,                                  \
		"Name, or target of the request")                              \
	F(tag, 6, BOOL, fileinfo__gaps, 0, "Bytes of it were lost")            \
	F(tag, 7, STR, fileinfo__state, 0, "CLOSED, or TRUNCATED")             \
	F(tag, 8, BOOL, fileinfo__stored, 0, "Always false")                   \
	F(tag, 9, U64, fileinfo__size, 0, "Bytes, the lost ones too")          \
	F(tag, 10, U64, fileinfo__tx_id, 0, "Number of its transaction")       \
	F(tag, 11, STR, fileinfo__mimetype, 0, "Type by contents")             \
	F(tag, 12, STR, fileinfo__md5, 0, "Of the contents, if all were seen") \
	F(tag, 13, STR, fileinfo__sha256, 0, "Of the contents, likewise")      \
	F(tag, 14, U64, fileinfo__start, NJ_OPT, "First byte of a range")      \
	F(tag, 15, U64, fileinfo__end, NJ_OPT, "Last byte of that range")

NJ_EVENT_STRUCT_(eve_fileinfo, EVE_FILEINFO);
NJ_EVENT_DEFINE(eve_fileinfo, EVE_FILEINFO, NJ_EV_EVE, "One file");

/* As app_proto calls who carries files; certificates and the like are none
 * there. */
static const char *const app_protos[] = { [NJ_FILE_HTTP] = "http",
	[NJ_FILE_SMTP] = "smtp",
	[NJ_FILE_FTP_DATA] = "ftp-data",
	[NJ_FILE_SMB] = "smb",
	[NJ_FILE_POP3] = "pop3",
	[NJ_FILE_IMAP] = "imap",
	[NJ_FILE_NFS] = "nfs",
	[NJ_FILE_TFTP] = "tftp",
	[NJ_FILE_IRC_DATA] = NULL };

static bool
is_source(const struct nj_file *f)
{
	return f->source < nj_countof(app_protos) && app_protos[f->source];
}

/* Of a mail only what is attached is a file there, not its text. */
static bool
is_file(const struct nj_file *f)
{
	return is_source(f) && (f->source != NJ_FILE_SMTP || f->name_len);
}

struct nj_file_sums {
	bool eve; /* for that, too: without a limit */
	struct nj_hasher md5, sha256;
};

enum { HEX_BYTES = 2 * NJ_SHA256_BYTES };

void
nj_file_sums_begin(struct nj_file *f, struct nj_dctx *d)
{
	bool eve = is_source(f) && nj_wanted(d, &eve_fileinfo_desc);
	uint64_t max = nj_hash_bytes_max(d);

	if (!eve && (!max || (f->sized && f->total > max)))
		return;
	f->sums = nj_keep(d, sizeof(*f->sums));
	if (!f->sums)
		return;
	f->sums->eve = eve;
	nj_hasher_start(&f->sums->md5, NJ_HASH_MD5);
	nj_hasher_start(&f->sums->sha256, NJ_HASH_SHA256);
}

static void
sums_add(struct nj_file_sums *s, struct nj_view v)
{
	nj_hasher_add(&s->md5, v);
	nj_hasher_add(&s->sha256, v);
}

void
nj_file_sums_add(struct nj_file *f, struct nj_dctx *d, struct nj_view v)
{
	static const size_t eol = 2;
	bool hold = f->hold_eol && v.len >= eol && v.data[v.len - 2] == '\r' &&
		    v.data[v.len - 1] == '\n';

	if (f->sums && !f->sums->eve && f->seen + v.len > nj_hash_bytes_max(d))
		nj_file_sums_drop(f, d);
	if (f->sums) {
		if (f->held)
			sums_add(f->sums, NJ_LIT("\r\n"));
		sums_add(f->sums, nj_sub(v, 0, v.len - (hold ? eol : 0)));
	}
	f->held = hold;
}

void
nj_file_sums_drop(struct nj_file *f, struct nj_dctx *d)
{
	if (f->sums)
		nj_drop(d, f->sums);
	f->sums = NULL;
}

/* Ends a copy, so that the sums may go on. */
static struct nj_view
sum_text(struct nj_hasher h, char out[HEX_BYTES])
{
	uint8_t sum[NJ_SHA256_BYTES];
	size_t n = nj_hasher_end(&h, sum);

	nj_hex((struct nj_view){ sum, n }, out);
	return (struct nj_view){ (const uint8_t *)out, 2 * n };
}

void
nj_file_sums_tell(const struct nj_file *f, const struct nj_dctx *d,
	struct files_event *ev, struct nj_file_sums_text *text)
{
	struct nj_file_sums whole;

	if (!f->sums || f->seen > nj_hash_bytes_max(d))
		return;
	whole = *f->sums;
	if (f->held)
		sums_add(&whole, NJ_LIT("\r\n"));
	ev->md5 = sum_text(whole.md5, text->md5);
	ev->sha256 = sum_text(whole.sha256, text->sha256);
}

static void
tell(const struct nj_file *f, struct nj_dctx *d, bool whole,
	const struct nj_file_about *about)
{
	struct nj_view name = nj_sub((struct nj_view){ f->name, f->name_len },
		0, f->source == NJ_FILE_SMTP ? NJ_EVE_MAIL_NAME_MAX : SIZE_MAX);
	struct eve_fileinfo_event ev = { .http = about->http,
		.smtp = about->smtp,
		.email = about->email,
		.fileinfo__filename = f->name_len ? name : about->name,
		.fileinfo__gaps = f->missing > 0,
		.fileinfo__size = f->seen + f->missing - (f->held ? 2 : 0),
		.fileinfo__tx_id = about->tx,
		.fileinfo__mimetype = nj_str(f->mime) };
	char md5[HEX_BYTES], sha256[HEX_BYTES];
	bool closed = !f->missing && (whole || nj_file_is_complete(f));

	/* What lies before a range was not asked for; with the last of them
	 * the file is told of that all of them make. */
	if (about->is_range && about->first <= f->missing &&
		!nj_file_is_complete(f)) {
		ev.fileinfo__size -= about->first;
		ev.fileinfo__gaps = f->missing > about->first;
		closed = !ev.fileinfo__gaps &&
			 ev.fileinfo__size == about->last - about->first + 1;
	}
	ev.app_proto = nj_str(app_protos[f->source]);
	ev.fileinfo__state = closed ? NJ_LIT("CLOSED") : NJ_LIT("TRUNCATED");
	if (about->is_range) {
		nj_set(&ev, eve_fileinfo, fileinfo__start, about->first);
		nj_set(&ev, eve_fileinfo, fileinfo__end, about->last);
	}
	if (f->sums) {
		ev.fileinfo__md5 = sum_text(f->sums->md5, md5);
		ev.fileinfo__sha256 = sum_text(f->sums->sha256, sha256);
	}
	(void)nj_emit_dir(d, &eve_fileinfo_desc, &ev, (enum nj_dir)f->dir);
}

void
nj_file_eve(struct nj_file *f, struct nj_dctx *d, bool whole,
	nj_file_about_fn *about_fn, void *ctx)
{
	struct nj_file_about about = { 0 };
	size_t mark = nj_arena_mark(d);

	if (f->told || !f->open || !is_file(f) ||
		!nj_wanted(d, &eve_fileinfo_desc))
		return;
	f->told = true;
	if (about_fn)
		about_fn(ctx, d, f, &about);
	(void)nj_file_sniff(f, d);
	tell(f, d, whole, &about);
	nj_arena_release(d, mark);
}

void
nj_file_close_told(struct nj_file *f, struct nj_dctx *d, bool whole,
	nj_file_about_fn *about_fn, void *ctx)
{
	nj_file_eve(f, d, whole, about_fn, ctx);
	nj_file_close(f, d, whole);
}
