/*
 * instance.h - where a running appliance has its files: the control block and
 * the lock that says that it runs. One instance a --data folder, one without.
 */
#ifndef NJ_APPS_PROCESS_INSTANCE_H
#define NJ_APPS_PROCESS_INSTANCE_H

#include "engine/base/base.h"

enum { NJ_PATH_MAX = 4096 };

/* Without --data. */
#define NJ_RUN_FOLDER "/run/nightjar"

struct nj_instance {
	char folder[NJ_PATH_MAX - 64]; /* DATA/run, or NJ_RUN_FOLDER */
	char control[NJ_PATH_MAX];
	char pid[NJ_PATH_MAX];
	/* DATA/logs, DATA/spool, DATA/store, DATA/packets; "" without --data */
	char logs[NJ_PATH_MAX], spool[NJ_PATH_MAX], store[NJ_PATH_MAX],
		packets[NJ_PATH_MAX];
};

/* data: as --data says, or NULL. False when it is too long. */
NJ_MUST_USE bool nj_instance_find(struct nj_instance *out, const char *data);
/* Makes the folder (and those above) and takes the lock until the process
 * ends. NJ_E_STATE: another process, whose number is put to *pid, has it.
 * Else errno says why. */
NJ_MUST_USE enum nj_err nj_instance_lock(
	const struct nj_instance *in, int64_t *pid);
/* The process that has the lock, 0: none. NJ_E_ACCESS: not to be known. */
NJ_MUST_USE enum nj_err nj_instance_running(
	const struct nj_instance *in, int64_t *pid);
/* mkdir -p with these rights for the last one; errno says why not. */
NJ_MUST_USE bool nj_make_folders(const char *path, unsigned mode);

struct nj_user {
	uint32_t uid, gid;
};
/* False when there is no such user. */
NJ_MUST_USE bool nj_user_find(const char *name, struct nj_user *out);

#endif
