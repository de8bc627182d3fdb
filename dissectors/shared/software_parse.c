/*
 * software_parse.c - names and versions of programs in the texts that they
 * send. No standard rules these texts; RFC 9110 10.1.5 (product/version and
 * comments) comes nearest. Everybody writes NAME, some separator, numbers
 * with dots, and the rest, except for browsers, which all say they are
 * Mozilla.
 */
#include "dissectors/shared/software.h"

enum { NUMBER_DIGITS = 9 }; /* what is longer is no version */

static bool
is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool
is_in(uint8_t c, const char *set)
{
	return c && strchr(set, c);
}

/* The byte at i, or NUL past the end. */
static uint8_t
at(struct nj_view v, size_t i)
{
	return i < v.len ? v.data[i] : 0;
}

/* Numbers from i on; gives where they end. */
static size_t
read_numbers(struct nj_software *s, struct nj_view v, size_t i)
{
	while (s->count < nj_countof(s->number) && is_digit(at(v, i))) {
		uint32_t n = 0;
		size_t end = i;

		for (; is_digit(at(v, end)); end++)
			if (end - i < NUMBER_DIGITS)
				n = n * 10 + (at(v, end) - '0');
		if (end - i > NUMBER_DIGITS)
			return i;
		s->number[s->count++] = n;
		i = end;
		if (!is_in(at(v, i), ".,") || !is_digit(at(v, i + 1)))
			break;
		if (s->count < nj_countof(s->number))
			i++;
	}
	return i;
}

/* What follows the numbers: the first word or comment. */
static struct nj_view
read_addl(struct nj_view v, size_t i)
{
	size_t end;

	while (is_in(at(v, i), " .-_/:;,[)(]"))
		i++;
	end = i;
	if (i && at(v, i - 1) == '(')
		while (end < v.len && !is_in(v.data[end], ";)"))
			end++;
	else
		while (at(v, end) > ' ' && !is_in(v.data[end], "-_/:;,[]()"))
			end++;
	return nj_sub(v, i, end - i);
}

/* Are the digits at i a version? How sure that is counts down from 3. */
static unsigned
version_rank(struct nj_view v, size_t i)
{
	uint8_t before = i ? at(v, i - 1) : 0;
	size_t end = i;

	while (is_digit(at(v, end)))
		end++;
	/* NAME/1, before any blank: as HTTP has it. */
	if (before == '/' && nj_view_chr(nj_sub(v, 0, i), ' ') == SIZE_MAX)
		return 3;
	if (is_in(at(v, end), ".,") && is_digit(at(v, end + 1)))
		return 2;
	/* "v26b", but not the 64 of "amd64". */
	if (!i || is_in(before, " -_/(") ||
		(is_in(before, "vV") && is_in(at(v, i - 2), " -_/(")))
		return 1;
	return 0;
}

/* Where the version begins, or v.len. */
static size_t
find_version(struct nj_view v)
{
	size_t best = v.len;
	unsigned rank = 0;

	for (size_t i = 0; i < v.len && rank < 3; i++) {
		unsigned r = 0;

		if (is_digit(v.data[i]) && !(i && is_digit(v.data[i - 1])))
			r = version_rank(v, i);
		if (r > rank) {
			rank = r;
			best = i;
		}
	}
	return best;
}

static void
parse_plain(struct nj_software *s, struct nj_view v)
{
	size_t begin = find_version(v), end = begin;

	if (begin < v.len) {
		size_t stop = read_numbers(s, v, begin);

		if (s->count)
			s->addl = read_addl(v, stop);
	}
	if (begin == v.len) {
		/* No number: the first word with what stands in brackets. */
		end = nj_view_find(v, NJ_LIT(" ("));
		if (end == SIZE_MAX)
			end = nj_view_chr(v, '/');
		else
			s->addl = read_addl(v, end);
		end = nj_min(end, v.len);
	}
	if (end > 1 && is_in(at(v, end - 1), "vV") &&
		is_in(at(v, end - 2), " -_/(["))
		end--;
	while (end && is_in(at(v, end - 1), " -_/([:;,."))
		end--;
	s->name = nj_sub(v, 0, end);
}

/* Browsers, those that say they are others too before these. Where a number
 * stands behind another word, that is named. */
