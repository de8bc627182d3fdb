/*
 * rdpeudp.c - Remote Desktop over UDP (MS-RDPEUDP): known by the datagram
 * that opens it, which is as long as the path allows and says how long that
 * is. What follows is TLS or DTLS inside its own transport, and is not read.
 */
#include "engine/dissect/dissector.h"

enum { SYN_BYTES = 1132, MTU_MAX = 1232, FLAG_SYN = 1, FLAG_ACK = 4 };

static enum nj_verdict
rdpeudp_datagram(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	uint32_t ack = nj_cur_u32(&c);
	uint16_t flags, up, down;

	nj_cur_skip(&c, 2);
	flags = nj_cur_u16(&c);
	nj_cur_skip(&c, 4);
	up = nj_cur_u16(&c);
	down = nj_cur_u16(&c);
	if (c.bad || dir != NJ_ORIG || ack != UINT32_MAX ||
		!(flags & FLAG_SYN) || flags & FLAG_ACK || up < SYN_BYTES ||
		up > MTU_MAX || down < SYN_BYTES || down > MTU_MAX)
		return NJ_REJECT;
	nj_confirm(d);
	return NJ_DONE;
}

const struct nj_dissector nj_dissector_rdpeudp = {
	.name = "rdpeudp",
	.title = "Remote Desktop over UDP",
	.sigs =
		(const struct nj_sig[]){
			{ "^\\xff\\xff\\xff\\xff..[\\x00-\\x1f][\\x00-\\x03]"
			  "....\\x04[\\x6c-\\xd0]\\x04[\\x6c-\\xd0]",
				NJ_SIG_UDP | NJ_SIG_ORIG },
			{ 0 } },
	.datagram = rdpeudp_datagram,
};
