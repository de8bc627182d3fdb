/*
 * glob.c - texts against patterns with * and ?, in which a backslash stands
 * before what is literal.
 */
#include "engine/store/query/query_priv.h"

bool
nj_query_glob_next(struct nj_view *text, struct nj_query_glob *out)
{
	size_t n = 1;

	if (!text->len)
		return false;
	out->c = text->data[0];
	out->wild = out->c == '*' || out->c == '?';
	if (out->c == '\\' && text->len > 1) {
		out->c = text->data[1];
		n = 2;
	}
	*text = nj_sub(*text, n, text->len);
	return true;
}

/* How many bytes '?' takes: a whole character where the text is UTF-8. */
static size_t
character(struct nj_view text)
{
	size_t n = 1;

	if (text.data[0] < 0xc2)
		return 1;
	while (n < text.len && n < 4 && (text.data[n] & 0xc0) == 0x80)
		n++;
	return n;
}

/* Moves both behind one element that is not '*'; false when they differ. */
static bool
glob_step(struct nj_view *glob, struct nj_view *text, bool nocase)
{
	struct nj_view rest = *glob;
	struct nj_query_glob g;
	bool same;

	if (!text->len || !nj_query_glob_next(&rest, &g))
		return false;
	if (g.wild && g.c == '*')
		return false;
	same = g.wild || g.c == text->data[0] ||
	       (nocase && g.c == nj_query_low(text->data[0]));
	if (!same)
		return false;
	*text = nj_sub(*text, g.wild ? character(*text) : 1, text->len);
	*glob = rest;
	return true;
}

/* Only the last star met can need another try, so the work is at most the
 * product of both lengths, and there is no stack. */
bool
nj_query_glob_match(struct nj_view glob, struct nj_view text, bool nocase)
{
	struct nj_view star = { 0 }, from = { 0 };

	while (text.len) {
		if (glob.len && glob.data[0] == '*') {
			star = glob = nj_sub(glob, 1, glob.len);
			from = text;
			if (!star.len)
				return true;
			continue;
		}
		if (glob_step(&glob, &text, nocase))
			continue;
		if (!star.data)
			return false;
		from = nj_sub(from, 1, from.len);
		text = from;
		glob = star;
	}
	while (glob.len && glob.data[0] == '*')
		glob = nj_sub(glob, 1, glob.len);
	return !glob.len;
}
