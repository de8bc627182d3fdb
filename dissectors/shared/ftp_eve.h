/*
 * ftp_eve.h - EVE's ftp events: one a command with its reply; and its ftp_data
 * events: one a transfer.
 */
#ifndef NJ_DISSECTORS_SHARED_FTP_EVE_H
#define NJ_DISSECTORS_SHARED_FTP_EVE_H

#include "engine/dissect/dissector.h"

extern const struct nj_event_desc eve_ftp_desc, eve_ftp_data_desc;

struct nj_ftp_talk {
	struct nj_view command, arg, reply;
	uint32_t arg_len, reply_len; /* before they were cut */
	uint16_t code;
	uint16_t port; /* of a data connection; 0: none */
	bool has_reply, passive;
};

/* Tells the command, if that is wanted. */
void nj_ftp_eve(struct nj_dctx *d, const struct nj_ftp_talk *t);

/* A file or listing that a data connection carried, told of when the reply
 * says that it is through: the data connection itself does not know it. */
struct nj_ftp_transfer {
	struct nj_view command, arg;
	struct nj_addr from, to; /* who opened the data connection to whom */
	uint16_t port;           /* of to */
};
void nj_ftp_data_eve(struct nj_dctx *d, const struct nj_ftp_transfer *t);

#endif
