/*
 * file.h - one file that some protocol carries, from its first byte to its
 * record in the files log. A struct nj_file sits in the state of the
 * dissector that carries it; contents are counted and their first bytes
 * looked at, nothing else is kept.
 */
#ifndef NJ_DISSECTORS_SHARED_FILE_H
#define NJ_DISSECTORS_SHARED_FILE_H

#include "dissectors/shared/content.h"

#define FILES(F, tag)                                                          \
	F(tag, 1, STR, fuid, NJ_INDEX, "Id of the file")                       \
	F(tag, 2, STR, source, NJ_INDEX, "What carried the file")              \
	F(tag, 3, U64, depth, 0, "How deep in a message the file lay")         \
	F(tag, 4, VSTR, analyzers, 0, "Analysis that the type calls for")      \
	F(tag, 5, STR, mime_type, NJ_INDEX | NJ_LEARN, "Type by contents")     \
	F(tag, 6, STR, filename, NJ_INDEX | NJ_PII, "Name that came with it")  \
	F(tag, 7, IVAL, duration, 0, "From the first byte to the last")        \
	F(tag, 8, BOOL, local_orig, NJ_OPT, "The sender's network is local")   \
	F(tag, 9, BOOL, is_orig, NJ_OPT, "The originator sent the file")       \
	F(tag, 10, U64, seen_bytes, NJ_LEARN, "Bytes that were seen")          \
	F(tag, 11, U64, total_bytes, NJ_OPT, "Bytes that were announced")      \
	F(tag, 12, U64, missing_bytes, 0, "Bytes lost by the capture")         \
	F(tag, 13, U64, overflow_bytes, 0, "Bytes out of order and given up")  \
	F(tag, 14, BOOL, timedout, 0, "The end was never seen")                \
	F(tag, 15, STR, parent_fuid, 0, "File that this one was found in")     \
	F(tag, 16, STR, md5, NJ_INDEX,                                         \
		"MD5 of the contents, if option files.hash_max allows it")     \
	F(tag, 17, STR, sha256, NJ_INDEX, "SHA-256, likewise")                 \
	F(tag, 18, F64, entropy, NJ_OPT | NJ_LEARN,                            \
		"Bits a byte of the first 1024: above 7.5 what is encrypted "  \
		"or compressed")                                               \
	F(tag, 19, STR, extracted, 0, "Name it was written by (--extract)")    \
	F(tag, 20, BOOL, extracted_cutoff, NJ_OPT,                             \
		"There was no room for all of it")

NJ_EVENT_DECLARE(files, FILES);

/* What a dissector that carries files may write besides its own. */
#define NJ_FILE_EVENTS &files_desc, NJ_CONTENT_EVENTS, &eve_fileinfo_desc
extern const struct nj_event_desc eve_fileinfo_desc;

/* Who carries files; each numbers its own from 0 in every flow. */
#define NJ_FILE_SOURCES(S)                                                     \
	S(HTTP)                                                                \
	S(SMTP)                                                                \
	S(FTP_DATA)                                                            \
	S(SMB)                                                                 \
	S(SSL)                                                                 \
	S(POP3)                                                                \
	S(IMAP)                                                                \
	S(NFS)                                                                 \
	S(TFTP)                                                                \
	S(IRC_DATA)                                                            \
	S(KRB)                                                                 \
	S(RDP)
enum nj_file_source {
#define S(name) NJ_FILE_##name,
	NJ_FILE_SOURCES(S)
#undef S
};

struct nj_file_sums;

struct nj_file {
	uint8_t *head; /* kept while the type is not known, or for content */
	struct nj_file_sums *sums;        /* kept while each byte was seen */
	const struct nj_content *content; /* wants head_max bytes, or NULL */
	const uint8_t *name;              /* kept */
	const char *mime;
	int64_t began, last;
	uint64_t seen, missing, overflow, total;
	double entropy;
	uint32_t number;
	uint32_t head_len, head_max;
	uint16_t name_len, depth;
	uint8_t source;
	uint8_t dir;
	bool open, sniffed, sized, told, has_entropy;
	bool extracts, extracted, cut; /* contents are taken away */
	bool hold_eol, held;           /* for EVE, see the spec */
};

/* What carried a file, for EVE (file_eve.h). */
struct nj_file_about;
typedef void nj_file_about_fn(void *ctx, struct nj_dctx *d,
	const struct nj_file *f, struct nj_file_about *about);

struct nj_file_spec {
	enum nj_file_source source;
	enum nj_dir dir;     /* who sends it */
	uint32_t number;     /* the how manieth of this source and flow */
	unsigned depth;      /* see the files log */
	struct nj_view name; /* copied, cut at 1 KiB */
	const char *mime;    /* known from the carrier; NULL: by contents */
	bool sized;          /* total is known: */
	uint64_t total;
	bool hold_eol; /* for EVE a CR LF at its very end is none of it */
};

/* Begins the file at packet time; call at the first byte. */
void nj_file_open(
	struct nj_file *f, struct nj_dctx *d, const struct nj_file_spec *spec);
/* The id that files.fuid will have. */
void nj_file_id(const struct nj_file *f, const struct nj_dctx *d,
	char out[NJ_UID_TEXT]);
/* Next bytes of the contents. */
void nj_file_data(struct nj_file *f, struct nj_dctx *d, struct nj_view v);
/* n bytes that were on the wire and need not be looked at. */
void nj_file_pass(struct nj_file *f, struct nj_dctx *d, uint64_t n);
/* Of the bytes that were passed, left never came and lost fell in a gap. */
void nj_file_unpass(struct nj_file *f, uint64_t left, uint64_t lost);
/* n bytes are lost. */
void nj_file_gap(struct nj_file *f, struct nj_dctx *d, uint64_t n);
/* Decides the type from what there is; nothing afterwards changes it. */
const char *nj_file_sniff(struct nj_file *f, struct nj_dctx *d);
/* Are there more bytes that the type, or what is read of it, depends on? */
bool nj_file_wants(const struct nj_file *f);
/* Have all bytes that were announced been seen, or lost? */
bool nj_file_is_complete(const struct nj_file *f);
/* Emits the record; whole says that the end was seen. Does nothing when no
 * file is open. f->mime stays readable. */
void nj_file_close(struct nj_file *f, struct nj_dctx *d, bool whole);

#endif
