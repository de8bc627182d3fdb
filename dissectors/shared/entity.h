/*
 * entity.h - the parts of a message in MIME form (RFC 2045, RFC 2046), as
 * mail carries and as HTTP does in forms: header fields, nested multiparts,
 * enclosed messages, transfer encodings; each body that is no container is a
 * file. Fed as it arrives; the depth and all that is kept are bounded.
 */
#ifndef NJ_DISSECTORS_SHARED_ENTITY_H
#define NJ_DISSECTORS_SHARED_ENTITY_H

#include "dissectors/shared/field.h"
#include "dissectors/shared/file_eve.h"

enum {
	NJ_ENTITY_DEPTH_MAX = 100,
	NJ_ENTITY_BOUNDARY_MAX = 200,
	NJ_ENTITY_HEADER_MAX = 65536,
	NJ_ENTITY_LINE_MAX = 4080,
	NJ_ENTITY_NAME_MAX = 1024
};

/* Something odd about the message. */
enum nj_entity_odd {
	NJ_ENTITY_TOO_DEEP,
	NJ_ENTITY_LONG_HEADER,
	NJ_ENTITY_BAD_BASE64
};

/* What the owner is told; each may be NULL. depth 0 is the outermost. */
struct nj_entity_ops {
	void (*begin)(void *ctx, struct nj_dctx *d, unsigned depth);
	void (*header)(void *ctx, struct nj_dctx *d, unsigned depth,
		const struct nj_view field[2]); /* name, value */
	/* A file begins, or has ended and its type is known. */
	void (*file)(void *ctx, struct nj_dctx *d, const struct nj_file *f,
		bool end);
	/* Fills in number and depth of the file that begins. */
	void (*number)(void *ctx, struct nj_dctx *d, struct nj_file_spec *spec);
	void (*odd)(void *ctx, struct nj_dctx *d, enum nj_entity_odd what);
	/* Decoded bytes of a part that is text, or says nothing of its type;
	 * they end with the part (file, end) at the latest. */
	void (*text)(void *ctx, struct nj_dctx *d, struct nj_view v);
	/* What is known of the message, for EVE, at the end of a file. */
	nj_file_about_fn *about;
};

enum nj_entity_kind {
	NJ_ENTITY_LEAF,
	NJ_ENTITY_MULTIPART,
	NJ_ENTITY_MESSAGE,
	NJ_ENTITY_IGNORE /* past the last part, or too deep */
};

/* One open entity; those around it are kept in a chain. */
struct nj_entity_level {
	struct nj_entity_level *up;
	uint8_t kind, encoding;
	bool in_header;
	bool no_text; /* its type is another than text */
	uint8_t boundary_len;
	uint8_t boundary[NJ_ENTITY_BOUNDARY_MAX];
};

struct nj_entity {
	const struct nj_entity_ops *ops;
	void *ctx;
	struct nj_file_spec spec;  /* source and dir of files */
	struct nj_entity_level in; /* the innermost */
	unsigned depth;
	bool crlf_due;   /* a line end that may belong to a boundary */
	bool mid_line;   /* what comes next continues a line */
	uint8_t *header; /* field that may be continued, kept */
	uint32_t header_len, header_cap;
	uint8_t *carry; /* bytes of a line that has not ended, kept */
	uint16_t carry_len, name_len;
	uint8_t *name; /* of the file to come, kept */
	struct nj_base64_stream base64;
	struct nj_qp_stream qp;
	struct nj_file file;
};

/* A message whose header comes first. Borrows ops and ctx. */
void nj_entity_begin(struct nj_entity *e, struct nj_dctx *d,
	const struct nj_entity_ops *ops, void *ctx);
/* For an owner that reads the outermost header itself (HTTP): one field of
 * it, without a call of ops->header; and its end. */
void nj_entity_field(struct nj_entity *e, struct nj_dctx *d,
	struct nj_view name, struct nj_view value);
void nj_entity_body(struct nj_entity *e, struct nj_dctx *d);
/* Is the outermost entity's type a container, by the fields so far? */
bool nj_entity_is_container(const struct nj_entity *e);

/* A line, or the next piece of one; eol: it ends here. Its end is not part of
 * v. */
void nj_entity_line(
	struct nj_entity *e, struct nj_dctx *d, struct nj_view v, bool eol);
/* The same for bytes cut anywhere; in bodies only CR LF ends a line. */
void nj_entity_bytes(struct nj_entity *e, struct nj_dctx *d, struct nj_view v);
void nj_entity_gap(struct nj_entity *e, struct nj_dctx *d, uint64_t n);
/* Ends all that is open; whole: the message is complete. */
void nj_entity_end(struct nj_entity *e, struct nj_dctx *d, bool whole);

#endif
