/*
 * nfs.h - what NFS calls ask and their replies say: versions 2 (RFC 1094), 3
 * (RFC 1813), 4 (RFC 7530, sessions by RFC 8881) and the mount protocol.
 */
#ifndef NJ_DISSECTORS_SHARED_NFS_H
#define NJ_DISSECTORS_SHARED_NFS_H

#include "dissectors/shared/onc.h"

enum { NJ_NFS_OPS_MAX = 16 };

/* What is done, as far as records and files need to know. */
enum nj_nfs_kind {
	NJ_NFS_OTHER,
	NJ_NFS_ROUTINE, /* attributes and the like: not worth a record */
	NJ_NFS_READ,
	NJ_NFS_WRITE,
	NJ_NFS_FINDS /* its reply names the handle of the name asked for */
};

struct nj_nfs_ask {
	const char *procedure;
	uint8_t kind;
	uint8_t ops[NJ_NFS_OPS_MAX]; /* of a compound */
	uint8_t n_ops;
	struct nj_view handle, name, new_name;
	uint64_t offset;
	uint32_t count;      /* bytes asked for */
	struct nj_view data; /* of a write: what of it is in hand */
	uint32_t data_bytes; /* and how long it is */
};

struct nj_nfs_answer {
	bool has_status, eof;
	uint32_t status;
	struct nj_view handle; /* that was found or made */
	struct nj_view data;   /* of a read */
	uint32_t data_bytes;
};

/* Reads as much as there is: what is cut ends the reading, not the call. */
void nj_nfs_ask(
	struct nj_nfs_ask *out, const struct nj_onc *m, struct nj_cur c);
/* program, version and procedure are those of the call. */
void nj_nfs_answer(struct nj_nfs_answer *out, const struct nj_onc *call,
	const struct nj_nfs_ask *ask, struct nj_cur c);

/* Words; never NULL for operations, NULL for an unknown status. */
const char *nj_nfs_operation(uint8_t op);
const char *nj_nfs_status(uint32_t status);

#endif
