/*
 * smtp_log.c - what an smtp record says of one mail.
 */
#include "dissectors/shared/smtp_log.h"

#include "dissectors/shared/smtp_eve.h"

NJ_EVENT_DEFINE(smtp, SMTP, 0, "One mail transaction");

struct nj_smtp_mail *
nj_smtp_mail_open(struct nj_dctx *d)
{
	struct nj_smtp_mail *m = nj_keep(d, NJ_PAD_BLOCK);

	if (!m)
		return NULL;
	memset(m, 0, sizeof(*m));
	nj_pad_init(
		&m->pad, m + 1, NJ_PAD_BLOCK - sizeof(*m), NJ_SMTP_TEXT_MAX);
	m->ts = nj_now(d);
	/* The hosts of this connection are the end of the way. */
	m->path[m->path_count++] = nj_addr_of(d, NJ_RESP);
	m->path[m->path_count++] = nj_addr_of(d, NJ_ORIG);
	return m;
}

void
nj_smtp_mail_free(struct nj_smtp_mail *m, struct nj_dctx *d)
{
	nj_pad_free(&m->pad, d);
	nj_drop(d, m);
}

static bool
ends_address(uint8_t c)
{
	return c == '>' || c == ',' || c == ';' || c == ' ' || c == '\t';
}

static bool
begins_address(uint8_t c)
{
	return c == '<' || c == ',' || c == ':' || c == ' ' || c == '\t';
}

struct nj_view
nj_smtp_address(struct nj_view arg)
{
	size_t at = nj_view_chr(arg, '@'), from, to;

	/* A source route (RFC 5321 appendix C) stands before the address. */
	while (at != SIZE_MAX && (!at || begins_address(arg.data[at - 1]))) {
		arg = nj_sub(arg, at + 1, arg.len);
		at = nj_view_chr(arg, '@');
	}
	if (at == SIZE_MAX)
		return (struct nj_view){ 0 };
	from = at;
	while (from && !begins_address(arg.data[from - 1]))
		from--;
	to = at + 1;
	while (to < arg.len && !ends_address(arg.data[to]))
		to++;
	return to == at + 1 ? (struct nj_view){ 0 }
			    : nj_sub(arg, from, to - from);
}

/* The addresses of a header, with their display names; a comma inside quotes
 * or brackets parts nothing. */
static void
add_addresses(struct nj_smtp_mail *m, struct nj_dctx *d,
	struct nj_pad_item **list, struct nj_view v)
{
	bool quoted = false;
	size_t begin = 0;

	for (size_t i = 0; i <= v.len; i++) {
		struct nj_view part;

		if (i < v.len && v.data[i] == '\\' && quoted) {
			i++;
			continue;
		}
		if (i < v.len && v.data[i] == '"')
			quoted = !quoted;
		if (i < v.len && (v.data[i] != ',' || quoted))
			continue;
		part = nj_view_trim(nj_sub(v, begin, i - begin));
		if (part.len)
			nj_pad_list_add(&m->pad, d, list, part);
		begin = i + 1;
	}
}

static bool
is_address_char(uint8_t c)
{
	return (c >= '0' && c <= '9') || (uint8_t)((c | 0x20) - 'a') < 6 ||
	       c == '.' || c == ':';
}

/* The next run in v, from *at on, that reads as an IP address. */
static bool
next_ip(struct nj_view v, size_t *at, size_t *end, struct nj_addr *out)
{
	char text[NJ_ADDR_TEXT];

	for (size_t i = *at; i < v.len; i = *end + 1) {
		size_t begin = i;

		while (begin < v.len && !is_address_char(v.data[begin])) {
			struct nj_view rest = nj_sub(v, begin, v.len);

			/* RFC 5321 4.1.3: the tag's last part would pass for
			 * a part of the address. */
			begin += nj_view_casestarts(rest, NJ_LIT("IPv6:")) ? 5
									   : 1;
		}
		*end = begin;
		while (*end < v.len && is_address_char(v.data[*end]))
			(*end)++;
		if (*end - begin < 2 || *end - begin >= sizeof(text))
			continue;
		memcpy(text, v.data + begin, *end - begin);
		text[*end - begin] = 0;
		if (nj_addr_parse(out, text)) {
			*at = begin;
			return true;
		}
	}
	return false;
}

/* Does the address at begin..end stand alone, in brackets or between blanks?
 * Else it is part of a name or of an id. */
static bool
is_wrapped(struct nj_view v, size_t begin, size_t end)
{
	static const char pairs[][2] = { { '[', ']' }, { '(', ')' },
		{ '{', '}' }, { ' ', ' ' } };
	struct nj_view tag = NJ_LIT("IPv6:");

	if (begin >= tag.len &&
		nj_view_caseeq(nj_sub(v, begin - tag.len, tag.len), tag))
		begin -= tag.len;
	if (!begin && end == v.len)
		return true;
	if (!begin || end == v.len)
		return false;
	for (size_t i = 0; i < nj_countof(pairs); i++)
		if (v.data[begin - 1] == (uint8_t)pairs[i][0] &&
			v.data[end] == (uint8_t)pairs[i][1])
			return true;
	return false;
}

