/*
 * field.h - header fields as mail, HTTP and their kin write them (RFC 5322,
 * RFC 2045, RFC 9110): names, tokens, parameters, file names, and the ways in
 * which bytes are written as text.
 */
#ifndef NJ_DISSECTORS_SHARED_FIELD_H
#define NJ_DISSECTORS_SHARED_FIELD_H

#include "engine/base/base.h"

/* "Name: value" in two; the value without blanks at its beginning. False
 * when line has no such form. */
NJ_MUST_USE bool nj_field_split(
	struct nj_view line, struct nj_view *name, struct nj_view *value);
/* The first token of *v, which is moved past it; empty when there is none.
 * Blanks, comments in parentheses and separators before it are passed. */
struct nj_view nj_field_token(struct nj_view *v);
/* "type/subtype" at the beginning of v; *rest is what follows. */
NJ_MUST_USE bool nj_field_media(struct nj_view v, struct nj_view *type,
	struct nj_view *subtype, struct nj_view *rest);
/* The value of parameter name in "; name=value; ...", still quoted pairs and
 * all, but without the quotes; data NULL when it is not there. */
struct nj_view nj_field_param(struct nj_view params, const char *name);
/* The file name in a Content-Disposition value (param "filename") or that of
 * a Content-Type ("name"), decoded into out; 0 when there is none. */
size_t nj_field_filename(
	struct nj_view value, const char *param, uint8_t *out, size_t cap);

/* %XX of v decoded into out (cap >= v.len); other bytes as they are. */
size_t nj_percent_decode(struct nj_view v, uint8_t *out);
/* 0..15, or -1. */
int nj_hex_digit(uint8_t c);

/* Base 64 that arrives in pieces (RFC 2045 6.8): other characters are passed
 * over, as a mail reader would. */
struct nj_base64_stream {
	uint32_t acc;
	uint8_t count;
	bool ended; /* padding was seen */
	bool odd;   /* something did not belong there */
};
/* Decodes v into out, which takes v.len / 4 * 3 + 3 bytes; gives the count. */
size_t nj_base64_more(
	struct nj_base64_stream *s, struct nj_view v, uint8_t *out);
/* What an unfinished last group holds: up to 2 bytes. */
size_t nj_base64_rest(struct nj_base64_stream *s, uint8_t *out);

/* Quoted-printable (RFC 2045 6.7), one line or a piece of it; the line end is
 * not part of v. */
struct nj_qp_stream {
	uint8_t held[2]; /* '=' and the digit after it, at a piece's end */
	uint8_t count;
};
/* out takes v.len + 4 bytes; eol: the line ends after v. */
size_t nj_qp_more(
	struct nj_qp_stream *s, struct nj_view v, bool eol, uint8_t *out);

#endif
