/*
 * smb_log.h - what is written of SMB: Zeek's logs and ours, Suricata's events,
 * and the names of commands and answers in them.
 */
#ifndef NJ_DISSECTORS_SHARED_SMB_LOG_H
#define NJ_DISSECTORS_SHARED_SMB_LOG_H

#include "dissectors/shared/smb.h"

/* ---- smb_log.c ---- */
extern const struct nj_event_desc smb_files_desc, smb_mapping_desc,
	smb_cmd_desc, smb_session_desc, nbss_desc;
enum nj_smb_action nj_smb_action_on(
	enum nj_smb_action file_action, enum nj_smb_share share);
/* A record of what was done to a file, if Zeek logs such. */
void nj_smb_log_file(struct nj_smb *s, struct nj_dctx *d,
	const struct nj_smb_file *f, enum nj_smb_action action);
void nj_smb_log_mapping(struct nj_smb *s, struct nj_dctx *d,
	const struct nj_smb_tree *t, struct nj_view native_fs);
void nj_smb_log_session(struct nj_smb *s, struct nj_dctx *d,
	const struct nj_smb_session *session);
/* A NetBIOS session was asked for, and what the server said: error is 0, or
 * why not. Without answer: answered is false. */
void nj_smb_log_nbss(
	struct nj_smb *s, struct nj_dctx *d, bool answered, uint8_t error);
/* A request (op, or NULL when it was not seen) and its answer m. */
void nj_smb_log_cmd(struct nj_smb *s, struct nj_dctx *d,
	const struct nj_smb_msg *m, const struct nj_smb_op *op);

/* ---- smb_eve.c ---- */
extern const struct nj_event_desc eve_smb_desc;
/* Is it a transaction of its own? */
bool nj_smb_eve_counts(const struct nj_smb_msg *m);
void nj_smb_eve(struct nj_smb *s, struct nj_dctx *d, const struct nj_smb_msg *m,
	const struct nj_smb_op *op);
/* A file was sent by dir. */
void nj_smb_eve_file(struct nj_smb *s, struct nj_dctx *d,
	const struct nj_smb_file *f, enum nj_dir dir);
/* The calls of r shall be told of. */
void nj_smb_eve_rpc(struct nj_dctx *d, struct nj_rpc *r);

/* ---- smb_names.c ---- */
/* Of an opening: n is one more than the code, 0 for none. */
const char *nj_smb_disposition(uint32_t n);
const char *nj_smb_status_name(uint32_t status);
const char *nj_smb_command_name(uint8_t version, uint16_t command);
/* MS-SMB2 2.2.3.1.2; NULL: none. */
const char *nj_smb_cipher_name(uint16_t cipher);
struct nj_view nj_smb_dialect_name(const struct nj_smb *s);
/* Number of a control code of IOCTL for op->sub; 0: not known. */
uint16_t nj_smb_fsctl(uint32_t code);
const char *nj_smb_sub_name(uint8_t version, uint16_t command, uint16_t sub);

#endif
