/*
 * tftp_data.c - a TFTP transfer on the flow that the answer to a request opens
 * (RFC 1350 section 4). Known only from the request, see tftp.c: numbers
 * alone would fit to anything.
 */
#include "engine/dissect/dissector.h"

#include "dissectors/shared/tftp.h"

static enum nj_verdict
tftp_data_datagram(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct nj_tftp *t = nj_state(d);

	if (!t->began)
		t->name = nj_keep_view(d, nj_expected_name(d), NJ_EXPECT_NAME);
	if (nj_tftp_packet(t, d, dir, v)) {
		nj_confirm(d);
		return NJ_MORE;
	}
	return t->began ? NJ_BROKEN : NJ_REJECT;
}

static void
tftp_data_end(struct nj_dctx *d)
{
	nj_tftp_end(nj_state(d), d);
}

const struct nj_dissector nj_dissector_tftp_data = {
	.name = "tftp_data",
	.title = "TFTP transfers",
	.service = "tftp",
	.events = (const struct nj_event_desc *const[]){ &tftp_transfer_desc,
		&files_desc, NULL },
	.state_bytes = sizeof(struct nj_tftp),
	.datagram = tftp_data_datagram,
	.end = tftp_data_end,
};
