/*
 * ftp_text.c - FTP's commands, replies and paths.
 */
#include "dissectors/shared/ftp_text.h"

enum { PATH_FLAG = 1, ONLY_FLAG = 2, CODES_MAX = 20 };

struct ftp_command {
	const char *name;
	uint8_t flags;
	uint16_t codes[CODES_MAX]; /* that answer it */
};

/* "<init>" stands for the greeting, which answers no command. */
static const struct ftp_command commands[] = {
	{ "<init>", 0, { 120, 220, 421 } },
	{ "USER", 0, { 230, 331, 332, 421, 530, 500, 501 } },
	{ "PASS", 0, { 230, 202, 332, 421, 530, 500, 501, 503 } },
	{ "ACCT", ONLY_FLAG, { 230, 202, 421, 530, 500, 501, 503 } },
	{ "CWD", PATH_FLAG | ONLY_FLAG, { 250, 421, 500, 501, 502, 530, 550 } },
	{ "XCWD", PATH_FLAG | ONLY_FLAG,
		{ 250, 421, 500, 501, 502, 530, 550 } },
	{ "CDUP", ONLY_FLAG, { 200, 250, 421, 500, 501, 502, 530, 550 } },
	{ "SMNT", ONLY_FLAG, { 202, 250, 421, 500, 501, 502, 530, 550 } },
	{ "REIN", ONLY_FLAG, { 120, 220, 421, 500, 502 } },
	{ "QUIT", 0, { 221, 500 } },
	{ "PORT", ONLY_FLAG, { 200, 421, 500, 501, 530 } },
	{ "PASV", ONLY_FLAG, { 227, 421, 500, 501, 502, 530 } },
	{ "MODE", 0, { 200, 421, 500, 501, 502, 504, 530 } },
	{ "TYPE", ONLY_FLAG, { 200, 421, 500, 501, 504, 530 } },
	{ "STRU", ONLY_FLAG, { 200, 421, 500, 501, 504, 530 } },
	{ "ALLO", ONLY_FLAG, { 200, 202, 421, 500, 501, 504, 530 } },
	{ "REST", PATH_FLAG | ONLY_FLAG,
		{ 200, 350, 421, 500, 501, 502, 530 } },
	{ "STOR", PATH_FLAG | ONLY_FLAG,
		{ 110, 125, 150, 226, 250, 421, 425, 426, 451, 551, 552, 532,
			450, 452, 553, 500, 501, 530, 550 } },
	{ "STOU", PATH_FLAG | ONLY_FLAG,
		{ 110, 125, 150, 226, 250, 421, 425, 426, 451, 551, 552, 532,
			450, 452, 553, 500, 501, 530, 550 } },
	{ "RETR", PATH_FLAG,
		{ 110, 125, 150, 226, 250, 421, 425, 426, 451, 450, 500, 501,
			530, 550 } },
	{ "LIST", 0,
		{ 125, 150, 226, 250, 421, 425, 426, 451, 450, 500, 501, 502,
			530, 550 } },
	{ "NLST", ONLY_FLAG,
		{ 125, 150, 226, 250, 421, 425, 426, 451, 450, 500, 501, 502,
			530, 550 } },
	{ "APPE", PATH_FLAG | ONLY_FLAG,
		{ 125, 150, 226, 250, 421, 425, 426, 451, 551, 552, 532, 450,
			550, 452, 553, 500, 501, 502, 530 } },
	{ "RNFR", PATH_FLAG | ONLY_FLAG,
		{ 350, 421, 450, 550, 500, 501, 502, 530 } },
	{ "RNTO", PATH_FLAG | ONLY_FLAG,
		{ 250, 421, 532, 553, 500, 501, 502, 503, 530 } },
	{ "DELE", PATH_FLAG, { 250, 421, 450, 550, 500, 501, 502, 530 } },
	{ "RMD", PATH_FLAG | ONLY_FLAG, { 250, 421, 500, 501, 502, 530, 550 } },
	{ "MKD", PATH_FLAG | ONLY_FLAG, { 257, 421, 500, 501, 502, 530, 550 } },
	{ "PWD", ONLY_FLAG, { 257, 421, 500, 501, 502, 550 } },
	{ "XPWD", ONLY_FLAG, { 257, 421, 500, 501, 502, 550 } },
	{ "ABOR", ONLY_FLAG, { 225, 226, 421, 500, 501, 502 } },
	{ "SYST", ONLY_FLAG, { 215, 421, 500, 501, 502, 530 } },
	{ "STAT", 0, { 211, 212, 213, 421, 450, 500, 501, 502, 530 } },
	{ "HELP", 0, { 200, 211, 214, 421, 500, 501, 502 } },
	{ "SITE", ONLY_FLAG, { 200, 202, 214, 500, 501, 502, 530 } },
	{ "NOOP", 0, { 200, 421, 500 } },
	{ "LPRT", ONLY_FLAG, { 500, 501, 521 } },      /* RFC 1639 */
	{ "FEAT", ONLY_FLAG, { 211, 500, 502 } },      /* RFC 2389 */
	{ "OPTS", ONLY_FLAG, { 200, 451, 501 } },      /* RFC 2389 */
	{ "EPSV", ONLY_FLAG, { 229, 500, 501 } },      /* RFC 2428 */
	{ "EPRT", ONLY_FLAG, { 200, 500, 501, 522 } }, /* RFC 2428 */
	{ "SIZE", PATH_FLAG | ONLY_FLAG, { 213, 500, 501, 550 } },
	{ "MDTM", PATH_FLAG | ONLY_FLAG, { 213, 500, 501, 550 } },
	{ "MLST", ONLY_FLAG, { 150, 226, 250, 500, 501, 550 } },
	{ "MLSD", ONLY_FLAG, { 150, 226, 250, 500, 501, 550 } },
	{ "AUTH", 0, { 234, 334, 431, 500, 502, 504, 530, 534 } },
	{ "ADAT", ONLY_FLAG, { 235, 335, 500, 501, 503, 535 } },
	{ "PBSZ", ONLY_FLAG, { 200, 500, 501, 503 } }, /* RFC 4217 */
	{ "PROT", ONLY_FLAG, { 200, 500, 503, 504, 534, 536 } },
	{ "CCC", ONLY_FLAG, { 200, 500, 533, 534 } },
	{ "HOST", ONLY_FLAG, { 220, 500, 501, 504 } }, /* RFC 7151 */
	{ "LANG", ONLY_FLAG, { 200, 500, 501, 504 } }, /* RFC 2640 */
	{ "CLNT", ONLY_FLAG, { 200, 500 } },
	{ "MACB", ONLY_FLAG, { 200, 500, 550 } },
	{ "XCRC", PATH_FLAG | ONLY_FLAG, { 250, 500, 550 } },
	{ "MFMT", PATH_FLAG | ONLY_FLAG, { 213, 500, 501, 550 } },
};

