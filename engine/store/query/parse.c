/*
 * parse.c - text to a tree. Brackets are kept on a stack of our own, so that
 * no query can exhaust that of the machine:
 *
 *	query	= or-list
 *	or-list	= and-list { ("OR" | "||") and-list }
 *	and-list= operand { ["AND" | "&&"] operand }
 *	operand	= { "NOT" | "!" | "-" | "+" } ( "(" or-list ")" | term )
 *	term	= [field ":"] value | field ":" "(" or-list ")"
 *	value	= word | phrase | "/" regex "/" | range | ("<" | ">") ["="] word
 *	range	= ("[" | "{") end "TO" end ("]" | "}")
 */
#include "engine/store/query/query_priv.h"

/* An open bracket, or the whole query. */
struct frame {
	struct nj_query_node *or_first, *or_last; /* finished and-lists */
	struct nj_query_node *and_first, *and_last;
	struct nj_query_value field;  /* of field:( */
	struct nj_query_span opened;  /* the bracket */
	struct nj_query_span waiting; /* operator that wants an operand */
	bool wants, negated;
};

struct parser {
	struct nj_query_lex lex;
	struct frame stack[NJ_QUERY_DEPTH_MAX + 1];
	unsigned depth; /* of the innermost frame */
	unsigned things;
	struct nj_query *query;
};

static struct nj_query_span
span_of(size_t from, size_t to)
{
	return (struct nj_query_span){ (uint32_t)from, (uint32_t)(to - from) };
}

static uint8_t
peek(const struct parser *p, size_t ahead)
{
	size_t at = p->lex.at + ahead;

	return at < p->lex.text.len ? p->lex.text.data[at] : 0;
}

/* One more term or operator. */
static bool
count(struct parser *p, struct nj_query_span span)
{
	if (p->things++ < NJ_QUERY_TERMS_MAX)
		return true;
	nj_query_fail(p->lex.fail, span, "more than %d terms and operators",
		NJ_QUERY_TERMS_MAX);
	return false;
}

static struct nj_query_node *
node_new(struct parser *p, enum nj_query_kind kind, struct nj_query_span span)
{
	struct nj_query_node *n =
		nj_query_alloc(p->lex.arena, sizeof(struct nj_query_node));

	if (!n) {
		nj_query_nomem(p->lex.fail);
		return NULL;
	}
	n->kind = (uint8_t)kind;
	n->span = span;
	return n;
}

/* first, or a node of the kind above it and its followers. */
static struct nj_query_node *
node_over(struct parser *p, enum nj_query_kind kind,
	struct nj_query_node *first, struct nj_query_node *last)
{
	struct nj_query_node *n;

	if (first == last)
		return first;
	n = node_new(p, kind,
		span_of(first->span.at, last->span.at + last->span.len));
	if (n)
		n->first = first;
	return n;
}

static void
list_add(struct nj_query_node **first, struct nj_query_node **last,
	struct nj_query_node *n)
{
	if (*last)
		(*last)->next = n;
	else
		*first = n;
	*last = n;
}

/* An operand has come: NOT is put above it. */
static bool
put_operand(struct parser *p, struct nj_query_node *n)
{
	struct frame *f = &p->stack[p->depth];
	struct nj_query_node *top = n;

	if (f->negated) {
		top = node_new(p, NJ_QUERY_NOT, n->span);
		if (!top)
			return false;
		top->first = n;
	}
	list_add(&f->and_first, &f->and_last, top);
	f->wants = f->negated = false;
	return true;
}

static bool
wants_operand(struct parser *p, const struct frame *f)
{
	char word[NJ_QUERY_EXCERPT];

	nj_query_fail(p->lex.fail, f->waiting, "something must follow %s",
		nj_query_excerpt(
			nj_sub(p->lex.text, f->waiting.at, f->waiting.len),
			word));
	return false;
}

/* Ends the and-list; it must not be empty. */
static bool
close_and(struct parser *p)
{
	struct frame *f = &p->stack[p->depth];
	struct nj_query_node *n;

	if (f->wants)
		return wants_operand(p, f);
	n = node_over(p, NJ_QUERY_AND, f->and_first, f->and_last);
	if (!n)
		return false;
	list_add(&f->or_first, &f->or_last, n);
	f->and_first = f->and_last = NULL;
	return true;
}

