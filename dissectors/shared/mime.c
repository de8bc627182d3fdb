/*
 * mime.c - content sniffing: a table of constant bytes (mime.def) and the
 * rules for text and for formats whose marks move about. Every rule gives a
 * weight, as Zeek's file signatures do, and the heaviest names the content.
 */
#include "dissectors/shared/mime.h"

struct magic {
	const char *mime;
	const char *bytes, *bytes2;
	int16_t weight;
	uint16_t at, at2;
	uint8_t len, len2;
};

static const struct magic magics[] = {
#define MAGIC(mime, weight, at, bytes)                                         \
	{ mime, bytes, NULL, weight, at, 0, sizeof(bytes) - 1, 0 },
#define MAGIC2(mime, weight, at, bytes, at2, bytes2)                           \
	{ mime, bytes, bytes2, weight, at, at2, sizeof(bytes) - 1,             \
		sizeof(bytes2) - 1 },
#include "dissectors/shared/mime.def"
#undef MAGIC
#undef MAGIC2
};

/* The heaviest so far; of two that weigh the same the first in order of
 * name, so that the order of rules does not matter. */
struct verdict {
	const char *mime;
	int weight;
};

static void
vote(struct verdict *best, const char *mime, int weight)
{
	if (best->mime && weight < best->weight)
		return;
	if (best->mime && weight == best->weight &&
		strcmp(best->mime, mime) <= 0)
		return;
	*best = (struct verdict){ mime, weight };
}

static bool
stands_at(struct nj_view v, size_t at, const void *bytes, size_t len)
{
	return at + len <= v.len && !memcmp(v.data + at, bytes, len);
}

static void
vote_magics(struct verdict *best, struct nj_view v)
{
	for (size_t i = 0; i < nj_countof(magics); i++) {
		const struct magic *m = &magics[i];

		if (!stands_at(v, m->at, m->bytes, m->len))
			continue;
		if (m->len2 && !stands_at(v, m->at2, m->bytes2, m->len2))
			continue;
		vote(best, m->mime, m->weight);
	}
}