struct nj_addr
nj_smtp_received_from(struct nj_view value)
{
	struct nj_addr a, found = { 0 };
	size_t at = 0, end;

	/* Of two, the first is what the client said of itself and the second
	 * what the server saw. */
	for (unsigned n = 0; n < 2 && next_ip(value, &at, &end, &a); at = end) {
		if (!is_wrapped(value, at, end))
			continue;
		found = a;
		n++;
	}
	return found;
}

static void
received(struct nj_smtp_mail *m, struct nj_dctx *d, struct nj_view value)
{
	struct nj_addr a = nj_smtp_received_from(value);

	nj_smtp_eve_received(m, d, value);
	m->received_before = m->received;
	m->received = nj_pad_text(&m->pad, d, value);
	if (!a.family || m->path_count == NJ_SMTP_PATH_MAX ||
		nj_addr_eq(&m->path[m->path_count - 1], &a))
		return;
	m->path[m->path_count++] = a;
}

static void
originating_ip(struct nj_smtp_mail *m, struct nj_view value)
{
	struct nj_addr a;
	size_t at = 0, end;

	if (next_ip(value, &at, &end, &a))
		m->x_originating_ip = a;
}

void
nj_smtp_mail_header(struct nj_smtp_mail *m, struct nj_dctx *d,
	struct nj_view name, struct nj_view value)
{
	const struct {
		const char *name;
		struct nj_view *to;
	} texts[] = {
		{ "message-id", &m->msg_id },
		{ "in-reply-to", &m->in_reply_to },
		{ "subject", &m->subject },
		{ "from", &m->from },
		{ "reply-to", &m->reply_to },
		{ "date", &m->date },
		{ "x-mailer", &m->agent },
		{ "user-agent", &m->agent },
		{ "x-user-agent", &m->agent },
	};

	for (size_t i = 0; i < nj_countof(texts); i++)
		if (nj_view_caseeq(name, nj_str(texts[i].name)))
			*texts[i].to = nj_pad_text(&m->pad, d, value);
	if (nj_view_caseeq(name, NJ_LIT("received")))
		received(m, d, value);
	else if (nj_view_caseeq(name, NJ_LIT("to")))
		add_addresses(m, d, &m->to, value);
	else if (nj_view_caseeq(name, NJ_LIT("cc")))
		add_addresses(m, d, &m->cc, value);
	else if (nj_view_caseeq(name, NJ_LIT("x-originating-ip")))
		originating_ip(m, value);
}

/* Mail programs that run on a web server. */
static bool
is_webmail(struct nj_view agent)
{
	static const char *const names[] = { "webmail", "squirrelmail",
		"roundcube", "horde", "internet messaging program", "(imp)",
		"openwebmail", "imho", "uebimiau", "neomail", "iloha", "zimbra",
		"rainloop", "snappymail", "afterlogic", "sogomail", "atmail",
		"iplanet messenger express", "outlook web" };

	for (size_t i = 0; i < nj_countof(names); i++) {
		struct nj_view v = agent, name = nj_str(names[i]);

		for (; v.len >= name.len; v = nj_sub(v, 1, v.len))
			if (nj_view_casestarts(v, name))
				return true;
	}
	return false;
}

/* The program that wrote a mail runs on the first host of its path; one on a
 * web server's, on the host that the first one handed it to. */
static void
tell_agent(const struct nj_smtp_mail *m, struct nj_dctx *d)
{
	bool web = is_webmail(m->agent);
	unsigned back = web && m->path_count > 1 ? 2 : 1;
	struct nj_software_found f = { .text = m->agent,
		.type = web ? "SMTP::WEBMAIL_SERVER" : "SMTP::MAIL_CLIENT" };

	if (!m->path_count || !nj_is_local(d, nj_addr_of(d, NJ_ORIG)))
		return;
	f.host = m->path[m->path_count - back];
	nj_software_tell(d, &f);
}

void
nj_smtp_greeted(const struct nj_smtp_mail *m, struct nj_dctx *d)
{
	if (m && nj_view_starts(m->last_reply, NJ_LIT("220 ")))
		nj_software_side(d, NJ_RESP, "SMTP::MAIL_SERVER",
			nj_software_greeting(m->last_reply));
}

void
nj_smtp_mail_fill(
	struct nj_smtp_mail *m, struct nj_dctx *d, struct smtp_event *ev)
{
	ev->mailfrom = m->mailfrom;
	ev->rcptto = nj_pad_list_vector(d, m->rcptto);
	ev->date = m->date;
	ev->from = m->from;
	ev->to = nj_pad_list_vector(d, m->to);
	ev->cc = nj_pad_list_vector(d, m->cc);
	ev->reply_to = m->reply_to;
	ev->msg_id = m->msg_id;
	ev->in_reply_to = m->in_reply_to;
	ev->subject = m->subject;
	ev->x_originating_ip = m->x_originating_ip;
	ev->first_received = m->received;
	ev->second_received = m->received_before;
	ev->last_reply = m->last_reply;
	ev->path = (struct nj_vaddr){ m->path, m->path_count };
	ev->user_agent = m->agent;
	ev->fuids = nj_pad_list_vector(d, m->fuids);
	ev->is_webmail = is_webmail(m->agent);
	tell_agent(m, d);
}
