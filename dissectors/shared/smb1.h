/*
 * smb1.h - the messages of SMB 1, between the files that read them; see smb.h
 * for what is kept of a connection.
 */
#ifndef NJ_DISSECTORS_SHARED_SMB1_H
#define NJ_DISSECTORS_SHARED_SMB1_H

#include "dissectors/shared/smb_log.h"

enum nj_smb1_command {
	NJ_SMB1_CREATE_DIRECTORY = 0x00,
	NJ_SMB1_DELETE_DIRECTORY = 0x01,
	NJ_SMB1_OPEN = 0x02,
	NJ_SMB1_CREATE = 0x03,
	NJ_SMB1_CLOSE = 0x04,
	NJ_SMB1_DELETE = 0x06,
	NJ_SMB1_RENAME = 0x07,
	NJ_SMB1_QUERY_INFORMATION = 0x08,
	NJ_SMB1_SET_INFORMATION = 0x09,
	NJ_SMB1_READ = 0x0a,
	NJ_SMB1_WRITE = 0x0b,
	NJ_SMB1_CREATE_NEW = 0x0f,
	NJ_SMB1_CHECK_DIRECTORY = 0x10,
	NJ_SMB1_LOCKING_ANDX = 0x24,
	NJ_SMB1_TRANSACTION = 0x25,
	NJ_SMB1_OPEN_ANDX = 0x2d,
	NJ_SMB1_READ_ANDX = 0x2e,
	NJ_SMB1_WRITE_ANDX = 0x2f,
	NJ_SMB1_TRANSACTION2 = 0x32,
	NJ_SMB1_TREE_DISCONNECT = 0x71,
	NJ_SMB1_NEGOTIATE = 0x72,
	NJ_SMB1_SESSION_SETUP_ANDX = 0x73,
	NJ_SMB1_LOGOFF_ANDX = 0x74,
	NJ_SMB1_TREE_CONNECT_ANDX = 0x75,
	NJ_SMB1_NT_CREATE_ANDX = 0xa2,
	NJ_SMB1_NT_CANCEL = 0xa4,
	NJ_SMB1_NO_ANDX = 0xff
};

/* One command of a message. */
struct nj_smb1 {
	struct nj_smb *s;
	struct nj_dctx *d;
	struct nj_smb_msg *m;
	struct nj_cur words; /* parameters, after the AndX block */
	struct nj_cur bytes;
	uint8_t word_count;
};

/* A string up to its end, aligned where it is of 16 bits; as UTF-8, in the
 * arena. */
struct nj_view nj_smb1_string(struct nj_smb1 *x, bool unicode);
struct nj_view nj_smb1_part(const struct nj_smb1 *x, uint32_t at, uint32_t len);

/* ---- smb1_session.c ---- */
void nj_smb1_negotiate_request(struct nj_smb1 *x, struct nj_smb_op *op);
void nj_smb1_negotiate_response(struct nj_smb1 *x, struct nj_smb_op *op);
void nj_smb1_setup_request(struct nj_smb1 *x, struct nj_smb_op *op);
void nj_smb1_setup_response(struct nj_smb1 *x, struct nj_smb_op *op);
void nj_smb1_tree_request(struct nj_smb1 *x, struct nj_smb_op *op);
void nj_smb1_tree_response(struct nj_smb1 *x, struct nj_smb_op *op);
/* After the record of the command is out: what is closed goes. */
void nj_smb1_after(struct nj_smb1 *x, struct nj_smb_op *op);

/* ---- smb1_file.c ---- */
void nj_smb1_nt_create_request(struct nj_smb1 *x, struct nj_smb_op *op);
void nj_smb1_nt_create_response(struct nj_smb1 *x, struct nj_smb_op *op);
void nj_smb1_open_request(struct nj_smb1 *x, struct nj_smb_op *op);
void nj_smb1_open_response(struct nj_smb1 *x, struct nj_smb_op *op);
void nj_smb1_close_request(struct nj_smb1 *x, struct nj_smb_op *op);
void nj_smb1_read_request(struct nj_smb1 *x, struct nj_smb_op *op);
void nj_smb1_read_response(struct nj_smb1 *x, struct nj_smb_op *op);
void nj_smb1_write_request(struct nj_smb1 *x, struct nj_smb_op *op);
void nj_smb1_write_response(struct nj_smb1 *x, struct nj_smb_op *op);
void nj_smb1_core_read_request(struct nj_smb1 *x, struct nj_smb_op *op);
void nj_smb1_core_read_response(struct nj_smb1 *x, struct nj_smb_op *op);
void nj_smb1_core_write_request(struct nj_smb1 *x, struct nj_smb_op *op);
void nj_smb1_delete_request(struct nj_smb1 *x, struct nj_smb_op *op);
void nj_smb1_delete_response(struct nj_smb1 *x, struct nj_smb_op *op);
void nj_smb1_rename_request(struct nj_smb1 *x, struct nj_smb_op *op);
void nj_smb1_rename_response(struct nj_smb1 *x, struct nj_smb_op *op);
/* Whatever names one file or folder: its record says which. */
void nj_smb1_name_request(struct nj_smb1 *x, struct nj_smb_op *op);
/* After the record of a close is out. */
void nj_smb1_closed(struct nj_smb1 *x, struct nj_smb_op *op);

/* ---- smb1_trans.c ---- */
void nj_smb1_pipe_request(struct nj_smb1 *x, struct nj_smb_op *op);
void nj_smb1_pipe_response(struct nj_smb1 *x, struct nj_smb_op *op);
void nj_smb1_trans2_request(struct nj_smb1 *x, struct nj_smb_op *op);
void nj_smb1_trans2_response(struct nj_smb1 *x, struct nj_smb_op *op);

#endif
