/*
 * tftp.h - the packets of a TFTP transfer (RFC 1350, block sizes by RFC 2348):
 * the file that they carry, and how it ended.
 */
#ifndef NJ_DISSECTORS_SHARED_TFTP_H
#define NJ_DISSECTORS_SHARED_TFTP_H

#include "dissectors/shared/file.h"

#define TFTP_TRANSFER(F, tag)                                                  \
	F(tag, 1, STR, file, NJ_INDEX | NJ_PII,                                \
		"File, where the request was seen")                            \
	F(tag, 2, BOOL, complete, NJ_LEARN, "Its last block was seen")         \
	F(tag, 3, U64, blocks, NJ_LEARN, "Blocks of data")                     \
	F(tag, 4, U64, bytes, NJ_LEARN, "Bytes of the file that were seen")    \
	F(tag, 5, U64, repeated, NJ_LEARN, "Blocks that came again")           \
	F(tag, 6, U32, block_size, 0, "Bytes of a full block")                 \
	F(tag, 7, IVAL, duration, 0, "From the first packet to the last")      \
	F(tag, 8, U16, error_code, NJ_OPT | NJ_INDEX, "Number of the error")   \
	F(tag, 9, STR, error_msg, NJ_LEARN, "Why it was given up")             \
	F(tag, 10, STR, fuid, NJ_INDEX, "Id of the file")

NJ_EVENT_DECLARE(tftp_transfer, TFTP_TRANSFER);

enum nj_tftp_op {
	NJ_TFTP_READ = 1,
	NJ_TFTP_WRITE,
	NJ_TFTP_DATA,
	NJ_TFTP_ACK,
	NJ_TFTP_ERROR,
	NJ_TFTP_OPTIONS
};

struct nj_tftp {
	struct nj_file file;
	struct nj_view name, error_msg; /* kept */
	int64_t first_ns, last_ns;
	uint64_t blocks, repeated, size;
	uint64_t next; /* block that is due, not cut to 16 bits */
	uint32_t block_size;
	uint16_t error_code, number;
	bool began, complete, failed, sized;
};

/* A packet of the transfer; false for what is none. */
NJ_MUST_USE bool nj_tftp_packet(struct nj_tftp *t, struct nj_dctx *d,
	enum nj_dir dir, struct nj_view v);
/* Emits what there was of a transfer; t is as new afterwards. */
void nj_tftp_end(struct nj_tftp *t, struct nj_dctx *d);

/* "name\\0value\\0" of a request or an acknowledgement of options. */
bool nj_tftp_option(
	struct nj_cur *c, struct nj_view *name, struct nj_view *value);

#endif
