/*
 * nbdgm.c - NetBIOS datagrams over UDP (RFC 1002 section 4.4) and what Windows
 * says in them: announcements and elections of the browser service (MS-BRWS),
 * and searches for a domain controller (MS-ADTS 6.3.5), in mailslots (MS-MAIL).
 *
 * Why we read it: machines tell their name, version, role and comment here
 * before they speak to anyone.
 *
 * Not done: datagrams in several fragments beyond their first one.
 */
#include "dissectors/shared/netbios.h"
#include "dissectors/shared/utf16.h"

#define NBDGM(F, tag)                                                          \
	F(tag, 1, STR, message_type, NJ_INDEX | NJ_LEARN, "Kind of datagram")  \
	F(tag, 2, U16, datagram_id, 0, "Number of the datagram")               \
	F(tag, 3, ADDR, source_ip, NJ_INDEX, "Address the sender gives")       \
	F(tag, 4, STR, source_name, NJ_INDEX, "Name of the sender")            \
	F(tag, 5, STR, destination_name, NJ_INDEX, "Name it is meant for")     \
	F(tag, 6, STR, mailslot, NJ_INDEX, "Mailslot that it is put into")     \
	F(tag, 7, STR, command, NJ_INDEX | NJ_LEARN, "What is said there")     \
	F(tag, 8, STR, host, NJ_INDEX, "Machine or workgroup it tells of")     \
	F(tag, 9, STR, os_version, NJ_INDEX | NJ_LEARN,                        \
		"Version of Windows that is announced")                        \
	F(tag, 10, U32, server_type, NJ_OPT | NJ_LEARN,                        \
		"Roles of the machine, a bit each")                            \
	F(tag, 11, STR, comment, 0, "What its owner wrote about it")           \
	F(tag, 12, STR, user, NJ_INDEX | NJ_PII,                               \
		"User for whom a domain controller is searched")               \
	F(tag, 13, STR, error, 0, "Why the datagram was refused")

NJ_EVENT(nbdgm, NBDGM, "One NetBIOS datagram");

enum {
	FIRST_FRAGMENT = 2,
	TYPE_UNIQUE = 0x10,
	TYPE_BROADCAST = 0x12,
	TYPE_ERROR = 0x13,
	TYPE_LAST = 0x16,
	TRANSACTION = 0x25,
	SMB_HEADER = 32,
	ANNOUNCEMENT_NAME = 16,
	LOGON_REQUEST = 0x07,
	SAM_LOGON_REQUEST = 0x12
};

enum { ODD_SHORT };
static const struct nj_oddity oddities[] = {
	[ODD_SHORT] = { "nbdgm_short", "A datagram ends too early" },
	{ 0 },
};

static struct nj_view
zero_text(struct nj_cur *c)
{
	struct nj_view rest = nj_cur_rest(c);
	size_t n = nj_view_chr(rest, 0);

	n = nj_min(n, rest.len);
	nj_cur_skip(c, nj_min(n + 1, rest.len));
	return nj_sub(rest, 0, n);
}

/* ---- Mailslots ---- */

/* Announcements of a host, a workgroup and a local master are of one form. */
static void
announcement(struct nj_dctx *d, struct nbdgm_event *ev, struct nj_cur *c)
{
	struct nj_cur name;
	uint32_t type;
	uint8_t major, minor;

	nj_cur_skip(c, 5); /* how often, and when the next one comes */
	name = nj_cur(nj_cur_take(c, ANNOUNCEMENT_NAME));
	major = nj_cur_u8(c);
	minor = nj_cur_u8(c);
	type = nj_cur_le32(c);
	nj_cur_skip(c, 4);
	if (c->bad)
		return;
	ev->host = zero_text(&name);
	ev->os_version = nj_arena_printf(d, "%u.%u", major, minor);
	nj_set(ev, nbdgm, server_type, type);
	ev->comment = zero_text(c);
	if (!ev->comment.len)
		ev->comment.data = NULL;
}

static void
browser(struct nj_dctx *d, struct nbdgm_event *ev, struct nj_cur *c)
{
	static const char *const names[] = { [1] = "host announcement",
		[2] = "announcement request",
		[8] = "election",
		[9] = "backup list request",
		[10] = "backup list response",
		[11] = "become backup",
		[12] = "domain announcement",
		[13] = "master announcement",
		[14] = "reset state",
		[15] = "local master announcement" };
	uint8_t code = nj_cur_u8(c);

	if (c->bad || code >= nj_countof(names) || !names[code])
		return;
	ev->command = nj_str(names[code]);
	switch (code) {
	case 1:
	case 12:
	case 15:
		announcement(d, ev, c);
		break;
	case 2:
		nj_cur_skip(c, 1);
		ev->host = zero_text(c);
		break;
	case 8:
		nj_cur_skip(c, 13); /* version, criteria, time it is up */
		ev->host = zero_text(c);
		break;
	case 13:
		ev->host = zero_text(c);
		break;
	default:
		break;
	}
}

static struct nj_view
wide_text(struct nj_dctx *d, struct nj_cur *c, struct nj_view all)
{
	struct nj_view rest = nj_cur_rest(c);
	size_t n = 0;

	if (rest.len && (rest.data - all.data) & 1) {
		nj_cur_skip(c, 1);
		rest = nj_cur_rest(c);
	}
	while (n + 2 <= rest.len && (rest.data[n] || rest.data[n + 1]))
		n += 2;
	nj_cur_skip(c, nj_min(n + 2, rest.len));
	return nj_utf16_text(d, nj_sub(rest, 0, n));
}

