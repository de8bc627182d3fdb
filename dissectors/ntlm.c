/*
 * ntlm.c - NTLM (MS-NLMP) in conn.service, and the log type that its reader
 * (shared/ntlm.h) fills wherever it is carried.
 */
#include "dissectors/shared/ntlm.h"

static enum nj_verdict
ntlm_datagram(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	(void)dir;
	return nj_ntlm_message(nj_state(d), d, v) ? NJ_MORE : NJ_BROKEN;
}

static void
ntlm_end(struct nj_dctx *d)
{
	nj_ntlm_end(nj_state(d), d);
}

const struct nj_dissector nj_dissector_ntlm = {
	.name = "ntlm",
	.title = "NTLM",
	.events = (const struct nj_event_desc *const[]){ &ntlm_desc, NULL },
	.state_bytes = sizeof(struct nj_ntlm),
	.datagram = ntlm_datagram,
	.end = ntlm_end,
};
