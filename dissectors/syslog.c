/*
 * syslog.c - log messages of others, one record each: over UDP (RFC 3164,
 * 5424, 5426) and TCP (RFC 6587, both framings).
 *
 * Why we tell them: printers, switches and door controllers rarely speak
 * anything richer, and a change of facility or rate is a useful feature. A
 * message without a priority is told too, as UNSPECIFIED: port 514 gets them.
 * Not done: structured data (RFC 5424 6.3) as fields of its own.
 */
#include "engine/dissect/dissector.h"

#define SYSLOG(F, tag)                                                         \
	F(tag, 1, STR, proto, 0, "udp or tcp")                                 \
	F(tag, 2, STR, facility, NJ_INDEX | NJ_LEARN,                          \
		"Which part of the sender speaks: KERN, ..., LOCAL7")          \
	F(tag, 3, STR, severity, NJ_INDEX | NJ_LEARN,                          \
		"EMERG, ALERT, CRIT, ERR, WARNING, NOTICE, INFO or DEBUG")     \
	F(tag, 4, STR, message, NJ_PII, "Text after the priority")             \
	F(tag, 5, STR, host, NJ_INDEX, "Who the message says it is from")      \
	F(tag, 6, STR, app, NJ_INDEX | NJ_LEARN,                               \
		"Program that the message says it is from")

NJ_EVENT(syslog, SYSLOG, "One syslog message");

enum { ODD_PRIORITY, ODD_FRAME };
static const struct nj_oddity oddities[] = {
	[ODD_PRIORITY] = { "syslog_priority",
		"A priority above 191, or not closed" },
	[ODD_FRAME] = { "syslog_frame",
		"A syslog stream that is in neither framing" },
	{ 0 }
};

enum {
	PORT = 514,
	PRIORITY_MAX = 191,
	MESSAGE_MAX = 8192, /* of text kept (RFC 5424 wants 2048 at least) */
	FRAME_MAX = 32768
};

/* "<13>": gives the priority and moves behind it, or -1. */
static int
take_priority(struct nj_cur *c)
{
	struct nj_cur at = *c;
	unsigned pri = 0, digits = 0;
	uint8_t ch;

	if (nj_cur_u8(&at) != '<')
		return -1;
	while ((ch = nj_cur_u8(&at)) >= '0' && ch <= '9' && ++digits <= 3)
		pri = pri * 10 + (ch - '0');
	if (at.bad || ch != '>' || !digits || pri > PRIORITY_MAX)
		return -1;
	*c = at;
	return (int)pri;
}

/* The next word, up to a blank. */
static struct nj_view
take_word(struct nj_cur *c)
{
	struct nj_view rest = nj_cur_rest(c);
	size_t n = nj_view_chr(rest, ' ');
	struct nj_view word = nj_cur_take(c, nj_min(n, rest.len));

	if (n != SIZE_MAX)
		nj_cur_skip(c, 1);
	return word;
}

static bool
is_month(struct nj_view v)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (unsigned i = 0; v.len >= 3 && i < 36; i += 3)
		if (memcmp(v.data, months + i, 3) == 0)
			return true;
	return false;
}

static struct nj_view
unless_nil(struct nj_view v)
{
	bool nil = !v.len || (v.len == 1 && v.data[0] == '-');

	return nil || v.len > 255 ? (struct nj_view){ 0 } : v;
}

/* "1 TIME HOST APP ..." of RFC 5424. */
static void
read_new_form(struct syslog_event *ev, struct nj_view text)
{
	struct nj_cur c = nj_cur(text);

	(void)take_word(&c);
	(void)take_word(&c);
	ev->host = unless_nil(take_word(&c));
	ev->app = unless_nil(take_word(&c));
}

