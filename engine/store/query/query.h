/*
 * query.h - the query language of search: text to a tree, and the tree bound
 * to the registered log types. The language is told in
 * docs/operator/search.md.
 *
 *	nj_query_parse	text -> struct nj_query, a tree of terms as written
 *	nj_query_bind	tree -> struct nj_bound, for each log type that can
 *			match a tree of {column, test, typed operand}
 *	nj_bound_match	one row against it; says what matching means
 *
 * A store evaluates bound trees column by column, a compiler to another
 * language walks either tree. Query text is hostile: length, depth and number
 * of terms are bounded, and so is the recursion over the trees.
 */
#ifndef NJ_STORE_QUERY_QUERY_H
#define NJ_STORE_QUERY_QUERY_H

#include "engine/event/row.h"

enum {
	NJ_QUERY_BYTES_MAX = 16 * 1024,
	NJ_QUERY_DEPTH_MAX = 64,   /* brackets in brackets */
	NJ_QUERY_TERMS_MAX = 1024, /* terms and operators */
	NJ_QUERY_BOUND_MAX = 1 << 20 /* tests for all log types */,
	/* No path from a root of either tree is longer. */
	NJ_QUERY_TREE_DEPTH_MAX = 3 * NJ_QUERY_DEPTH_MAX + 8
};

/* A place in the query's text. */
struct nj_query_span {
	uint32_t at, len; /* bytes */
};

/* What is wrong with a query. */
struct nj_query_error {
	struct nj_query_span span;
	uint32_t column; /* of span.at, UTF-8 characters from 1 */
	char what[256];
	char hint[160]; /* what to write instead; "" if nothing comes near */
};
/* Appends what, the column, the query's line with a caret below, the hint. */
void nj_query_error_text(struct nj_buf *out, struct nj_view text,
	const struct nj_query_error *error);

/* ---- As written ---- */
enum nj_query_kind {
	NJ_QUERY_ALL, /* everything: an empty query, "*" */
	NJ_QUERY_AND, /* of first, first->next, ... */
	NJ_QUERY_OR,
	NJ_QUERY_NOT, /* of first */
	NJ_QUERY_TERM
};

enum nj_query_test {
	NJ_QUERY_IS,     /* value */
	NJ_QUERY_GLOB,   /* value with * and ?; \ before literal ones and \ */
	NJ_QUERY_REGEX,  /* value as it stood between the slashes */
	NJ_QUERY_RANGE,  /* value to upto; either may be absent */
	NJ_QUERY_EXISTS, /* the field has a value */
};

struct nj_query_value {
	struct nj_view text; /* escapes resolved; data NULL: absent */
	struct nj_query_span span;
	bool quoted;
	bool open; /* end of a range that is not part of it */
};

struct nj_query_node {
	uint8_t kind;    /* enum nj_query_kind */
	uint8_t test;    /* enum nj_query_test, of terms */
	uint16_t number; /* of terms, from 0, in the order of the text */
	struct nj_query_span span;
	struct nj_query_node *first, *next;
	struct nj_query_value field; /* absent: any text */
	struct nj_query_value value, upto;
};

struct nj_query_arena;
struct nj_query {
	struct nj_view text; /* a copy */
	const struct nj_query_node *root;
	unsigned terms;
	struct nj_query_arena *arena;
};

/* NJ_E_FORMAT: the text is no query, *error says why; NJ_E_NOMEM. Gives *out,
 * or NULL on failure. */
NJ_MUST_USE enum nj_err nj_query_parse(struct nj_query **out,
	struct nj_view text, struct nj_query_error *error);
void nj_query_destroy(struct nj_query **q);
/* Appends the tree as one line, for tests and for those who wonder how a
 * query was read: (and @type:conn (not @fields.proto:tcp)). */
void nj_query_dump(struct nj_buf *out, const struct nj_query *q);

/* ---- Bound ---- */
/* Tests of one value. Those of text are for texts and for the text form of
 * addresses and uids, as JSON has it. */
enum nj_op {
	NJ_OP_EXISTS, /* there is a value, an empty vector too */
	NJ_OP_U,      /* u <= value <= u_to: BOOL to U64, ports, VLANs, MACs */
	NJ_OP_I,      /* i <= value <= i_to, ns: I64, TIME, IVAL */
	NJ_OP_F,      /* f <= value <= f_to */
	NJ_OP_ADDR,   /* addr <= value <= addr_to, of one family */
	NJ_OP_UID,    /* value == uid */
	NJ_OP_TEXT,   /* value == text */
	NJ_OP_HAS,    /* text stands in value */
	NJ_OP_GLOB,   /* all of value is as the glob text says */
	NJ_OP_ORDER,  /* text <= value <= text_to by bytes; see open_* */
	NJ_OP_REGEX   /* regex */
};