static const struct ftp_command *
find(struct nj_view command)
{
	for (size_t i = 0; i < nj_countof(commands); i++)
		if (nj_view_caseeq(command, nj_str(commands[i].name)))
			return &commands[i];
	return NULL;
}

bool
nj_ftp_known(struct nj_view command)
{
	return find(command) != NULL;
}

bool
nj_ftp_only(struct nj_view command)
{
	const struct ftp_command *c = find(command);

	return c && c->flags & ONLY_FLAG;
}

bool
nj_ftp_takes_path(struct nj_view command)
{
	const struct ftp_command *c = find(command);

	return c && c->flags & PATH_FLAG;
}

int
nj_ftp_score(struct nj_view command, struct nj_view arg, unsigned code,
	struct nj_view message)
{
	const struct ftp_command *c = find(command);
	int score = code == 500 ? 100 : 0;

	for (size_t i = 0; c && i < CODES_MAX && c->codes[i]; i++)
		if (c->codes[i] == code)
			score = 100;
	if (nj_view_find(message, command) != SIZE_MAX)
		score += 20;
	if (nj_view_find(message, arg) != SIZE_MAX)
		score += 10;
	return score;
}

static bool
is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* The number at *v, which is moved past it; digits beyond any sense are
 * refused. */
static bool
number(struct nj_view *v, uint64_t *out)
{
	size_t n = 0;
	bool ok;

	while (n < v->len && is_digit(v->data[n]))
		n++;
	ok = nj_view_u64(nj_sub(*v, 0, n), out);
	*v = nj_sub(*v, n, v->len);
	return ok;
}

static bool
six_numbers(struct nj_view v, uint8_t out[6])
{
	for (unsigned i = 0; i < 6; i++) {
		uint64_t n;

		if (i) {
			if (!v.len || v.data[0] != ',')
				return false;
			v = nj_sub(v, 1, v.len);
		}
		if (!number(&v, &n) || n > 255)
			return false;
		out[i] = (uint8_t)n;
	}
	return true;
}