/* AND and OR stand between operands, NOT before one. */
enum operator_kind { OP_NONE, OP_AND, OP_OR, OP_NOT, OP_PLUS };

static bool
put_operator(
	struct parser *p, enum operator_kind kind, struct nj_query_span span)
{
	struct frame *f = &p->stack[p->depth];
	bool between = kind == OP_AND || kind == OP_OR;
	char word[NJ_QUERY_EXCERPT];

	if (!count(p, span))
		return false;
	if (between && f->wants)
		return wants_operand(p, f);
	if (between && !f->and_first) {
		nj_query_fail(p->lex.fail, span, "something must precede %s",
			nj_query_excerpt(
				nj_sub(p->lex.text, span.at, span.len), word));
		return false;
	}
	if (kind == OP_OR && !close_and(p))
		return false;
	if (kind == OP_NOT)
		f->negated = !f->negated;
	f->wants = true;
	f->waiting = span;
	return true;
}

/* ---- Terms ---- */
static struct nj_query_node *
term_new(struct parser *p, const struct nj_query_value *field,
	struct nj_query_span span)
{
	struct nj_query_node *n;

	if (!count(p, span))
		return NULL;
	n = node_new(p, NJ_QUERY_TERM, span);
	if (!n)
		return NULL;
	n->field = *field;
	n->number = (uint16_t)p->query->terms++;
	return n;
}

/* From where the term began to the cursor. */
static void
term_end(const struct parser *p, struct nj_query_node *n)
{
	n->span = span_of(n->span.at, p->lex.at);
}

static bool
is_star(const struct nj_query_value *v, bool glob)
{
	return glob && nj_view_eq(v->text, NJ_LIT("*"));
}

/* A value that something compares with: a word without wildcards, or a
 * phrase. */
static bool
take_plain(struct parser *p, const char *ends, struct nj_query_value *out,
	bool *glob)
{
	struct nj_query_span span;

	*glob = false;
	nj_query_lex_blanks(&p->lex);
	if (nj_query_lex_quote(&p->lex))
		return nj_query_lex_phrase(&p->lex, out);
	span = nj_query_lex_word(&p->lex, p->lex.at, ends);
	if (!span.len) {
		nj_query_fail(p->lex.fail, span_of(p->lex.at, p->lex.at + 1),
			"a value is missing here");
		return false;
	}
	p->lex.at += span.len;
	return nj_query_lex_value(&p->lex, span, out, glob);
}

static bool
no_glob(struct parser *p, const struct nj_query_value *v)
{
	nj_query_fail(p->lex.fail, v->span,
		"wildcards say nothing about more and less");
	nj_query_hint(p->lex.fail, "write \\* or \\? for the characters");
	return false;
}

static bool
take_comparison(struct parser *p, struct nj_query_node *n)
{
	bool less = peek(p, 0) == '<', open = peek(p, 1) != '=', glob;
	struct nj_query_value *v = less ? &n->upto : &n->value;

	p->lex.at += open ? 1 : 2;
	n->test = NJ_QUERY_RANGE;
	if (!take_plain(p, "", v, &glob))
		return false;
	v->open = open;
	return !glob || no_glob(p, v);
}

static bool
take_range_end(struct parser *p, struct nj_query_value *v, bool open)
{
	bool glob;

	if (!take_plain(p, "]}", v, &glob))
		return false;
	v->open = open;
	if (is_star(v, glob))
		*v = (struct nj_query_value){ 0 };
	else if (glob)
		return no_glob(p, v);
	return true;
}

static bool
take_to(struct parser *p)
{
	struct nj_query_span span;

	nj_query_lex_blanks(&p->lex);
	span = nj_query_lex_word(&p->lex, p->lex.at, "]}");
	if (nj_view_caseeq(
		    nj_sub(p->lex.text, span.at, span.len), NJ_LIT("TO"))) {
		p->lex.at += span.len;
		return true;
	}
	nj_query_fail(p->lex.fail, span_of(p->lex.at, p->lex.at + 1),
		"TO is missing in the range");
	nj_query_hint(p->lex.fail, "a range is written [1 TO 9]");
	return false;
}