struct nj_operand {
	uint8_t op;  /* enum nj_op */
	bool nocase; /* ASCII letters without case; texts here are lower case */
	bool open, open_to; /* ORDER: ends that are not part of it */
	union {
		struct {
			uint64_t u, u_to;
		};
		struct {
			int64_t i, i_to;
		};
		struct {
			double f, f_to;
		};
		struct {
			struct nj_addr addr, addr_to;
		};
		struct {
			/* ORDER: data NULL: no limit on this side. */
			struct nj_view text, text_to;
		};
		uint64_t uid[2];
		unsigned regex; /* place in nj_bound.regexes */
	};
};

enum nj_bound_kind { NJ_BOUND_AND, NJ_BOUND_OR, NJ_BOUND_LEAF };

/* AND and OR have two children or more, which are leaves or of the other
 * kind. Leaves: a vector matches when one of its elements does, a row without
 * a value does not match; negate turns the outcome of all that round. */
struct nj_bound_node {
	uint8_t kind; /* enum nj_bound_kind */
	bool negate;
	uint8_t column; /* field id, or NJ_COL_* of engine/store/ids.h */
	uint8_t type;   /* enum nj_type of the column */
	const struct nj_operand *operand;
	const struct nj_bound_node *first, *next;
};

struct nj_bound_type {
	const struct nj_event_desc *desc;
	uint32_t type;
	const struct nj_bound_node *root; /* NULL: every row matches */
};

/* A compiled regular expression and what it was made of. */
struct nj_bound_regex {
	struct nj_view pattern;
	bool nocase;
	bool whole; /* all of the text must match, not a part */
	void *compiled;
};

struct nj_bound {
	const struct nj_bound_type *types; /* in order of name */
	unsigned count;
	const struct nj_bound_regex *regexes;
	unsigned regex_count;
	unsigned nodes;
	const struct nj_query_regexes *matcher;
	struct nj_query_arena *arena;
};

/* The caller's engine of regular expressions. */
struct nj_query_regexes {
	void *ctx;
	/* NULL: the pattern is none, and why says what is wrong with it. */
	void *(*compile)(void *ctx, const struct nj_bound_regex *re, char *why,
		size_t cap);
	bool (*match)(void *ctx, void *compiled, struct nj_view text);
	void (*destroy)(void *ctx, void *compiled);
};

struct nj_query_env {
	int64_t now_ns;                         /* what "now" means */
	const struct nj_query_regexes *regexes; /* NULL: there are none */
};

/* Binds to the log types registered at this moment (EVE details left out).
 * NJ_E_FORMAT as in parse: a field that no type has, a value that no field of
 * that name can have, too much. The result borrows env->regexes and nothing of
 * q. Gives *out, or NULL on failure. */
NJ_MUST_USE enum nj_err nj_query_bind(struct nj_bound **out,
	const struct nj_query *q, const struct nj_query_env *env,
	struct nj_query_error *error);
void nj_bound_destroy(struct nj_bound **b);
/* NULL: no row of the type can match. */
const struct nj_bound_type *nj_bound_find(
	const struct nj_bound *b, uint32_t type);
/* Appends what was bound, a line for each log type. */
void nj_bound_dump(struct nj_buf *out, const struct nj_bound *b);

/* Whether one row matches. One thread at a time, unless the matcher of
 * regular expressions can do more. */
bool nj_bound_match(const struct nj_bound *b, const struct nj_row *row);
/* The same tests for those who have columns: one value of a text test (TEXT,
 * HAS, GLOB, ORDER, REGEX) or an address. */
bool nj_operand_text(const struct nj_bound *b, const struct nj_operand *o,
	struct nj_view text);
bool nj_operand_addr(const struct nj_operand *o, const struct nj_addr *a);

/* ---- Values ---- */
/* A moment as queries name it ("2026-01-31T12:00", "now-1h", seconds since
 * 1970): the first and last ns of the day, minute or second that it names. */
bool nj_query_time_parse(
	struct nj_view v, int64_t now_ns, int64_t *from, int64_t *to);

/* ---- Names ---- */
/* Names are of columns, of the log type (@type), or mean any text. */
enum nj_query_name { NJ_NAME_COLUMN, NJ_NAME_TYPE, NJ_NAME_TEXT };
enum nj_query_name nj_query_name_kind(struct nj_view name);
/* The reference page of names that stand for others. */
void nj_query_reference(struct nj_buf *out);

#endif
