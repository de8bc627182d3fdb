/*
 * smb.h - what the readers of SMB 1 (MS-CIFS, MS-SMB) and of SMB 2 and 3
 * (MS-SMB2) share: the tables of a connection (requests that wait for their
 * answer, sessions, trees, open files) and what is logged of them.
 *
 * dissectors/smb.c cuts the stream into messages and carries bulk data past
 * them; smb1_*.c and smb2_*.c read messages; smb_state.c holds the tables,
 * smb_file.c the contents of files; what is written of all that is in
 * smb_log.h.
 */
#ifndef NJ_DISSECTORS_SHARED_SMB_H
#define NJ_DISSECTORS_SHARED_SMB_H

#include "dissectors/shared/dcerpc.h"
#include "dissectors/shared/file.h"
#include "dissectors/shared/gss.h"
#include "engine/dissect/dissector.h"

enum {
	NJ_SMB_OPS_MAX = 256, /* requests that wait; the oldest goes */
	NJ_SMB_TREES_MAX = 64,
	NJ_SMB_FILES_MAX = 256,
	NJ_SMB_SESSIONS_MAX = 16,
	NJ_SMB_NAME_MAX = 1024, /* bytes of UTF-8 that are kept of a name */
	NJ_SMB_RANGES = 8,
	NJ_SMB_MESSAGE_MAX = 48 * 1024 /* of a message that are read whole */
};

enum nj_smb_odd {
	NJ_SMB_ODD_FRAME,
	NJ_SMB_ODD_HEADER,
	NJ_SMB_ODD_SHORT,
	NJ_SMB_ODD_NEXT,
	NJ_SMB_ODD_ANDX_LOOP,
	NJ_SMB_ODD_ANDX_DEPTH,
	NJ_SMB_ODD_DATA
};

enum nj_smb_share { NJ_SMB_UNKNOWN, NJ_SMB_DISK, NJ_SMB_PIPE, NJ_SMB_PRINT };

enum nj_smb_action {
	NJ_SMB_NO_ACTION,
	NJ_SMB_FILE_READ,
	NJ_SMB_FILE_WRITE,
	NJ_SMB_FILE_OPEN,
	NJ_SMB_FILE_CLOSE,
	NJ_SMB_FILE_DELETE,
	NJ_SMB_FILE_RENAME,
	NJ_SMB_FILE_SET_ATTRIBUTE,
	NJ_SMB_PIPE_READ,
	NJ_SMB_PIPE_WRITE,
	NJ_SMB_PIPE_OPEN,
	NJ_SMB_PIPE_CLOSE,
	NJ_SMB_PRINT_READ,
	NJ_SMB_PRINT_WRITE,
	NJ_SMB_PRINT_OPEN,
	NJ_SMB_PRINT_CLOSE
};

/* Text that nj_keep holds. */
struct nj_smb_text {
	uint8_t *data;
	uint16_t len;
};

struct nj_smb_fid {
	uint64_t a, b; /* persistent and volatile part; SMB 1: number and 0 */
};

struct nj_smb_times {
	uint64_t modified, accessed, created, changed; /* FILETIME; 0: none */
};

struct nj_smb_tree {
	uint64_t session;
	uint32_t id;
	uint8_t share; /* enum nj_smb_share */
	char service[8];
	struct nj_smb_text path;
};

struct nj_smb_session {
	uint64_t id;
	int64_t began_ns;
	struct nj_smb_text user, domain, host;
	const char *method;
	uint32_t status;
	bool judged, guest, anonymous, encrypt, signed_seen, has_ntlm;
	uint8_t ntlm_version[NJ_NTLM_VERSION]; /* of the client */
	uint64_t read, written;
	uint32_t opened, deleted, renamed;
};

/* Contents of an open file: reads and writes come at offsets, and not always
 * in order. What lies beyond a hole waits as ranges, of which only the
 * lengths are kept. */
struct nj_smb_content {
	struct nj_file file;
	uint64_t next;
	uint8_t ranges, counted;
	struct {
		uint64_t from, to;
	} range[NJ_SMB_RANGES];
};