bool
nj_ftp_port(struct nj_view v, struct nj_ftp_endpoint *out)
{
	uint8_t six[6];

	for (size_t i = 0; i < v.len; i++) {
		if (!is_digit(v.data[i]) || (i && is_digit(v.data[i - 1])))
			continue;
		if (!six_numbers(nj_sub(v, i, v.len), six))
			continue;
		out->addr = nj_addr4(six);
		out->port = (uint16_t)(six[4] << 8 | six[5]);
		return true;
	}
	return false;
}

bool
nj_ftp_eport(struct nj_view v, struct nj_ftp_endpoint *out)
{
	size_t open = nj_view_chr(v, '(');
	struct nj_view part[3];
	char text[NJ_ADDR_TEXT];
	uint64_t port;
	uint8_t mark;

	if (open != SIZE_MAX)
		v = nj_sub(v, open + 1, v.len);
	v = nj_view_trim(v);
	if (!v.len)
		return false;
	mark = v.data[0];
	v = nj_sub(v, 1, v.len);
	for (unsigned i = 0; i < 3; i++) {
		size_t n = nj_view_chr(v, mark);

		if (n == SIZE_MAX)
			return false;
		part[i] = nj_sub(v, 0, n);
		v = nj_sub(v, n + 1, v.len);
	}
	if (!nj_view_u64(part[2], &port) || port > UINT16_MAX)
		return false;
	*out = (struct nj_ftp_endpoint){ .port = (uint16_t)port };
	if (!part[1].len)
		return true;
	if (part[1].len >= sizeof(text))
		return false;
	memcpy(text, part[1].data, part[1].len);
	text[part[1].len] = 0;
	return nj_addr_parse(&out->addr, text);
}

bool
nj_ftp_size(struct nj_view message, uint64_t *out)
{
	bool found = false;

	for (size_t i = 0; i < message.len; i++) {
		struct nj_view rest = nj_sub(message, i, message.len);
		bool open = i && message.data[i - 1] == '(';
		uint64_t n;

		if (!is_digit(message.data[i]) ||
			(i && message.data[i - 1] != ' ' && !open))
			continue;
		if (!number(&rest, &n))
			continue;
		*out = n;
		found = true;
		if (open && nj_view_casestarts(rest, NJ_LIT(" byte")))
			return true;
		i = message.len - rest.len - 1;
	}
	return found;
}

static bool
is_absolute(struct nj_view v)
{
	if (v.len && v.data[0] == '/')
		return true;
	return v.len >= 3 && v.data[1] == ':' &&
	       (v.data[2] == '/' || v.data[2] == '\\') &&
	       (uint8_t)((v.data[0] | 0x20) - 'a') < 26;
}

/* Adds the components of v to the n bytes in out. */
static size_t
add_components(struct nj_view v, uint8_t *out, size_t n)
{
	while (v.len) {
		size_t len = nj_min(nj_view_chr(v, '/'), v.len);
		struct nj_view part = nj_sub(v, 0, len);

		v = nj_sub(v, len + 1, v.len);
		if (!part.len || (n && nj_view_eq(part, NJ_LIT("."))))
			continue;
		if (nj_view_eq(part, NJ_LIT(".."))) {
			while (n && out[n - 1] != '/')
				n--;
			n -= n > 1;
			continue;
		}
		if (n && out[n - 1] != '/')
			out[n++] = '/';
		memcpy(out + n, part.data, part.len);
		n += part.len;
	}
	return n;
}

size_t
nj_ftp_path(struct nj_view folder, struct nj_view name, uint8_t *out)
{
	size_t n = 0;

	if (is_absolute(name))
		folder = (struct nj_view){ 0 };
	if ((folder.len && folder.data[0] == '/') ||
		(name.len && name.data[0] == '/' && !folder.len))
		out[n++] = '/';
	n = add_components(folder, out, n);
	return add_components(name, out, n);
}

struct nj_view
nj_ftp_folder(struct nj_view message)
{
	size_t n = 0;

	for (size_t i = 0; i + 1 < message.len; i++) {
		struct nj_view rest = nj_sub(message, i + 1, message.len);

		if (message.data[i] == '"' && is_absolute(rest))
			return nj_sub(rest, 0, nj_view_chr(rest, '"'));
	}
	while (message.len && !is_absolute(message))
		message = nj_sub(message, 1, message.len);
	while (n < message.len && message.data[n] != ' ' &&
		message.data[n] != '"')
		n++;
	return nj_sub(message, 0, n);
}
