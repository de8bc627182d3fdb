/*
 * base.h - the words every other file is written in: errors, views,
 * directions, compiler hints and the assertion that stays on.
 */
#ifndef NJ_BASE_BASE_H
#define NJ_BASE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define NJ_MUST_USE __attribute__((warn_unused_result))
#define NJ_NORETURN __attribute__((noreturn))
#define NJ_PRINTF(f, a) __attribute__((format(printf, f, a)))
#define NJ_PACKED __attribute__((packed))
#define NJ_CACHE_LINE 64
#define NJ_ALIGNED(n) __attribute__((aligned(n)))
#define nj_likely(x) __builtin_expect(!!(x), 1)
#define nj_unlikely(x) __builtin_expect(!!(x), 0)
#define nj_countof(a) (sizeof(a) / sizeof((a)[0]))
#define nj_min(a, b) ((a) < (b) ? (a) : (b))
#define nj_max(a, b) ((a) > (b) ? (a) : (b))

/* Errors of our own doing or of the machine; packets never make one. The
 * text and the remedy of each stand in err.def. */
enum nj_err {
	NJ_OK = 0,
#define NJ_ERR(name, text, remedy) NJ_E_##name,
#include "engine/base/err.def"
#undef NJ_ERR
	NJ_ERR_COUNT
};

/* What went wrong, as a phrase; never NULL, static. */
const char *nj_err_text(enum nj_err err);
/* What the operator can do about it; never NULL, static, may be "". */
const char *nj_err_remedy(enum nj_err err);

/* A run of bytes that somebody else owns. data may be NULL when len is 0. */
struct nj_view {
	const uint8_t *data;
	size_t len;
};

/* Which side of a flow: the originator, or the responder. */
enum nj_dir { NJ_ORIG = 0, NJ_RESP = 1 };

static inline enum nj_dir
nj_other(enum nj_dir dir)
{
	return dir == NJ_ORIG ? NJ_RESP : NJ_ORIG;
}

/* A view of a string literal. */
#define NJ_LIT(s) ((struct nj_view){ (const uint8_t *)(s), sizeof(s) - 1 })

/* Borrows s, which must end in NUL. */
static inline struct nj_view
nj_str(const char *s)
{
	return (struct nj_view){ (const uint8_t *)s, s ? strlen(s) : 0 };
}

static inline struct nj_view
nj_sub(struct nj_view v, size_t from, size_t len)
{
	/* C does not let even 0 be added to NULL. */
	if (from > v.len || !v.data)
		return (struct nj_view){ 0 };
	return (struct nj_view){ v.data + from, nj_min(len, v.len - from) };
}

bool nj_view_eq(struct nj_view a, struct nj_view b);
/* ASCII letters compare without case. */
bool nj_view_caseeq(struct nj_view a, struct nj_view b);
bool nj_view_starts(struct nj_view v, struct nj_view prefix);
bool nj_view_casestarts(struct nj_view v, struct nj_view prefix);
/* Without leading and trailing blanks and tabs. */
struct nj_view nj_view_trim(struct nj_view v);
/* Where needle begins in v, or SIZE_MAX. */
size_t nj_view_find(struct nj_view v, struct nj_view needle);
/* Where byte c first stands in v, or SIZE_MAX. */
size_t nj_view_chr(struct nj_view v, uint8_t c);
/* A decimal number that is all of v; false where it is not one. */
NJ_MUST_USE bool nj_view_u64(struct nj_view v, uint64_t *out);

/* An address of either family; v4 sits in the first four bytes, the rest 0.
 * family 0 means "no address". */
struct nj_addr {
	uint8_t bytes[16];
	uint8_t family; /* 0, 4 or 6 */
};

enum { NJ_ADDR_TEXT = 46 };
/* Writes the text form (RFC 5952 for v6), gives its length. */
size_t nj_addr_text(const struct nj_addr *a, char out[NJ_ADDR_TEXT]);
NJ_MUST_USE bool nj_addr_parse(struct nj_addr *out, const char *text);
static inline struct nj_addr
nj_addr4(const void *four)
{
	struct nj_addr a = { .family = 4 };

	memcpy(a.bytes, four, 4);
	return a;
}
static inline struct nj_addr
nj_addr6(const void *sixteen)
{
	struct nj_addr a = { .family = 6 };

	memcpy(a.bytes, sixteen, 16);
	return a;
}
bool nj_addr_eq(const struct nj_addr *a, const struct nj_addr *b);

/* Stops the process when one of our own rules is broken; on in releases. */
#define NJ_ASSERT(cond)                                                        \
	do {                                                                   \
		if (nj_unlikely(!(cond)))                                      \
			nj_assert_failed(#cond, __FILE__, __LINE__);           \
	} while (0)
NJ_NORETURN void nj_assert_failed(const char *cond, const char *file, int line);

#define NJ_NS_PER_S INT64_C(1000000000)
#define NJ_NS_PER_MS INT64_C(1000000)
#define NJ_NS_PER_US INT64_C(1000)

#endif