static const struct {
	const char *mark, *name, *version;
} browsers[] = {
	{ "Edg/", "Edge", NULL },
	{ "EdgA/", "Edge", NULL },
	{ "EdgiOS/", "Edge", NULL },
	{ "Edge/", "Edge", NULL },
	{ "OPR/", "Opera", NULL },
	{ "Opera", "Opera", "Version/" },
	{ "Vivaldi/", "Vivaldi", NULL },
	{ "YaBrowser/", "YaBrowser", NULL },
	{ "SamsungBrowser/", "SamsungBrowser", NULL },
	{ "UCBrowser/", "UCBrowser", NULL },
	{ "Teams/", "Teams", NULL },
	{ "Electron/", "Electron", NULL },
	{ "HeadlessChrome/", "HeadlessChrome", NULL },
	{ "CriOS/", "Chrome", NULL },
	{ "Chromium/", "Chromium", NULL },
	{ "Chrome/", "Chrome", NULL },
	{ "FxiOS/", "Firefox", NULL },
	{ "Thunderbird/", "Thunderbird", NULL },
	{ "SeaMonkey/", "SeaMonkey", NULL },
	{ "Iceweasel/", "Iceweasel", NULL },
	{ "Firefox/", "Firefox", NULL },
	{ "Konqueror/", "Konqueror", NULL },
	{ "Safari/", "Safari", "Version/" },
	{ "AppleWebKit/", "AppleWebKit", NULL },
	{ "MSIE ", "MSIE", NULL },
	{ "Trident/", "MSIE", "rv:" },
	{ "WindowsPowerShell/", "WindowsPowerShell", NULL },
};

/* "Mozilla/4.0 (compatible; ICS)": who is compatible is the program. */
static void
parse_compatible(struct nj_software *s, struct nj_view v)
{
	static const struct nj_view mark = { (const uint8_t *)"(compatible; ",
		13 };
	size_t begin = nj_view_find(v, mark), end = 0;

	if (begin == SIZE_MAX) {
		parse_plain(s, v);
		return;
	}
	v = nj_sub(v, begin + mark.len, v.len);
	while (end < v.len && !is_in(v.data[end], ";)"))
		end++;
	parse_plain(s, nj_sub(v, 0, end));
}

static void
parse_browser(struct nj_software *s, struct nj_view v)
{
	size_t i, where = SIZE_MAX;
	struct nj_view mark;

	for (i = 0; i < nj_countof(browsers) && where == SIZE_MAX; i++) {
		mark = nj_str(browsers[i].mark);
		where = nj_view_find(v, mark);
	}
	if (where == SIZE_MAX) {
		parse_compatible(s, v);
		return;
	}
	i--;
	s->name = nj_str(browsers[i].name);
	if (nj_view_find(v, NJ_LIT("Mobile")) != SIZE_MAX)
		s->addl = NJ_LIT("Mobile");
	if (browsers[i].version) {
		struct nj_view other = nj_str(browsers[i].version);
		size_t there = nj_view_find(v, other);

		if (there != SIZE_MAX) {
			where = there;
			mark = other;
		}
	}
	where += mark.len;
	if (is_in(at(v, where), " /"))
		where++;
	(void)read_numbers(s, v, where);
}

void
nj_software_parse(struct nj_software *out, struct nj_view text)
{
	*out = (struct nj_software){ 0 };
	text = nj_view_trim(text);
	if (nj_view_starts(text, NJ_LIT("Mozilla/")) ||
		nj_view_starts(text, NJ_LIT("Opera/")))
		parse_browser(out, text);
	else
		parse_plain(out, text);
}

struct nj_view
nj_software_greeting(struct nj_view text)
{
	static const char *const products[] = { "Postfix", "Exim", "Sendmail",
		"Microsoft ESMTP MAIL Service", "Microsoft FTP Service",
		"MailEnable", "hMailServer", "OpenSMTPD", "qmail", "MDaemon",
		"CommuniGate Pro", "Lotus Domino", "Zimbra", "Haraka", "vsFTPd",
		"ProFTPD", "Pure-FTPd", "FileZilla Server", "Serv-U", "WU-",
		"wu-ftpd", "bftpd", "Gene6 FTP Server", "Wing FTP Server",
		"Xlight FTP", "CrushFTP", "pyftpdlib", "glFTPd", "MikroTik",
		"NET-OS", "Titan FTP Server", "Cerberus FTP Server",
		"WS_FTP Server", "War-FTPD", "3Com 3CDaemon", "SurgeMail",
		"IceWarp", "Mercury", "Kerio", "PowerMTA", "inetutils",
		"VxWorks", "Synology", "QNAP" };

	for (size_t i = 0; i < nj_countof(products); i++) {
		struct nj_view name = nj_str(products[i]), v = text;

		for (; v.len >= name.len; v = nj_sub(v, 1, v.len)) {
			if (!nj_view_casestarts(v, name))
				continue;
			/* "(vsFTPd 3.0.3)" ends with its bracket. */
			if (v.data > text.data && v.data[-1] == '(' &&
				nj_view_chr(v, '(') == SIZE_MAX)
				v.len = nj_min(v.len, nj_view_chr(v, ')'));
			return v;
		}
	}
	return (struct nj_view){ 0 };
}
