/*
 * query_priv.h - what the files of the query language share: memory, errors,
 * the lexer, names and typed literals.
 */
#ifndef NJ_STORE_QUERY_QUERY_PRIV_H
#define NJ_STORE_QUERY_QUERY_PRIV_H

#include "engine/store/ids.h"
#include "engine/store/query/query.h"

/* ---- arena.c: memory that is given back all at once ---- */
struct nj_query_arena *nj_query_arena_create(void);
void nj_query_arena_destroy(struct nj_query_arena **a);
/* Zeroed, aligned for anything; NULL when there is no memory. */
void *nj_query_alloc(struct nj_query_arena *a, size_t n);
/* A copy whose data is NULL only when there is no memory. */
struct nj_view nj_query_copy(struct nj_query_arena *a, struct nj_view v);

/* ---- error.c ---- */
/* What parse and bind fail with. The first error stays. */
struct nj_query_fail {
	struct nj_view text;
	struct nj_query_error *error;
	enum nj_err err; /* NJ_OK: nothing is wrong */
};
void nj_query_fail(struct nj_query_fail *f, struct nj_query_span span,
	const char *fmt, ...) NJ_PRINTF(3, 4);
void nj_query_hint(struct nj_query_fail *f, const char *fmt, ...)
	NJ_PRINTF(2, 3);
void nj_query_nomem(struct nj_query_fail *f);

/* For messages: at most 48 bytes of v, whole characters, "..." if cut. */
enum { NJ_QUERY_EXCERPT = 64 };
const char *nj_query_excerpt(struct nj_view v, char out[NJ_QUERY_EXCERPT]);

/* ---- lex.c: characters and runs of them ---- */
struct nj_query_lex {
	struct nj_view text;
	size_t at;
	struct nj_query_arena *arena;
	struct nj_query_fail *fail;
};
/* Text is UTF-8 without control bytes but blanks, and not too long. */
bool nj_query_lex_check(const struct nj_query_lex *l);
/* Moves past blanks, those of Unicode too. */
void nj_query_lex_blanks(struct nj_query_lex *l);
/* Bytes of the double quote at the cursor, of any form; 0: none. */
size_t nj_query_lex_quote(const struct nj_query_lex *l);
/* The bytes from at up to what ends a word: a blank, bracket, quote, or one
 * of the characters of ends. Escaped ones do not. */
struct nj_query_span nj_query_lex_word(
	const struct nj_query_lex *l, size_t at, const char *ends);
/* The first ':' in span that no backslash escapes, or SIZE_MAX. */
size_t nj_query_lex_colon(
	const struct nj_query_lex *l, struct nj_query_span span);
/* Resolves the escapes of a word; *glob says that it has wildcards, and then
 * the value is glob text. */
bool nj_query_lex_value(const struct nj_query_lex *l, struct nj_query_span span,
	struct nj_query_value *out, bool *glob);
/* The phrase or regular expression at the cursor, which is moved past it. */
bool nj_query_lex_phrase(struct nj_query_lex *l, struct nj_query_value *out);
bool nj_query_lex_regex(struct nj_query_lex *l, struct nj_query_value *out);

/* ---- glob.c: glob text ---- */
static inline uint8_t
nj_query_low(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}
/* An element of glob text: a literal byte, '*' or '?'. */
struct nj_query_glob {
	uint8_t c;
	bool wild;
};
bool nj_query_glob_next(struct nj_view *text, struct nj_query_glob *out);
/* nocase: glob is in lower case, text is taken as if it were. */
bool nj_query_glob_match(struct nj_view glob, struct nj_view text, bool nocase);

/* ---- literal.c, time.c: what a value means to a type ---- */
/* Whole numbers of both signs and all widths meet here. */
typedef __int128 nj_query_int;

