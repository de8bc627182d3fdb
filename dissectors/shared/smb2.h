/*
 * smb2.h - the messages of SMB 2 and 3, between the files that read them; see
 * smb.h for what is kept of a connection.
 */
#ifndef NJ_DISSECTORS_SHARED_SMB2_H
#define NJ_DISSECTORS_SHARED_SMB2_H

#include "dissectors/shared/smb_log.h"

enum nj_smb2_command {
	NJ_SMB2_NEGOTIATE,
	NJ_SMB2_SESSION_SETUP,
	NJ_SMB2_LOGOFF,
	NJ_SMB2_TREE_CONNECT,
	NJ_SMB2_TREE_DISCONNECT,
	NJ_SMB2_CREATE,
	NJ_SMB2_CLOSE,
	NJ_SMB2_FLUSH,
	NJ_SMB2_READ,
	NJ_SMB2_WRITE,
	NJ_SMB2_LOCK,
	NJ_SMB2_IOCTL,
	NJ_SMB2_CANCEL,
	NJ_SMB2_ECHO,
	NJ_SMB2_QUERY_DIRECTORY,
	NJ_SMB2_CHANGE_NOTIFY,
	NJ_SMB2_QUERY_INFO,
	NJ_SMB2_SET_INFO,
	NJ_SMB2_OPLOCK_BREAK,
	NJ_SMB2_COMMANDS
};

/* A message being read; c stands after the header. */
struct nj_smb2 {
	struct nj_smb *s;
	struct nj_dctx *d;
	struct nj_smb_msg *m;
	struct nj_cur c;
};

/* The part of a message that it names by offset (from the header) and length;
 * empty when it lies outside what is in hand. */
struct nj_view nj_smb2_part(const struct nj_smb2 *x, uint32_t at, uint32_t len);

/* ---- smb2_session.c ---- */
void nj_smb2_negotiate_request(struct nj_smb2 *x, struct nj_smb_op *op);
void nj_smb2_negotiate_response(struct nj_smb2 *x, struct nj_smb_op *op);
void nj_smb2_setup_request(struct nj_smb2 *x, struct nj_smb_op *op);
void nj_smb2_setup_response(struct nj_smb2 *x, struct nj_smb_op *op);
void nj_smb2_tree_request(struct nj_smb2 *x, struct nj_smb_op *op);
void nj_smb2_tree_response(struct nj_smb2 *x, struct nj_smb_op *op);
/* After the record of the command is out: what is closed goes. */
void nj_smb2_after(struct nj_smb2 *x, struct nj_smb_op *op);

/* ---- smb2_file.c ---- */
void nj_smb2_create_request(struct nj_smb2 *x, struct nj_smb_op *op);
void nj_smb2_create_response(struct nj_smb2 *x, struct nj_smb_op *op);
void nj_smb2_close_request(struct nj_smb2 *x, struct nj_smb_op *op);
void nj_smb2_close_response(struct nj_smb2 *x, struct nj_smb_op *op);
void nj_smb2_flush_request(struct nj_smb2 *x, struct nj_smb_op *op);
void nj_smb2_read_request(struct nj_smb2 *x, struct nj_smb_op *op);
void nj_smb2_read_response(struct nj_smb2 *x, struct nj_smb_op *op);
void nj_smb2_write_request(struct nj_smb2 *x, struct nj_smb_op *op);
void nj_smb2_write_response(struct nj_smb2 *x, struct nj_smb_op *op);
void nj_smb2_ioctl_request(struct nj_smb2 *x, struct nj_smb_op *op);
void nj_smb2_ioctl_response(struct nj_smb2 *x, struct nj_smb_op *op);
void nj_smb2_list_request(struct nj_smb2 *x, struct nj_smb_op *op);
void nj_smb2_query_request(struct nj_smb2 *x, struct nj_smb_op *op);
void nj_smb2_set_request(struct nj_smb2 *x, struct nj_smb_op *op);
void nj_smb2_set_response(struct nj_smb2 *x, struct nj_smb_op *op);
/* After the record of a close is out. */
void nj_smb2_closed(struct nj_smb2 *x, struct nj_smb_op *op);

#endif