static bool
take_range(struct parser *p, struct nj_query_node *n)
{
	size_t from = p->lex.at;
	uint8_t end;

	p->lex.at++;
	n->test = NJ_QUERY_RANGE;
	if (!take_range_end(p, &n->value, p->lex.text.data[from] == '{') ||
		!take_to(p) || !take_range_end(p, &n->upto, false))
		return false;
	nj_query_lex_blanks(&p->lex);
	end = peek(p, 0);
	if (end != ']' && end != '}') {
		nj_query_fail(p->lex.fail, span_of(from, from + 1),
			"this range is never closed");
		nj_query_hint(p->lex.fail, "a range is written [1 TO 9]");
		return false;
	}
	p->lex.at++;
	n->upto.open = n->upto.text.data && end == '}';
	return true;
}

/* A word is what it says, but * alone is anything. */
static bool
take_word(struct parser *p, struct nj_query_node *n, struct nj_query_span span)
{
	bool glob;

	p->lex.at = span.at + span.len;
	if (!nj_query_lex_value(&p->lex, span, &n->value, &glob))
		return false;
	n->test = glob ? NJ_QUERY_GLOB : NJ_QUERY_IS;
	if (is_star(&n->value, glob))
		n->test = NJ_QUERY_EXISTS;
	return true;
}

/* _exists_:name is name:* . */
static bool
turn_exists(struct parser *p, struct nj_query_node *n)
{
	if (!nj_view_eq(n->field.text, NJ_LIT("_exists_")))
		return true;
	if (n->test != NJ_QUERY_IS) {
		nj_query_fail(p->lex.fail, n->span,
			"_exists_ wants the name of a field");
		return false;
	}
	n->field = n->value;
	n->value = (struct nj_query_value){ 0 };
	n->test = NJ_QUERY_EXISTS;
	return true;
}

/* The value at the cursor. */
static bool
take_value(struct parser *p, struct nj_query_node *n)
{
	uint8_t c = peek(p, 0);

	if (nj_query_lex_quote(&p->lex)) {
		n->test = NJ_QUERY_IS;
		return nj_query_lex_phrase(&p->lex, &n->value);
	}
	if (c == '/') {
		n->test = NJ_QUERY_REGEX;
		return nj_query_lex_regex(&p->lex, &n->value);
	}
	if (c == '[' || c == '{')
		return take_range(p, n);
	if (c == '<' || c == '>')
		return take_comparison(p, n);
	return take_word(p, n, nj_query_lex_word(&p->lex, p->lex.at, ""));
}

/* What stands alone must be something that text can contain. */
static bool
check_bare(struct parser *p, struct nj_query_node *n)
{
	if (n->field.text.data)
		return true;
	if (n->test == NJ_QUERY_RANGE) {
		nj_query_fail(p->lex.fail, n->span,
			"a range needs the name of a field before it");
		nj_query_hint(p->lex.fail, "for example resp_bytes:>1000");
		return false;
	}
	if (n->test == NJ_QUERY_IS && !n->value.text.len) {
		nj_query_fail(p->lex.fail, n->span, "an empty phrase");
		return false;
	}
	if (n->test == NJ_QUERY_EXISTS)
		n->kind = NJ_QUERY_ALL;
	return true;
}

static bool
put_term(struct parser *p, const struct nj_query_value *field, size_t from)
{
	struct nj_query_node *n = term_new(p, field, span_of(from, from + 1));

	if (!n || !take_value(p, n))
		return false;
	term_end(p, n);
	return turn_exists(p, n) && check_bare(p, n) && put_operand(p, n);
}

static bool
open_frame(struct parser *p, const struct nj_query_value *field)
{
	struct nj_query_span at = span_of(p->lex.at, p->lex.at + 1);

	if (p->depth >= NJ_QUERY_DEPTH_MAX) {
		nj_query_fail(p->lex.fail, at,
			"brackets are nested deeper than %d",
			NJ_QUERY_DEPTH_MAX);
		return false;
	}
	p->lex.at++;
	p->stack[++p->depth] = (struct frame){ .field = *field, .opened = at };
	return true;
}

/* The cursor is behind a field's colon. */
static bool
put_field_term(
	struct parser *p, const struct nj_query_value *field, size_t from)
{
	size_t colon = p->lex.at;
	struct nj_query_span word;
	char name[NJ_QUERY_EXCERPT];