/* "12", "0x1f", "10k", "10MB", "1.5GiB". */
bool nj_query_int_parse(struct nj_view v, nj_query_int *out);
/* "5", "0.5", "250ms", "10m", "2h", "-1s": ns; bare numbers are seconds. */
bool nj_query_span_parse(struct nj_view v, int64_t *ns);
bool nj_query_f64_parse(struct nj_view v, double *out);
bool nj_query_bool_parse(struct nj_view v, bool *out);
/* A MAC in any usual form, as 48 bits. */
bool nj_query_mac_parse(struct nj_view v, uint64_t *out);
/* An address or a prefix as the first and last address of it. */
enum nj_query_addr {
	NJ_QADDR_OK,
	NJ_QADDR_NONE,  /* it is no address */
	NJ_QADDR_LENGTH /* the prefix length is wrong, or *from has bits beyond
			 * it, which are cleared */
};
enum nj_query_addr nj_query_addr_parse(
	struct nj_view v, struct nj_addr *from, struct nj_addr *to);
/* As nj_uid_format writes it with 'C'. */
bool nj_query_uid_parse(struct nj_view v, uint64_t uid[2]);

/* ---- name.c: what a field name means to a log type ---- */
enum { NJ_QUERY_COLUMNS_MAX = 96 };
struct nj_query_column {
	uint8_t id;   /* field id or NJ_COL_* */
	uint8_t type; /* enum nj_type; MACs are U64 */
	bool exact;   /* case has a meaning in it */
	bool mac;     /* texts that are MACs */
	uint8_t list; /* texts are lists separated by this; 0: they are not */
	bool maybe_history; /* tried only for what is no connection state */
};
/* The columns of desc that name stands for. */
unsigned nj_query_columns(const struct nj_event_desc *desc, struct nj_view name,
	struct nj_query_column out[NJ_QUERY_COLUMNS_MAX]);
/* All columns of text, addresses and uids. */
unsigned nj_query_text_columns(const struct nj_event_desc *desc,
	struct nj_query_column out[NJ_QUERY_COLUMNS_MAX]);
/* Whether any log type has the name, or an alias table does. */
bool nj_query_name_known(struct nj_view name);
/* The known name that is nearest, in out; false: none is near. */
bool nj_query_name_nearest(struct nj_view name, char out[NJ_QUERY_EXCERPT]);
/* Whether the log type desc goes by this name in @type. */
bool nj_query_type_is(const struct nj_event_desc *desc, struct nj_view name);
/* Whether any has; if not, the nearest name (data NULL: none is near). */
bool nj_query_type_known(struct nj_view name, struct nj_view *nearest);
/* "id.orig_h" of a column number; "" of a field's. */
const char *nj_query_head_name(uint8_t id);

/* ---- operand.c: a term and a column to tests ---- */
/* The tests of which one must hold: none of them, if none can. */
struct nj_query_made {
	struct nj_query_made *next; /* of the same term */
	uint32_t key;               /* what they depend on of the column */
	unsigned n;
	const struct nj_operand *const *v;
	/* The term's value bad cannot be one of such a column, which wants
	 * "a whole number", for example hint. */
	const struct nj_query_value *bad;
	const char *wants, *hint;
};
enum { NJ_QUERY_MADE_MAX = 64 };
struct nj_query_binder {
	const struct nj_query_env *env;
	struct nj_query_arena *arena;
	struct nj_query_fail *fail;
	struct nj_bound *bound;
	struct nj_bound_regex *regexes; /* room for two of each term */
	struct nj_query_made **made;    /* by number of the term */
};
/* One term and one kind of column. Makers put tests to it; they give false on
 * failure alone. */
struct nj_query_maker {
	struct nj_query_binder *b;
	const struct nj_query_node *term;
	const struct nj_query_column *c;
	const struct nj_operand *v[NJ_QUERY_MADE_MAX];
	struct nj_query_made made;
};
bool nj_query_put(struct nj_query_maker *m, struct nj_operand o);
/* text.c: for columns of text, and text forms. */
bool nj_query_make_text(struct nj_query_maker *m);
/* NULL on failure, which is told to b->fail. */
const struct nj_query_made *nj_query_make(struct nj_query_binder *b,
	const struct nj_query_node *term, const struct nj_query_column *c);
/* bind.c: a compiled regular expression; its place, or -1 on failure. */
int nj_query_regex(struct nj_query_binder *b, const struct nj_query_value *v,
	bool nocase, bool whole);
/* Whether a bare term or one without a column. */
bool nj_query_is_bare(const struct nj_query_node *term);
/* Lower case of the ASCII letters of v; data NULL: no memory. */
struct nj_view nj_query_lower(struct nj_query_arena *a, struct nj_view v);

#endif
