/*
 * ftp_eve.c - EVE's ftp events.
 */
#include "dissectors/shared/ftp_eve.h"

#include <stdio.h>

#define EVE_FTP(F, tag)                                                        \
	F(tag, 1, STR, ftp__command, 0, "Command")                             \
	F(tag, 2, STR, ftp__command_data, 0, "Its argument")                   \
	F(tag, 3, BOOL, ftp__command_truncated, 0, "It was too long")          \
	F(tag, 4, VSTR, ftp__reply, 0, "Words of the reply")                   \
	F(tag, 5, VSTR, ftp__completion_code, 0, "Code of the reply")          \
	F(tag, 6, U16, ftp__dynamic_port, NJ_OPT, "Port of the data to come")  \
	F(tag, 7, STR, ftp__mode, 0, "active or passive")                      \
	F(tag, 8, STR, ftp__reply_received, 0, "yes or no")                    \
	F(tag, 9, BOOL, ftp__reply_truncated, 0, "It was too long")

NJ_EVENT_STRUCT_(eve_ftp, EVE_FTP);
NJ_EVENT_DEFINE(eve_ftp, EVE_FTP, NJ_EV_EVE, "One FTP command");

#define EVE_FTP_DATA(F, tag)                                                   \
	F(tag, 1, STR, ftp_data__command, 0, "RETR, STOR, LIST, ...")          \
	F(tag, 2, STR, ftp_data__filename, 0, "File that the command named")

NJ_EVENT_STRUCT_(eve_ftp_data, EVE_FTP_DATA);
NJ_EVENT_DEFINE(eve_ftp_data, EVE_FTP_DATA, NJ_EV_EVE,
	"One transfer over an FTP data connection");

enum { LINE_MAX_BYTES = 4096 };

void
nj_ftp_eve(struct nj_dctx *d, const struct nj_ftp_talk *t)
{
	struct eve_ftp_event ev = { .ftp__command = t->command };
	struct nj_view code;
	char digits[8];

	if (!nj_wanted(d, &eve_ftp_desc) || !t->command.len ||
		t->command.data[0] == '<')
		return;
	if (t->arg.len)
		ev.ftp__command_data = t->arg;
	ev.ftp__command_truncated =
		t->command.len + 1 + t->arg_len > LINE_MAX_BYTES;
	ev.ftp__reply_received = t->has_reply ? NJ_LIT("yes") : NJ_LIT("no");
	if (t->has_reply) {
		(void)snprintf(digits, sizeof(digits), "%03u", t->code);
		code = nj_str(digits);
		ev.ftp__completion_code = (struct nj_vstr){ &code, 1 };
		ev.ftp__reply = (struct nj_vstr){ &t->reply, 1 };
		/* "220 " and the line's end count there. */
		ev.ftp__reply_truncated = t->reply_len + 6 > LINE_MAX_BYTES;
	}
	if (t->port) {
		nj_set(&ev, eve_ftp, ftp__dynamic_port, t->port);
		ev.ftp__mode =
			t->passive ? NJ_LIT("passive") : NJ_LIT("active");
	}
	(void)nj_emit_dir(d, &eve_ftp_desc, &ev, NJ_ORIG);
}

void
nj_ftp_data_eve(struct nj_dctx *d, const struct nj_ftp_transfer *t)
{
	static const char *const moving[] = { "RETR", "STOR", "STOU", "APPE" };
	struct eve_ftp_data_event ev = { .ftp_data__command = t->command };
	struct nj_head head;

	if (!nj_wanted(d, &eve_ftp_data_desc))
		return;
	for (size_t i = 0; i < nj_countof(moving); i++)
		if (nj_view_eq(t->command, nj_str(moving[i])))
			ev.ftp_data__filename = t->arg;
	head = nj_head_of(d);
	head.uid[0] = head.uid[1] = 0;
	head.orig = t->from;
	head.resp = t->to;
	head.orig_p = 0; /* not told in the control connection */
	head.resp_p = t->port;
	(void)nj_emit_head(d, &eve_ftp_data_desc, &head, &ev);
}