	nj_query_lex_blanks(&p->lex);
	word = nj_query_lex_word(&p->lex, p->lex.at, "");
	if (p->lex.at > colon && word.len) {
		struct nj_view w = nj_sub(p->lex.text, word.at, word.len);

		if (nj_view_eq(w, NJ_LIT("AND")) ||
			nj_view_eq(w, NJ_LIT("OR")) ||
			nj_view_eq(w, NJ_LIT("NOT")) ||
			nj_view_eq(w, NJ_LIT("&&")) ||
			nj_view_eq(w, NJ_LIT("||")))
			p->lex.at = colon, word.len = 0;
	}
	if (peek(p, 0) == '(' && p->lex.at < p->lex.text.len)
		return open_frame(p, field);
	if (!word.len && !nj_query_lex_quote(&p->lex)) {
		nj_query_fail(p->lex.fail, span_of(from, colon),
			"a value must follow %s:",
			nj_query_excerpt(field->text, name));
		nj_query_hint(p->lex.fail, "%s:* for any value", name);
		return false;
	}
	return put_term(p, field, from);
}

/* Whether a word with a colon is a value all the same: an IPv6 address or
 * prefix, a MAC, an URL, or Some::Name, which is no field and its value. */
static bool
is_value(struct nj_view word, size_t colon)
{
	struct nj_view behind = nj_sub(word, colon + 1, word.len);
	struct nj_addr from, to;
	uint64_t mac;

	if (nj_query_mac_parse(word, &mac) ||
		nj_query_addr_parse(word, &from, &to) != NJ_QADDR_NONE)
		return true;
	if (!colon || behind.len < 2)
		return false;
	return nj_view_starts(behind, NJ_LIT("//")) ||
	       (behind.data[0] == ':' && behind.data[1] != ':');
}

static bool
put_word(struct parser *p, struct nj_query_span span)
{
	struct nj_view word = nj_sub(p->lex.text, span.at, span.len);
	size_t colon = nj_query_lex_colon(&p->lex, span);
	struct nj_query_value field;
	bool glob;

	if (colon == SIZE_MAX || is_value(word, colon - span.at))
		return put_term(p, &p->stack[p->depth].field, span.at);
	if (!nj_query_lex_value(
		    &p->lex, span_of(span.at, colon), &field, &glob))
		return false;
	if (!field.text.len || (glob && !is_star(&field, glob))) {
		nj_query_fail(p->lex.fail, span_of(span.at, colon + 1),
			"no name of a field stands before the colon");
		nj_query_hint(p->lex.fail, "put text with a colon in quotes");
		return false;
	}
	/* "*:*" is everything. */
	if (is_star(&field, glob))
		field = (struct nj_query_value){ 0 };
	p->lex.at = colon + 1;
	return put_field_term(p, &field, span.at);
}

/* ---- The whole ---- */
static const struct {
	const char *word;
	enum operator_kind kind;
} words[] = {
	{ "AND", OP_AND },
	{ "OR", OP_OR },
	{ "NOT", OP_NOT },
};

/* The operator at the cursor and its length. */
static enum operator_kind
operator_at(const struct parser *p, struct nj_query_span *span)
{
	struct nj_view w;

	*span = span_of(p->lex.at, p->lex.at + 1);
	switch (peek(p, 0)) {
	case '!':
	case '-':
		return OP_NOT;
	case '+':
		return OP_PLUS;
	case '&':
	case '|':
		span->len = 2;
		if (peek(p, 1) == peek(p, 0))
			return peek(p, 0) == '&' ? OP_AND : OP_OR;
		return OP_NONE;
	}
	*span = nj_query_lex_word(&p->lex, p->lex.at, "");
	w = nj_sub(p->lex.text, span->at, span->len);
	for (size_t i = 0; i < nj_countof(words); i++)
		if (nj_view_eq(w, nj_str(words[i].word)))
			return words[i].kind;
	return OP_NONE;
}

/* In lower case they are words like others, but hardly ever meant so. */
static bool
check_lower(struct parser *p, struct nj_query_span span)
{
	struct nj_view w = nj_sub(p->lex.text, span.at, span.len);

	for (size_t i = 0; i < nj_countof(words); i++) {
		if (!nj_view_caseeq(w, nj_str(words[i].word)))
			continue;
		nj_query_fail(
			p->lex.fail, span, "operators are written in capitals");
		nj_query_hint(p->lex.fail,
			"write %s for the operator, quotes around the word",
			words[i].word);
		return false;
	}
	return true;
}