/* Who looks for a domain controller, and for which user. */
static void
netlogon(struct nj_dctx *d, struct nbdgm_event *ev, struct nj_cur *c)
{
	struct nj_view all = nj_cur_rest(c);
	uint16_t code = nj_cur_le16(c);

	if (c->bad)
		return;
	switch (code) {
	case LOGON_REQUEST:
		ev->command = NJ_LIT("primary query");
		ev->host = zero_text(c);
		break;
	case SAM_LOGON_REQUEST:
		ev->command = NJ_LIT("logon request");
		nj_cur_skip(c, 2);
		ev->host = wide_text(d, c, all);
		ev->user = wide_text(d, c, all);
		if (!ev->user.len)
			ev->user.data = NULL;
		break;
	default:
		break;
	}
}

/* A mailslot is written to by a transaction of SMB (MS-MAIL 2.2.1). */
static void
mailslot(struct nj_dctx *d, struct nbdgm_event *ev, struct nj_view v)
{
	struct nj_cur c = nj_cur(v), data;
	uint32_t at, len;
	uint8_t words;

	if (!nj_view_starts(v, NJ_LIT("\xffSMB\x25")))
		return;
	nj_cur_skip(&c, SMB_HEADER);
	words = nj_cur_u8(&c);
	if (words < 14)
		return;
	nj_cur_skip(&c, 22);
	len = nj_cur_le16(&c);
	at = nj_cur_le16(&c);
	nj_cur_skip(&c, words * 2u - 26u + 2u);
	if (c.bad) {
		nj_odd(d, ODD_SHORT);
		return;
	}
	ev->mailslot = zero_text(&c);
	data = nj_cur(nj_sub(v, at, len));
	if (nj_view_caseeq(ev->mailslot, NJ_LIT("\\MAILSLOT\\BROWSE")) ||
		nj_view_caseeq(ev->mailslot, NJ_LIT("\\MAILSLOT\\LANMAN")))
		browser(d, ev, &data);
	else if (nj_view_caseeq(
			 ev->mailslot, NJ_LIT("\\MAILSLOT\\NET\\NETLOGON")) ||
		 nj_view_caseeq(
			 ev->mailslot, NJ_LIT("\\MAILSLOT\\NET\\NTLOGON")))
		netlogon(d, ev, &data);
	if (data.bad)
		nj_odd(d, ODD_SHORT);
}

/* ---- Datagrams ---- */

static bool
names(struct nj_dctx *d, struct nbdgm_event *ev, struct nj_cur *c, uint8_t type)
{
	char *text = nj_arena(d, (size_t)2 * NJ_NETBIOS_TEXT);

	if (!text)
		return true;
	/* A question for a name has only that. */
	if (type <= TYPE_BROADCAST)
		ev->source_name = nj_netbios_name(c, text);
	ev->destination_name = nj_netbios_name(c, text + NJ_NETBIOS_TEXT);
	return !c->bad;
}

static enum nj_verdict
nbdgm_datagram(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	static const char *const types[] = { "unique", "group", "broadcast",
		"error", "query", "positive response", "negative response" };
	struct nj_cur c = nj_cur(v);
	struct nbdgm_event ev = { 0 };
	struct nj_view ip;
	uint8_t type = nj_cur_u8(&c), flags = nj_cur_u8(&c);

	(void)dir;
	ev.datagram_id = nj_cur_u16(&c);
	ip = nj_cur_take(&c, 4);
	nj_cur_skip(&c, 2);
	if (c.bad || type < TYPE_UNIQUE || type > TYPE_LAST || flags & 0xf0)
		return NJ_REJECT;
	ev.message_type = nj_str(types[type - TYPE_UNIQUE]);
	ev.source_ip = nj_addr4(ip.data);
	if (type == TYPE_ERROR) {
		ev.error = nj_str(nj_netbios_error(nj_cur_u8(&c)));
	} else {
		if (type <= TYPE_BROADCAST)
			nj_cur_skip(&c, 4);
		if (!names(d, &ev, &c, type))
			return NJ_REJECT;
		if (type <= TYPE_BROADCAST && flags & FIRST_FRAGMENT)
			mailslot(d, &ev, nj_cur_rest(&c));
	}
	if (c.bad)
		return NJ_REJECT;
	(void)nj_emit(d, &nbdgm_desc, &ev);
	return NJ_MORE;
}

const struct nj_dissector nj_dissector_nbdgm = {
	.name = "nbdgm",
	.title = "NetBIOS datagrams",
	.service = "netbios-dgm",
	.ports = (const struct nj_port[]){ { NJ_UDP, 138 }, { 0 } },
	.sigs =
		(const struct nj_sig[]){
			{ "^[\\x10-\\x12][\\x00-\\x0f].{6}\\x00\\x8a.{4}"
			  "\\x20[A-P]{32}\\x00",
				NJ_SIG_UDP },
			{ 0 } },
	.events = (const struct nj_event_desc *const[]){ &nbdgm_desc, NULL },
	.oddities = oddities,
	.datagram = nbdgm_datagram,
};
