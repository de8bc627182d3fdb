/*
 * mailbody.h - a mail that a mail box hands out or takes in (POP3, IMAP): its
 * parts become files, and the fields that tell one mail from another are kept.
 */
#ifndef NJ_DISSECTORS_SHARED_MAILBODY_H
#define NJ_DISSECTORS_SHARED_MAILBODY_H

#include "dissectors/shared/entity.h"

enum { NJ_MAILBODY_FUIDS_MAX = 16, NJ_MAILBODY_TEXT_MAX = 256 };

/* Of which protocol, and what has been numbered in it so far; in the state of
 * the dissector. */
struct nj_mailbody {
	struct nj_entity *entity;             /* kept, while a mail comes */
	struct nj_view from, subject, msg_id; /* kept */
	struct nj_view fuids[NJ_MAILBODY_FUIDS_MAX]; /* kept */
	unsigned n_fuids;
	uint32_t files, parts;
};

/* What its owner's table of oddities begins with: enum nj_entity_odd. */
#define NJ_MAILBODY_ODDITIES                                                   \
	[NJ_ENTITY_TOO_DEEP] = { "exceeded_mime_max_depth",                    \
		"Parts within parts beyond the limit" },                       \
	[NJ_ENTITY_LONG_HEADER] = { "exceeded_mime_max_header_bytes",          \
		"A header field beyond the limit" },                           \
	[NJ_ENTITY_BAD_BASE64] = { "base64_illegal_encoding",                  \
		"Base 64 with characters that do not belong there" }
enum { NJ_MAILBODY_ODD_NEXT = NJ_ENTITY_BAD_BASE64 + 1 };

/* A mail begins; another one that is open ends. */
void nj_mailbody_begin(struct nj_mailbody *b, struct nj_dctx *d,
	enum nj_file_source source, enum nj_dir dir);
/* The mail ends; what it left stays until nj_mailbody_clear. */
void nj_mailbody_end(struct nj_mailbody *b, struct nj_dctx *d, bool whole);
void nj_mailbody_clear(struct nj_mailbody *b, struct nj_dctx *d);
/* A kept text is not needed any more. */
void nj_mailbody_drop(struct nj_dctx *d, struct nj_view *v);

#endif