struct nj_smb_file {
	struct nj_smb_fid fid;
	uint64_t session;
	uint32_t tree;
	bool has_times, closing, delete_on_close, deleted, done, pipe;
	struct nj_smb_text name, prev_name;
	uint64_t size, read, written;
	struct nj_smb_times times;
	struct nj_smb_content *content;
	struct nj_rpc *rpc;   /* what is said through a pipe */
	uint16_t rpc_command; /* that last wrote to it */
	bool rpc_lost[2];     /* a message's beginning is to be found again */
};

/* A request that waits for its answer. */
struct nj_smb_op {
	uint64_t mid, session;
	int64_t ts_ns;
	uint32_t tree;
	uint32_t number; /* of the transaction; 0: not counted */
	uint16_t command;
	uint16_t sub; /* see nj_smb_sub_name */
	uint8_t info; /* class of a SetInfo; see smb2_file.c */
	bool related, has_file, delete_on_close;
	uint8_t action; /* enum nj_smb_action */
	struct nj_smb_fid fid;
	uint64_t offset;
	uint32_t access, disposition, options, length;
	struct nj_smb_text text; /* a name or a path */
};

struct nj_smb_table {
	void *rows;
	uint16_t n, cap;
};

/* Data of a read or write on its way past. */
struct nj_smb_bulk {
	bool on, begun, ordered;
	bool torn; /* what is said has a hole: the rest makes no sense */
	bool pipe; /* surely; see talk() for what may be one */
	uint8_t version;
	uint16_t command;
	uint32_t pre, left, len, tail;
	struct nj_smb_fid fid;
	uint64_t session, offset;
	uint32_t tree;
};

struct nj_smb_side {
	uint32_t frame; /* bytes of the frame that are not consumed yet */
	uint32_t skip;  /* of which so many are of no interest */
	uint32_t scanned;
	uint64_t lost; /* nj_skip_lost when the data began */
	bool lost_place;
	/* Related messages of a compound work on what the one before did. */
	bool chain_file;
	struct nj_smb_fid fid;
	uint64_t session;
	uint32_t tree;
	struct nj_smb_bulk bulk;
};

struct nj_smb_recent;

struct nj_smb {
	struct nj_smb_side side[2];
	struct nj_smb_table ops, trees, files, sessions;
	struct nj_smb_recent *recent;
	struct nj_gss gss;                     /* of the log-in that goes on */
	struct nj_smb_text user, domain, host; /* as its tokens tell */
	struct nj_smb_text native_os, native_lm; /* of the client */
	struct nj_smb_text server_os, server_lm;
	uint8_t ntlm_version[NJ_NTLM_VERSION];
	struct nj_smb_text called, calling; /* of a session request */
	uint32_t files_seen, counted;
	uint16_t dialect;    /* 0: not known */
	uint16_t cipher;     /* that was agreed on; 0: none, or not known */
	uint8_t guid[2][16]; /* of client and server; 0: not known */
	struct nj_smb_text dialect1; /* of SMB 1, in the client's words */
	bool seen, signing, encryption, compression, v1;
};

/* One message, from its header on. */
struct nj_smb_msg {
	enum nj_dir dir;
	bool response, related, is_signed, async, unicode, bad_next;
	uint8_t version; /* 1 or 2 */
	uint16_t command, flags2;
	uint32_t status, tree;
	uint64_t mid, session;
	struct nj_view v; /* what is read of it, header included */
	uint32_t len;     /* all of it, >= v.len */
};

/* ---- smb_state.c ---- */
struct nj_smb_op *nj_smb_op_add(
	struct nj_smb *s, struct nj_dctx *d, const struct nj_smb_msg *m);
struct nj_smb_op *nj_smb_op_find(struct nj_smb *s, uint64_t mid);
void nj_smb_op_drop(struct nj_smb *s, struct nj_dctx *d, struct nj_smb_op *op);
struct nj_smb_tree *nj_smb_tree_find(
	struct nj_smb *s, uint64_t session, uint32_t id);
struct nj_smb_tree *nj_smb_tree_add(
	struct nj_smb *s, struct nj_dctx *d, uint64_t session, uint32_t id);
/* Its files are closed. */
void nj_smb_tree_drop(
	struct nj_smb *s, struct nj_dctx *d, uint64_t session, uint32_t id);