static bool
is_space(uint8_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool
is_gap(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool
is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool
is_alpha(uint8_t c)
{
	return (uint8_t)((c | 0x20) - 'a') < 26;
}

static struct nj_view
skip_gaps(struct nj_view v)
{
	size_t i = 0;

	while (i < v.len && is_gap(v.data[i]))
		i++;
	return nj_sub(v, i, v.len);
}

/* Past a byte order mark, if there is one. */
static struct nj_view
skip_bom(struct nj_view v)
{
	static const struct nj_view marks[] = {
		{ (const uint8_t *)"\xef\xbb\xbf", 3 },
		{ (const uint8_t *)"\xff\xfe\0\0", 4 },
		{ (const uint8_t *)"\0\0\xfe\xff", 4 },
		{ (const uint8_t *)"\xff\xfe", 2 },
		{ (const uint8_t *)"\xfe\xff", 2 },
	};

	for (size_t i = 0; i < nj_countof(marks); i++)
		if (nj_view_starts(v, marks[i]))
			return nj_sub(v, marks[i].len, v.len);
	return v;
}

/* The bytes up to the end of the line that v begins in. */
static struct nj_view
first_line(struct nj_view v)
{
	return nj_sub(v, 0, nj_min(nj_view_chr(v, '\n'), v.len));
}

/* Past blanks and one-line comments. */
static struct nj_view
skip_comments(struct nj_view v)
{
	for (;;) {
		size_t end;

		v = skip_gaps(v);
		if (!nj_view_starts(v, NJ_LIT("<!--")))
			return v;
		end = nj_view_find(first_line(v), NJ_LIT("-->"));
		if (end == SIZE_MAX)
			return v;
		v = nj_sub(v, end + 3, v.len);
	}
}

/* Is v past its end "word", one or more blanks, and rest? */
static bool
has_words(struct nj_view v, struct nj_view word, struct nj_view rest)
{
	size_t i = word.len;

	if (!nj_view_casestarts(v, word))
		return false;
	while (i < v.len && v.data[i] == ' ')
		i++;
	return i > word.len && nj_view_casestarts(nj_sub(v, i, v.len), rest);
}

struct tag_rule {
	const char *tag; /* after '<', without case */
	const char *mime;
	int weight;
};

static const struct tag_rule tag_rules[] = {
	{ "html", "text/html", 100 },
	{ "head", "text/html", 20 },
	{ "title", "text/html", 20 },
	{ "body", "text/html", 20 },
	{ "rss", "text/rss", 90 },
	{ "svg", "image/svg+xml", 38 },
	{ "soap:envelope", "application/soap+xml", 49 },
	{ "soap-env:envelope", "application/soap+xml", 49 },
	{ "cross-domain-policy", "text/x-cross-domain-policy", 49 },
	{ "methodresponse>", "application/xml-rpc", 49 },
	{ "cfparam", "magnus-internal/cold-fusion", 20 },
	{ "cfset", "magnus-internal/cold-fusion", 20 },
	{ "cfif", "magnus-internal/cold-fusion", 20 },
};

static bool
tag_has(struct nj_view tag, const char *what)
{
	struct nj_view inside = nj_sub(tag, 0, nj_view_chr(tag, '>'));

	return nj_view_find(inside, nj_str(what)) != SIZE_MAX;
}

static void
vote_tag(struct verdict *best, struct nj_view tag)
{
	for (size_t i = 0; i < nj_countof(tag_rules); i++)
		if (nj_view_casestarts(tag, nj_str(tag_rules[i].tag)))
			vote(best, tag_rules[i].mime, tag_rules[i].weight);
	if (has_words(tag, NJ_LIT("!doctype"), NJ_LIT("html")) ||
		has_words(tag, NJ_LIT("meta"), NJ_LIT("http-equiv")))
		vote(best, "text/html", 100);
	if (has_words(tag, NJ_LIT("!doctype"), NJ_LIT("cross-domain-policy")))
		vote(best, "text/x-cross-domain-policy", 49);
	if ((nj_view_casestarts(tag, NJ_LIT("rss")) &&
		    tag_has(tag, "xmlns:atom")) ||
		(nj_view_casestarts(tag, NJ_LIT("feed")) &&
			tag_has(tag, "http://www.w3.org/2005/Atom")))
		vote(best, "text/atom", 100);
	if (nj_view_casestarts(tag, NJ_LIT("manifest")) &&
		tag_has(tag, "http://ns.adobe.com/f4m/"))
		vote(best, "application/f4m", 49);
}

static bool
is_wide_xml(struct nj_view v)
{
	return nj_view_starts(v, NJ_LIT("<\0?\0x\0m\0l\0 \0")) ||
	       nj_view_starts(v, NJ_LIT("\0<\0?\0x\0m\0l\0 "));
}

static void
vote_markup(struct verdict *best, struct nj_view v)
{
	v = skip_comments(v);
	if (is_wide_xml(v))
		vote(best, "application/xml", 10);
	if (nj_view_starts(v, NJ_LIT("<?xml "))) {
		size_t end = nj_view_find(first_line(v), NJ_LIT("?>"));

		vote(best, "application/xml", 10);
		if (end == SIZE_MAX)
			return;
		v = skip_comments(nj_sub(v, end + 2, v.len));
	}
	if (v.len && v.data[0] == '<')
		vote_tag(best, nj_sub(v, 1, v.len));
}

/* The length of a quoted string at the beginning of v, or 0. */
static size_t
quoted_len(struct nj_view v)
{
	size_t end;

	if (v.len < 3 || v.data[0] != '"')
		return 0;
	end = nj_view_chr(nj_sub(v, 1, v.len), '"');
	return end == SIZE_MAX || end == 0 ? 0 : end + 2;
}

static size_t
name_len(struct nj_view v)
{
	size_t i = 0;

	if (!v.len || !is_alpha(v.data[0]))
		return quoted_len(v);
	while (i < v.len && (is_alpha(v.data[i]) || is_digit(v.data[i]) ||
				    v.data[i] == '_' || v.data[i] == '\\'))
		i++;
	return i;
}

static bool
is_json_object(struct nj_view v)
{
	size_t n;

	v = skip_gaps(v);
	n = name_len(v);
	if (!n)
		return false;
	v = skip_gaps(nj_sub(v, n, v.len));
	if (!v.len || v.data[0] != ':')
		return false;
	v = skip_gaps(nj_sub(v, 1, v.len));
	return v.len && (v.data[0] == '"' || v.data[0] == '[' ||
				v.data[0] == '{' || is_digit(v.data[0]) ||
				nj_view_starts(v, NJ_LIT("true")) ||
				nj_view_starts(v, NJ_LIT("false")));
}

static size_t
number_len(struct nj_view v)
{
	size_t i = 0, whole;

	while (i < v.len && is_digit(v.data[i]))
		i++;
	whole = i;
	if (!i || i + 1 >= v.len || v.data[i] != '.' ||
		!is_digit(v.data[i + 1]))
		return whole;
	for (i++; i < v.len && is_digit(v.data[i]); i++)
		;
	return i;
}

static bool
is_json_array(struct nj_view v)
{
	size_t n;

	v = skip_gaps(v);
	if (!v.len)
		return false;
	if (v.data[0] == '{' || v.data[0] == '[')
		return true;
	n = quoted_len(v);
	if (!n)
		n = number_len(v);
	if (nj_view_starts(v, NJ_LIT("true")))
		n = 4;
	if (nj_view_starts(v, NJ_LIT("false")))
		n = 5;
	v = skip_gaps(nj_sub(v, n, v.len));
	return n && v.len && v.data[0] == ',';
}

static void
vote_json(struct verdict *best, struct nj_view v, bool whole)
{
	struct nj_view body;

	v = skip_gaps(v);
	if (v.len < 2)
		return;
	body = nj_sub(v, 1, v.len);
	if ((v.data[0] == '{' && is_json_object(body)) ||
		(v.data[0] == '[' && is_json_array(body)))
		vote(best, "text/json", 1);
	if (!nj_view_starts(v, NJ_LIT("[]")) &&
		!nj_view_starts(v, NJ_LIT("{}")))
		return;
	if (whole && !skip_gaps(nj_sub(v, 2, v.len)).len)
		vote(best, "text/json", 0);
}

struct shell_rule {
	const char *name; /* of the interpreter, its beginning */
	const char *mime;
	int weight;
};

static const struct shell_rule shell_rules[] = {
	{ "sh", "text/x-shellscript", 250 },
	{ "bash", "text/x-shellscript", 250 },
	{ "tcsh", "text/x-shellscript", 250 },
	{ "csh", "text/x-shellscript", 250 },
	{ "zsh", "text/x-shellscript", 250 },
	{ "fash", "text/x-shellscript", 250 },
	{ "aesh", "text/x-shellscript", 250 },
	{ "ksh", "text/x-shellscript", 250 },
	{ "perl", "text/x-perl", 60 },
	{ "ruby", "text/x-ruby", 60 },
	{ "python", "text/x-python", 60 },
	{ "awk", "text/x-awk", 60 },
	{ "gawk", "text/x-awk", 60 },
	{ "nawk", "text/x-awk", 60 },
	{ "wish", "text/x-tcl", 60 },
	{ "tcl", "text/x-tcl", 60 },
	{ "lua", "text/x-lua", 49 },
	{ "node", "application/javascript", 60 },
	{ "php", "text/x-php", 60 },
};

/* "#!/usr/bin/env NAME" and "#!/bin/NAME". */
static void
vote_shell(struct verdict *best, struct nj_view v)
{
	struct nj_view line = first_line(v);
	size_t at;

	if (!nj_view_starts(line, NJ_LIT("#!")))
		return;
	at = nj_view_find(line, NJ_LIT("bin/"));
	if (at == SIZE_MAX || at < 3 || at > 17)
		return;
	line = nj_sub(line, at + 4, line.len);
	if (nj_view_starts(line, NJ_LIT("env ")) ||
		nj_view_starts(line, NJ_LIT("env\t")))
		line = nj_view_trim(nj_sub(line, 4, line.len));
	for (size_t i = 0; i < nj_countof(shell_rules); i++)
		if (nj_view_starts(line, nj_str(shell_rules[i].name)))
			vote(best, shell_rules[i].mime, shell_rules[i].weight);
}

/* <script type="text/javascript" and the like. */
static bool
is_script_tag(struct nj_view v)
{
	struct nj_view tag;

	if (!nj_view_casestarts(v, NJ_LIT("<script")))
		return false;
	tag = nj_sub(v, 7, v.len);
	if (nj_view_starts(tag, NJ_LIT(">"))) {
		tag = skip_gaps(nj_sub(tag, 1, tag.len));
		return nj_view_starts(tag, NJ_LIT("var ")) ||
		       nj_view_starts(tag, NJ_LIT("function "));
	}
	tag = nj_view_trim(tag);
	if (nj_view_casestarts(tag, NJ_LIT("type=")))
		tag = nj_sub(tag, 5, tag.len);
	else if (nj_view_casestarts(tag, NJ_LIT("language=")))
		tag = nj_sub(tag, 9, tag.len);
	else
		return false;
	if (tag.len && (tag.data[0] == '"' || tag.data[0] == '\''))
		tag = nj_sub(tag, 1, tag.len);
	if (nj_view_casestarts(tag, NJ_LIT("text/")))
		tag = nj_sub(tag, 5, tag.len);
	return nj_view_casestarts(tag, NJ_LIT("javascript"));
}

static bool
is_batch(struct nj_view v, int *weight)
{
	if (!v.len || v.data[0] != '@')
		return false;
	v = nj_sub(v, 1, v.len);
	*weight = 60;
	if (nj_view_casestarts(v, NJ_LIT("rem")))
		return true;
	*weight = 70;
	if (nj_view_casestarts(v, NJ_LIT("set ")))
		return true;
	*weight = 110;
	return has_words(nj_view_trim(v), NJ_LIT("echo"), NJ_LIT("off"));
}

static void
vote_programs(struct verdict *best, struct nj_view v)
{
	struct nj_view text = skip_gaps(v);
	int weight = 0;

	vote_shell(best, v);
	if (is_script_tag(text) || nj_view_starts(text, NJ_LIT("for (;;);")) ||
		nj_view_starts(text, NJ_LIT("document.write(")) ||
		nj_view_starts(text, NJ_LIT("document.writeln(")) ||
		nj_view_starts(v, NJ_LIT("(function(){")) ||
		nj_view_starts(v, NJ_LIT("(function() {")))
		vote(best, "application/javascript", 60);
	if (nj_view_find(first_line(v), NJ_LIT("<?php")) != SIZE_MAX)
		vote(best, "text/x-php", 40);
	if (is_batch(v, &weight))
		vote(best, "text/x-msdos-batch", weight);
}

/* "[section]" on the first line that is not empty. */
static void
vote_ini(struct verdict *best, struct nj_view v)
{
	size_t i = 0, end;

	while (i < v.len && (is_gap(v.data[i]) || !v.data[i]))
		i++;
	v = nj_sub(v, i, v.len);
	if (v.len < 4 || v.data[0] != '[')
		return;
	for (end = 1; end < v.len; end++)
		if (v.data[end] == '\r' || v.data[end] == '\n')
			break;
	if (end == v.len)
		return;
	while (end > 1 && (v.data[end - 1] == ' ' || v.data[end - 1] == '\t' ||
				  !v.data[end - 1]))
		end--;
	if (end > 2 && v.data[end - 1] == ']')
		vote(best, "text/ini", 20);
}

static void
vote_plain(struct verdict *best, struct nj_view v)
{
	if (v.len < 10)
		return;
	for (size_t i = 0; i < 10; i++)
		if (!is_space(v.data[i]) &&
			(v.data[i] < 0x20 || v.data[i] > 0x7e))
			return;
	vote(best, "text/plain", -20);
}

/* Offsets of DER lengths move what follows by a few bytes (RFC 6960). */
static bool
stands_between(struct nj_view v, size_t from, size_t to, struct nj_view what)
{
	size_t at = nj_view_find(nj_sub(v, from, to - from + what.len), what);

	return at != SIZE_MAX;
}

static void
vote_zip(struct verdict *best, struct nj_view v)
{
	struct nj_view name = nj_sub(v, 30, v.len);
	static const struct {
		const char *folder, *mime;
	} kinds[] = {
		{ "word/", "application/vnd.openxmlformats-officedocument."
			   "wordprocessingml.document" },
		{ "xl/", "application/vnd.openxmlformats-officedocument."
			 "spreadsheetml.sheet" },
		{ "ppt/", "application/vnd.openxmlformats-officedocument."
			  "presentationml.presentation" },
	};
	bool office = nj_view_starts(name, NJ_LIT("[Content_Types].xml")) ||
		      nj_view_starts(name, NJ_LIT("_rels/.rels"));

	if (!stands_at(v, 0, "PK\x03\x04", 4))
		return;
	if (stands_between(v, 5, 240, NJ_LIT("META-INF/MANIFEST.MF")))
		vote(best, "application/java-archive", 100);
	for (size_t i = 0; i < nj_countof(kinds); i++) {
		struct nj_view rest = v;
		struct nj_view folder = nj_str(kinds[i].folder);

		if (!office && !nj_view_starts(name, folder))
			continue;
		for (;;) {
			size_t at = nj_view_find(nj_sub(rest, 4, rest.len),
				NJ_LIT("PK\x03\x04"));

			if (at == SIZE_MAX)
				break;
			rest = nj_sub(rest, at + 4, rest.len);
			if (nj_view_starts(
				    nj_sub(rest, 30, rest.len), folder)) {
				vote(best, kinds[i].mime, 80);
				break;
			}
		}
	}
}

/* OpenDocument: the first member is "mimetype" and stored as it is. */
static void
vote_opendocument(struct verdict *best, struct nj_view v)
{
	static const struct {
		const char *kind, *mime;
	} kinds[] = {
		{ "text", "application/vnd.oasis.opendocument.text" },
		{ "graphics", "application/vnd.oasis.opendocument.graphics" },
		{ "presentation",
			"application/vnd.oasis.opendocument.presentation" },
		{ "spreadsheet",
			"application/vnd.oasis.opendocument.spreadsheet" },
		{ "chart", "application/vnd.oasis.opendocument.chart" },
		{ "formula", "application/vnd.oasis.opendocument.formula" },
		{ "database", "application/vnd.oasis.opendocument.database" },
		{ "image", "application/vnd.oasis.opendocument.image" },
	};
	struct nj_view prefix =
		NJ_LIT("mimetypeapplication/vnd.oasis.opendocument.");

	if (!nj_view_starts(nj_sub(v, 30, v.len), prefix))
		return;
	v = nj_sub(v, 30 + prefix.len, v.len);
	for (size_t i = 0; i < nj_countof(kinds); i++)
		if (nj_view_starts(v, nj_str(kinds[i].kind)))
			vote(best, kinds[i].mime, 110);
}

static void
vote_binary(struct verdict *best, struct nj_view v)
{
	if (v.len >= 8 && stands_at(v, 0, "\xca\xfe\xba\xbe", 4)) {
		if (v.data[7] >= 0x2d && v.data[7] <= 0x50)
			vote(best, "application/x-java-applet", 71);
		if (!v.data[6] && v.data[7] >= 1 && v.data[7] <= 0x14)
			vote(best, "application/x-mach-o-executable", 100);
	}
	if (stands_between(v, 11, 19, NJ_LIT("\x06\x05\x2b\x0e\x03\x02\x1a")))
		vote(best, "application/ocsp-request", 71);
	if (stands_between(v, 11, 19,
		    NJ_LIT("\x06\x09\x2b\x06\x01\x05\x05\x07\x30\x01\x01")))
		vote(best, "application/ocsp-response", 71);
	if (v.len >= 4 && stands_at(v, 0, "\0\0\x01", 3) && v.data[3] >= 0xb0 &&
		v.data[3] <= 0xbb)
		vote(best, "video/mpeg", 50);
	if (v.len >= 16 && stands_at(v, 0, "BM", 2) && !v.data[15] &&
		strchr("\x0c\x28\x40\x6c\x7c\x80", v.data[14]) && v.data[14])
		vote(best, "image/x-ms-bmp", 50);
	if (v.len >= 4 && v.data[0] < 0x80 && v.data[1] < 0x80 &&
		v.data[3] == 0x1a && v.data[2] &&
		strchr("\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x14\x48",
			v.data[2]))
		vote(best, "application/x-arc", 70);
	if (v.len >= 7 && v.data[2] == '-' && v.data[6] == '-' &&
		(stands_at(v, 3, "lh", 2) || stands_at(v, 3, "lz", 2)))
		vote(best, "application/x-lzh", 80);
	if (stands_at(v, 0, "\x1a\x45\xdf\xa3", 4)) {
		if (stands_between(v, 4, 64, NJ_LIT("webm")))
			vote(best, "video/webm", 70);
		if (stands_between(v, 4, 64, NJ_LIT("matroska")))
			vote(best, "video/x-matroska", 110);
	}
	/* CPython writes its magic number and then CR LF. */
	if (v.len >= 16 && stands_at(v, 2, "\r\n", 2) && v.data[0] >= 0x80 &&
		(v.data[1] == 0xf2 || v.data[1] == 0xf3))
		vote(best, "application/x-python-bytecode", 80);
	if (v.len >= 16 && stands_at(v, 2, "\r\n", 2) && v.data[1] >= 0x0b &&
		v.data[1] <= 0x0e)
		vote(best, "application/x-python-bytecode", 80);
}

const char *
nj_mime_sniff(struct nj_view head, bool whole)
{
	struct verdict best = { 0 };
	struct nj_view text;

	if (head.len > NJ_MIME_BYTES) {
		head.len = NJ_MIME_BYTES;
		whole = false;
	}
	text = skip_bom(head);
	vote_magics(&best, head);
	vote_binary(&best, head);
	vote_zip(&best, head);
	vote_opendocument(&best, head);
	vote_markup(&best, text);
	vote_json(&best, text, whole);
	vote_programs(&best, head);
	vote_ini(&best, text);
	vote_plain(&best, text);
	return best.mime;
}