/* "Mmm dd hh:mm:ss HOST TAG..." of RFC 3164. */
static void
read_old_form(struct syslog_event *ev, struct nj_view text)
{
	struct nj_cur c = nj_cur(nj_sub(text, 16, text.len));
	struct nj_view host = take_word(&c), tag = take_word(&c);
	size_t n = 0;

	/* Some leave the host out: then the first word is the tag. */
	if (host.len && host.data[host.len - 1] == ':') {
		tag = host;
		host.len = 0;
	}
	while (n < tag.len && tag.data[n] != '[' && tag.data[n] != ':')
		n++;
	if (n == tag.len)
		return;
	ev->host = unless_nil(host);
	ev->app = unless_nil(nj_sub(tag, 0, n));
}

static void
read_names(struct syslog_event *ev)
{
	struct nj_view m = ev->message;

	if (m.len > 2 && m.data[0] == '1' && m.data[1] == ' ')
		read_new_form(ev, m);
	else if (m.len > 16 && is_month(m) && m.data[3] == ' ' &&
		 m.data[9] == ':' && m.data[12] == ':' && m.data[15] == ' ')
		read_old_form(ev, m);
}

static void
tell(struct nj_dctx *d, struct nj_view v)
{
	static const char *const facilities[] = { "KERN", "USER", "MAIL",
		"DAEMON", "AUTH", "SYSLOG", "LPR", "NEWS", "UUCP", "CRON",
		"AUTHPRIV", "FTP", "NTP", "AUDIT", "ALERT", "CLOCK", "LOCAL0",
		"LOCAL1", "LOCAL2", "LOCAL3", "LOCAL4", "LOCAL5", "LOCAL6",
		"LOCAL7" };
	static const char *const severities[] = { "EMERG", "ALERT", "CRIT",
		"ERR", "WARNING", "NOTICE", "INFO", "DEBUG" };
	struct nj_cur c = nj_cur(v);
	struct syslog_event ev = { 0 };
	int pri = take_priority(&c);

	ev.proto = nj_proto_of(d) == 6 ? NJ_LIT("tcp") : NJ_LIT("udp");
	ev.facility = ev.severity = NJ_LIT("UNSPECIFIED");
	if (pri >= 0) {
		ev.facility = nj_str(facilities[pri >> 3]);
		ev.severity = nj_str(severities[pri & 7]);
	} else if (v.len && v.data[0] == '<') {
		nj_odd(d, ODD_PRIORITY);
	}
	ev.message = nj_sub(nj_cur_rest(&c), 0, MESSAGE_MAX);
	read_names(&ev);
	nj_emit(d, &syslog_desc, &ev);
}

static bool
is_hinted(const struct nj_dctx *d)
{
	return nj_port_of(d, NJ_RESP) == PORT;
}

/* Text, as far as its beginning goes. */
static bool
is_text(struct nj_view v)
{
	for (size_t i = 0; i < nj_min(v.len, 64u); i++)
		if ((v.data[i] < ' ' && v.data[i] != '\t' &&
			    v.data[i] != '\n' && v.data[i] != '\r' &&
			    !(v.data[i] == 0 && i + 1 == v.len)) ||
			v.data[i] == 0x7f)
			return false;
	return v.len != 0;
}

/* Behind a priority: a form that only syslog has. */
static bool
is_certain(struct nj_view v)
{
	if (v.len < 8)
		return false;
	return is_month(v) || (v.data[0] == '1' && v.data[1] == ' ' &&
				      (v.data[2] == '2' || v.data[2] == '-'));
}

/* RFC 6587: "123 <13>..." or "<13>...\n". */
static enum nj_verdict
probe_stream(struct nj_dctx *d, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	uint8_t ch = 0;

	if (v.len < 24)
		return v.data[0] == '<' ||
				       (v.data[0] >= '1' && v.data[0] <= '9')
			       ? NJ_MORE
			       : NJ_REJECT;
	for (unsigned i = 0; v.data[0] != '<' && i < 6; i++) {
		ch = nj_cur_u8(&c);
		if (ch < '0' || ch > '9')
			break;
	}
	if ((v.data[0] != '<' && ch != ' ') || take_priority(&c) < 0)
		return NJ_REJECT;
	if (!is_text(nj_cur_rest(&c)))
		return NJ_REJECT;
	return is_hinted(d) || is_certain(nj_cur_rest(&c)) ? NJ_ACCEPT
							   : NJ_REJECT;
}

