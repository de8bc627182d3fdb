/*
 * smtp_text.c - see smtp_text.h.
 */
#include "dissectors/shared/smtp_text.h"

enum { NONSENSE_MAX = 4096 };

static const char *const words[NJ_SMTP_LAST] = { NULL, NULL, "EHLO", "HELO",
	"LHLO", "MAIL", "RCPT", "DATA", "BDAT", "RSET", "QUIT", "VRFY", "EXPN",
	"HELP", "NOOP", "AUTH", "STARTTLS", "TURN", "ETRN", "SEND", "SOML",
	"SAML" };

/* RFC 5321 4.2.3, RFC 4954 (login), RFC 1985 (ETRN), RFC 7504 (no mail). */
static const uint16_t codes[] = { 211, 214, 220, 221, 235, 250, 251, 252, 253,
	334, 354, 421, 432, 450, 451, 452, 454, 455, 458, 459, 500, 501, 502,
	503, 504, 521, 530, 534, 535, 538, 550, 551, 552, 553, 554, 555, 556 };

enum nj_smtp_command
nj_smtp_command(struct nj_view word)
{
	for (unsigned i = NJ_SMTP_EHLO; i < NJ_SMTP_LAST; i++)
		if (nj_view_caseeq(word, nj_str(words[i])))
			return (enum nj_smtp_command)i;
	return NJ_SMTP_UNKNOWN;
}

bool
nj_smtp_reply(struct nj_view line, unsigned *code)
{
	if (line.len < 3)
		return false;
	for (unsigned i = 0; i < 3; i++)
		if (line.data[i] < '0' || line.data[i] > '9')
			return false;
	*code = (line.data[0] - '0') * 100u + (line.data[1] - '0') * 10u +
		(line.data[2] - '0');
	return *code >= 100 && *code < 600 &&
	       (line.len == 3 || line.data[3] == ' ' || line.data[3] == '-');
}

bool
nj_smtp_is_known(unsigned code)
{
	for (size_t i = 0; i < nj_countof(codes); i++)
		if (codes[i] == code)
			return true;
	return false;
}

void
nj_smtp_queue_add(struct nj_smtp_queue *q, enum nj_smtp_command c)
{
	unsigned at = (q->first + q->count) % NJ_SMTP_QUEUE_MAX;

	if (q->count == NJ_SMTP_QUEUE_MAX)
		return; /* pairs are lost anyway */
	q->list[at] = (uint8_t)c;
	q->count++;
}

enum nj_smtp_command
nj_smtp_queue_take(struct nj_smtp_queue *q)
{
	uint8_t c;

	if (!q->count)
		return NJ_SMTP_UNKNOWN;
	c = q->list[q->first];
	q->first = (q->first + 1) % NJ_SMTP_QUEUE_MAX;
	q->count--;
	return (enum nj_smtp_command)c;
}

static bool
is_mail_port(uint16_t port)
{
	return port == 25 || port == 587;
}

/* FTP greets with the same numbers, so without the port's hint the first
 * command decides. */
static enum nj_verdict
judge_reply(uint16_t port, struct nj_view line)
{
	unsigned code;

	while (line.len && line.data[line.len - 1] == '\r')
		line.len--;
	if (!nj_smtp_reply(line, &code))
		return NJ_REJECT;
	if (nj_view_find(line, NJ_LIT("SMTP")) != SIZE_MAX)
		return NJ_ACCEPT;
	if (nj_view_find(line, NJ_LIT("FTP")) != SIZE_MAX)
		return NJ_REJECT;
	return is_mail_port(port) || port == 2525 ? NJ_ACCEPT : NJ_MORE;
}

enum nj_verdict
nj_smtp_judge(uint16_t resp_port, enum nj_dir dir, struct nj_view v)
{
	struct nj_view line = nj_sub(
		v, 0, nj_min(nj_view_chr(v, '\n'), (size_t)NJ_SMTP_JUDGED_MAX));
	enum nj_smtp_command c;

	if (dir == NJ_RESP)
		return judge_reply(resp_port, line);
	line = nj_view_trim(line);
	line = nj_sub(line, 0, nj_min(nj_view_chr(line, ' '), line.len));
	while (line.len && line.data[line.len - 1] == '\r')
		line.len--;
	c = nj_smtp_command(line);
	/* Clients talk nonsense to mail servers, too: their replies tell. */
	if (c == NJ_SMTP_UNKNOWN)
		return is_mail_port(resp_port) && v.len <= NONSENSE_MAX
			       ? NJ_MORE
			       : NJ_REJECT;
	if (c >= NJ_SMTP_RSET && !is_mail_port(resp_port))
		return NJ_REJECT; /* QUIT, HELP and NOOP belong to many */
	return NJ_ACCEPT;
}
