/*
 * ber.h - reading BER (X.690): one element at a time from a cursor, nothing
 * copied, nothing recursive. It takes what DER (der.h) refuses and protocols
 * use: lengths longer than needed, indefinite lengths, tags above 30.
 * Whatever is broken makes the cursor bad, as running out of bytes does.
 */
#ifndef NJ_DISSECTORS_SHARED_BER_H
#define NJ_DISSECTORS_SHARED_BER_H

#include "dissectors/shared/der.h"

enum {
	NJ_BER_ENUM = 0x0a,
	NJ_BER_NULL = 0x05,
	NJ_BER_GENERAL_STRING = 0x1b,
	NJ_BER_APPLICATION = 0x40,
	NJ_BER_APPLICATION_CONS = 0x60,
	NJ_BER_DEPTH_MAX = 32 /* indefinite lengths within each other */
};

/* Identifier and length of an element. */
struct nj_ber_head {
	uint8_t tag; /* the first byte of the identifier */
	uint8_t bytes;
	bool indefinite;
	uint32_t number; /* of the tag, without class */
	uint32_t len;
};

enum nj_ber_got { NJ_BER_BAD, NJ_BER_MORE, NJ_BER_OK };
/* For bytes that are still coming: MORE means too few to say. */
enum nj_ber_got nj_ber_head(struct nj_view v, struct nj_ber_head *out);

/* The next element as der.h gives it; an indefinite length is resolved, its
 * end is in whole and not in body. */
struct nj_der nj_ber_next(struct nj_cur *c);

/* Whether an element with this tag stands next and is whole: *in reads its
 * body. Nothing is taken, and c stays good, when another one stands there. */
bool nj_ber_enter(struct nj_cur *c, uint8_t tag, struct nj_cur *in);
/* The body of the next element, which must have this tag. */
struct nj_view nj_ber_take(struct nj_cur *c, uint8_t tag);
/* The body of an optional element with this tag; data NULL when another one
 * stands next. */
struct nj_view nj_ber_option(struct nj_cur *c, uint8_t tag);
/* An INTEGER or ENUMERATED of at most 8 bytes that stands next. */
int64_t nj_ber_int(struct nj_cur *c, uint8_t tag);
/* The number in such an element's body; false when it is too long. */
NJ_MUST_USE bool nj_ber_number(struct nj_view body, int64_t *out);

#endif