struct nj_smb_session *nj_smb_session_find(struct nj_smb *s, uint64_t id);
struct nj_smb_session *nj_smb_session_add(
	struct nj_smb *s, struct nj_dctx *d, uint64_t id);
/* A token of the log-in that goes on. */
void nj_smb_token(struct nj_smb *s, struct nj_dctx *d,
	const struct nj_smb_msg *m, struct nj_view v);
/* The log-in that goes on was accepted, or refused: a session with what is
 * known of the user, or NULL. */
struct nj_smb_session *nj_smb_session_judge(struct nj_smb *s, struct nj_dctx *d,
	const struct nj_smb_msg *m, const struct nj_smb_op *op);
/* With all its trees and files; writes its record. */
void nj_smb_session_drop(struct nj_smb *s, struct nj_dctx *d, uint64_t id);
struct nj_smb_file *nj_smb_file_find(struct nj_smb *s, struct nj_smb_fid fid);
struct nj_smb_file *nj_smb_file_add(
	struct nj_smb *s, struct nj_dctx *d, struct nj_smb_fid fid);
static inline struct nj_smb_file *
nj_smb_op_file(struct nj_smb *s, const struct nj_smb_op *op)
{
	return op->has_file ? nj_smb_file_find(s, op->fid) : NULL;
}
/* The pipe that r reads, or NULL. */
struct nj_smb_file *nj_smb_file_of_rpc(
	struct nj_smb *s, const struct nj_rpc *r);
void nj_smb_file_drop(
	struct nj_smb *s, struct nj_dctx *d, struct nj_smb_file *f, bool whole);
enum nj_smb_share nj_smb_share_of(
	struct nj_smb *s, uint64_t session, uint32_t tree);
void nj_smb_text_set(
	struct nj_dctx *d, struct nj_smb_text *t, struct nj_view v);
void nj_smb_text_drop(struct nj_dctx *d, struct nj_smb_text *t);
static inline struct nj_view
nj_smb_view(const struct nj_smb_text *t)
{
	return (struct nj_view){ t->data, t->len };
}
/* The flow ends: all that is open gets its record. */
void nj_smb_fini(struct nj_smb *s, struct nj_dctx *d);

/* ---- smb_file.c ---- */
/* Data will come: pre bytes after the message's header begins, len long. */
void nj_smb_bulk_set(struct nj_smb *s, const struct nj_smb_msg *m,
	const struct nj_smb_bulk *b);
/* The same for what op reads or writes. */
struct nj_smb_range {
	uint32_t at, len; /* within the message */
	bool pipe;        /* it is one's, whatever the share is */
};
void nj_smb_bulk_op(struct nj_smb *s, struct nj_dctx *d,
	const struct nj_smb_msg *m, const struct nj_smb_op *op,
	const struct nj_smb_range *r);
/* What of v it took; the dissector consumes that. */
size_t nj_smb_bulk_step(
	struct nj_smb *s, struct nj_dctx *d, enum nj_dir dir, struct nj_view v);
/* n bytes of the data are lost. */
void nj_smb_bulk_gap(
	struct nj_smb *s, struct nj_dctx *d, enum nj_dir dir, uint32_t n);
/* No more will come. */
void nj_smb_bulk_cut(struct nj_smb *s, struct nj_dctx *d, enum nj_dir dir);
void nj_smb_content_close(struct nj_smb_file *f, struct nj_dctx *d, bool whole);

/* ---- smb1_msg.c, smb2_msg.c ---- */
/* Header only. False: it is none. *len is the message's length within a frame
 * of which left bytes remain; *need how many of them must be in hand. */
bool nj_smb1_header(
	struct nj_smb_msg *m, struct nj_view v, uint32_t left, uint32_t *need);
bool nj_smb2_header(
	struct nj_smb_msg *m, struct nj_view v, uint32_t left, uint32_t *need);
void nj_smb1_message(struct nj_smb *s, struct nj_dctx *d, struct nj_smb_msg *m);
void nj_smb2_message(struct nj_smb *s, struct nj_dctx *d, struct nj_smb_msg *m);

#endif