static bool
close_bracket(struct parser *p)
{
	struct frame *f = &p->stack[p->depth];
	struct nj_query_span here = span_of(p->lex.at, p->lex.at + 1);
	struct nj_query_node *n;

	if (!p->depth) {
		nj_query_fail(p->lex.fail, here, "no bracket is open here");
		return false;
	}
	if (!f->wants && !f->and_first) {
		nj_query_fail(p->lex.fail, span_of(f->opened.at, p->lex.at + 1),
			"nothing stands in these brackets");
		return false;
	}
	if (!close_and(p))
		return false;
	n = node_over(p, NJ_QUERY_OR, f->or_first, f->or_last);
	if (!n)
		return false;
	p->lex.at++;
	p->depth--;
	return put_operand(p, n);
}

/* One thing: an operator, a bracket or a term. */
static bool
step(struct parser *p)
{
	struct frame *f = &p->stack[p->depth];
	struct nj_query_span span;
	enum operator_kind kind;

	if (peek(p, 0) == ')')
		return close_bracket(p);
	if (peek(p, 0) == '(')
		return count(p, span_of(p->lex.at, p->lex.at + 1)) &&
		       open_frame(p, &f->field);
	kind = operator_at(p, &span);
	if (kind != OP_NONE) {
		p->lex.at += span.len;
		return put_operator(p, kind, span);
	}
	span = nj_query_lex_word(&p->lex, p->lex.at, "");
	switch (peek(p, 0)) {
	case '/':
	case '[':
	case '{':
	case '<':
	case '>':
		return put_term(p, &f->field, p->lex.at);
	}
	if (nj_query_lex_quote(&p->lex))
		return put_term(p, &f->field, p->lex.at);
	return check_lower(p, span) && put_word(p, span);
}

static bool
parse(struct parser *p)
{
	struct frame *f = p->stack;
	const struct nj_query_node *root;

	if (!nj_query_lex_check(&p->lex))
		return false;
	for (;;) {
		nj_query_lex_blanks(&p->lex);
		if (p->lex.at >= p->lex.text.len)
			break;
		if (!step(p))
			return false;
	}
	if (p->depth) {
		nj_query_fail(p->lex.fail, p->stack[p->depth].opened,
			"this bracket is never closed");
		return false;
	}
	if (!f->or_first && !f->and_first && !f->wants) {
		root = node_new(p, NJ_QUERY_ALL, span_of(0, 0));
	} else {
		if (!close_and(p))
			return false;
		root = node_over(p, NJ_QUERY_OR, f->or_first, f->or_last);
	}
	p->query->root = root;
	return root != NULL;
}

enum nj_err
nj_query_parse(struct nj_query **out, struct nj_view text,
	struct nj_query_error *error)
{
	struct nj_query_arena *arena = nj_query_arena_create();
	struct nj_query_fail fail = { text, error, NJ_OK };
	struct parser *p = NULL;

	*out = NULL;
	*error = (struct nj_query_error){ 0 };
	if (!arena)
		goto nomem;
	p = nj_query_alloc(arena, sizeof(*p));
	if (!p)
		goto nomem;
	p->query = nj_query_alloc(arena, sizeof(*p->query));
	if (!p->query)
		goto nomem;
	p->lex = (struct nj_query_lex){
		.text = text, .arena = arena, .fail = &fail
	};
	p->query->arena = arena;
	/* What is too long is refused, not copied. */
	if (text.len <= NJ_QUERY_BYTES_MAX) {
		p->lex.text = p->query->text = nj_query_copy(arena, text);
		if (!p->query->text.data)
			goto nomem;
	}
	if (!parse(p)) {
		nj_query_arena_destroy(&arena);
		return fail.err;
	}
	*out = p->query;
	return NJ_OK;
nomem:
	nj_query_arena_destroy(&arena);
	nj_query_nomem(&fail);
	return NJ_E_NOMEM;
}

void
nj_query_destroy(struct nj_query **q)
{
	struct nj_query_arena *arena = *q ? (*q)->arena : NULL;

	*q = NULL;
	nj_query_arena_destroy(&arena);
}
