/*
 * body.h - the contents of an HTTP message (any version): undone from their
 * coding, taken apart when they are a multipart, else one file. The caller
 * has removed the framing (lengths, chunks).
 */
#ifndef NJ_DISSECTORS_SHARED_BODY_H
#define NJ_DISSECTORS_SHARED_BODY_H

#include "dissectors/shared/entity.h"
#include "engine/io/inflate.h"

enum nj_body_coding { NJ_BODY_PLAIN, NJ_BODY_GZIP, NJ_BODY_DEFLATE };

/* Decoding stops here: what a gzip stream holds besides is read from its
 * last bytes, and a bomb costs no more than others. */
enum {
	NJ_BODY_GZIP_MAX = 256 * 1024,
	NJ_BODY_DEFLATE_MAX = 4 * 1024 * 1024,
	NJ_BODY_TAIL = 4,
	NJ_BODY_DNS_MAX = 4080 /* of a longer message nothing is told */
};

struct nj_body {
	struct nj_inflate *inflate; /* kept; NULL: not, or no more, decoded */
	struct nj_entity *parts;    /* kept; NULL: one file */
	uint8_t *name;              /* kept */
	uint8_t *dns; /* kept: a DNS message (RFC 8484), for EVE; or NULL */
	struct nj_file file;
	uint64_t wire;  /* bytes of the body as sent, lost ones included */
	uint64_t clear; /* the same after decoding */
	uint64_t range_first;
	uint16_t name_len, dns_len;
	uint8_t coding;
	uint8_t tail[NJ_BODY_TAIL]; /* the last bytes of a gzip stream */
	bool partial;               /* a range of the file: */
	bool lost;                  /* a gap: the tail says nothing */
	bool bad_coding;            /* the coding could not be undone */
	bool full;                  /* decoded as far as we go */
};

/* What the header says of the body. */
struct nj_body_spec {
	const struct nj_entity_ops *ops; /* file, number, odd */
	void *ctx;
	struct nj_file_spec file; /* source, dir; sized and total where known */
	uint64_t range_first;
	bool partial;
};

/* A header field of the message: kept if it concerns the body. */
void nj_body_field(struct nj_body *b, struct nj_dctx *d, struct nj_view name,
	struct nj_view value);
bool nj_body_is_container(const struct nj_body *b);
/* The body begins; the same spec serves until its end. */
void nj_body_start(
	struct nj_body *b, struct nj_dctx *d, const struct nj_body_spec *spec);
void nj_body_data(struct nj_body *b, struct nj_dctx *d,
	const struct nj_body_spec *spec, struct nj_view v);
void nj_body_gap(struct nj_body *b, struct nj_dctx *d,
	const struct nj_body_spec *spec, uint64_t n);
/* Nothing but the last NJ_BODY_TAIL bytes is looked at any more: the caller
 * may skip, and tell how many bytes that were. */
bool nj_body_idle(const struct nj_body *b);
void nj_body_pass(struct nj_body *b, struct nj_dctx *d, uint64_t n);
/* Of the bytes passed, left never came and lost fell into gaps. */
void nj_body_unpass(struct nj_body *b, uint64_t left, uint64_t lost);
/* Ends the body and gives back what it kept; lengths stay readable. The file
 * of a range that is not complete stays open: other ranges may follow, whose
 * body takes it over before it starts (b->file), or nobody: close it. */
void nj_body_end(struct nj_body *b, struct nj_dctx *d,
	const struct nj_body_spec *spec, bool whole);

#endif
