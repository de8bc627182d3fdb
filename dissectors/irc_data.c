/*
 * irc_data.c - the connection that carries a file which was offered over IRC
 * (DCC SEND): who offered it waits for the other, sends the file, and is told
 * every now and then, in four bytes, how much of it has come. Known only from
 * the offer; see irc.c.
 */
#include "dissectors/shared/file_stream.h"

static const struct nj_file_spec sent = { .source = NJ_FILE_IRC_DATA,
	.dir = NJ_RESP };

static enum nj_verdict
irc_data_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	nj_confirm(d);
	if (dir == NJ_RESP)
		nj_file_stream_data(nj_state(d), d, &sent, v);
	else
		nj_consume(d, v.len);
	return NJ_MORE;
}

static enum nj_verdict
irc_data_gap(struct nj_dctx *d, enum nj_dir dir, struct nj_view v, uint64_t len)
{
	(void)v;
	if (dir == NJ_RESP)
		nj_file_stream_gap(nj_state(d), d, &sent, len);
	return NJ_MORE;
}

static void
irc_data_eof(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	(void)v;
	if (dir == NJ_RESP)
		nj_file_stream_end(nj_state(d), d, dir);
}

static void
irc_data_end(struct nj_dctx *d)
{
	nj_file_stream_end(nj_state(d), d, NJ_RESP);
}

const struct nj_dissector nj_dissector_irc_data = {
	.name = "irc_data",
	.title = "File offered over IRC",
	.service = "irc-dcc-data",
	.events = (const struct nj_event_desc *const[]){ NJ_FILE_EVENTS, NULL },
	.state_bytes = sizeof(struct nj_file_stream),
	.stream = irc_data_stream,
	.gap = irc_data_gap,
	.eof = irc_data_eof,
	.end = irc_data_end,
};