static enum nj_verdict
syslog_probe(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	int pri;

	if (!v.len)
		return NJ_REJECT;
	if (nj_proto_of(d) == 6)
		return dir == NJ_ORIG ? probe_stream(d, v) : NJ_REJECT;
	pri = take_priority(&c);
	if (is_hinted(d))
		return is_text(v) ? NJ_ACCEPT : NJ_REJECT;
	return pri >= 0 && is_text(v) && is_certain(nj_cur_rest(&c))
		       ? NJ_ACCEPT
		       : NJ_REJECT;
}

static enum nj_verdict
syslog_datagram(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	(void)dir;
	tell(d, v);
	return NJ_MORE;
}

/* "123 " before a message: its length. 0: more is needed; SIZE_MAX: no. */
static size_t
frame_length(struct nj_view v, size_t *head)
{
	size_t n = 0;

	for (size_t i = 0; i < v.len; i++) {
		if (v.data[i] == ' ' && i) {
			*head = i + 1;
			return n ? n : SIZE_MAX;
		}
		if (v.data[i] < '0' || v.data[i] > '9' || i == 5)
			return SIZE_MAX;
		n = n * 10 + (size_t)(v.data[i] - '0');
	}
	return 0;
}

static enum nj_verdict
syslog_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	while (dir == NJ_ORIG && v.len) {
		size_t head = 0, n, used;

		if (v.data[0] == '<') {
			n = nj_view_chr(v, '\n');
			if (n == SIZE_MAX)
				return NJ_MORE;
			used = n + 1;
			if (n && v.data[n - 1] == '\r')
				n--;
		} else if (v.data[0] == '\n' || v.data[0] == 0) {
			n = 0; /* a trailer that some senders add */
			used = 1;
		} else {
			n = frame_length(v, &head);
			if (n == 0 || (n <= FRAME_MAX && v.len < head + n))
				return NJ_MORE;
			if (n > FRAME_MAX) {
				nj_odd(d, ODD_FRAME);
				return NJ_BROKEN;
			}
			used = head + n;
		}
		if (n)
			tell(d, nj_sub(v, head, n));
		nj_consume(d, used);
		v = nj_sub(v, used, v.len);
	}
	if (dir == NJ_RESP)
		nj_consume(d, v.len); /* nobody answers */
	return NJ_MORE;
}

/* The last line needs no end. */
static void
syslog_eof(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	if (dir == NJ_ORIG && v.len && v.data[0] == '<')
		tell(d, v);
}

/* Where a counted frame begins after a gap cannot be told, and a line that
 * begins with a priority may lie inside of one. */
static enum nj_verdict
syslog_gap(struct nj_dctx *d, enum nj_dir dir, struct nj_view v, uint64_t len)
{
	(void)v;
	(void)len;
	return dir == NJ_RESP ? NJ_MORE : NJ_DONE;
}

const struct nj_dissector nj_dissector_syslog = {
	.name = "syslog",
	.title = "Syslog",
	.service_tcp = "syslog_tcp",
	.ports = (const struct nj_port[]){ { NJ_UDP, PORT }, { NJ_TCP, PORT },
		{ NJ_TCP, 601 }, { 0 } },
	.events = (const struct nj_event_desc *const[]){ &syslog_desc, NULL },
	.oddities = oddities,
	.buffer_max = 64 * 1024,
	.probe = syslog_probe,
	.datagram = syslog_datagram,
	.stream = syslog_stream,
	.gap = syslog_gap,
	.eof = syslog_eof,
};
