/*
 * nfs_priv.h - what nfs.c and nfs4.c share.
 */
#ifndef NJ_DISSECTORS_SHARED_NFS_PRIV_H
#define NJ_DISSECTORS_SHARED_NFS_PRIV_H

#include "dissectors/shared/nfs.h"

struct nj_view nj_nfs_name(struct nj_cur *c);
void nj_nfs_data(struct nj_cur *c, struct nj_view *data, uint32_t *bytes);
void nj_nfs4_ask(struct nj_nfs_ask *out, uint32_t procedure, struct nj_cur c);
void nj_nfs4_answer(
	struct nj_nfs_answer *out, uint32_t procedure, struct nj_cur c);

#endif
