/*
 * tds_msg.h - what TDS packets hold (MS-TDS): log-ins, the text of a batch,
 * the name of a procedure, and what an answer says of success.
 */
#ifndef NJ_DISSECTORS_SHARED_TDS_MSG_H
#define NJ_DISSECTORS_SHARED_TDS_MSG_H

#include "engine/dissect/dissector.h"

enum nj_tds_type {
	NJ_TDS_BATCH = 1,
	NJ_TDS_LOGIN_OLD = 2,
	NJ_TDS_RPC = 3,
	NJ_TDS_ANSWER = 4,
	NJ_TDS_ATTENTION = 6,
	NJ_TDS_BULK = 7,
	NJ_TDS_FEDERATED = 8,
	NJ_TDS_TRANSACTION = 14,
	NJ_TDS_LOGIN = 16,
	NJ_TDS_SSPI = 17,
	NJ_TDS_PRELOGIN = 18
};

/* "batch"; NULL: there is none such. */
const char *nj_tds_type_name(uint8_t type);

/* All texts are UTF-8 in the arena. */
struct nj_tds_login {
	uint32_t version;
	bool sspi; /* by Windows, not by a password */
	struct nj_view host, user, application, server, library, database;
};
NJ_MUST_USE bool nj_tds_login(
	struct nj_tds_login *l, struct nj_dctx *d, struct nj_view v);

/* The text of a batch, behind its headers. */
struct nj_view nj_tds_batch(struct nj_dctx *d, struct nj_view v);
/* The name of a procedure that is called. */
struct nj_view nj_tds_procedure(struct nj_dctx *d, struct nj_view v);

/* The SQL that a call of sp_executesql or sp_prepexec carries; else empty. */
struct nj_view nj_tds_statement(struct nj_dctx *d, struct nj_view v);

/* Encryption in a PRELOGIN: 0 off, 1 on, 2 not supported, 3 required; 255: not
 * told. */
uint8_t nj_tds_encryption(struct nj_view v);

struct nj_tds_answer {
	bool failed, logged_in;
	int32_t code;          /* of the first error */
	struct nj_view error;  /* in the arena */
	struct nj_view server; /* program that lets one in, in the arena */
};
/* The tokens at the beginning of an answer. */
void nj_tds_answer(
	struct nj_tds_answer *a, struct nj_dctx *d, struct nj_view v);
/* DONE at the end of one: false: none. rows: UINT64_MAX where not counted. */
NJ_MUST_USE bool nj_tds_done(struct nj_view v, bool *failed, uint64_t *rows);

#endif
