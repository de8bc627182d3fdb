/*
 * drop.h - giving up what a process no longer needs, for ever: the user, all
 * capabilities, core dumps, and every system call that is not on its list.
 */
#ifndef NJ_APPS_PROCESS_DROP_H
#define NJ_APPS_PROCESS_DROP_H

#include "engine/apps/process/instance.h"

enum { NJ_DROP_TEXT = 256 };

/* First of all, before threads and files: no core dumps, and nothing that is
 * executed later can gain rights. Gives why it failed. */
NJ_MUST_USE bool nj_drop_early(char why[NJ_DROP_TEXT]);

/* All threads become user (only root can; others stay who they are), without
 * any capability. */
NJ_MUST_USE bool nj_drop_user(
	const struct nj_user *user, char why[NJ_DROP_TEXT]);

enum nj_drop_calls {
	NJ_DROP_SENSOR,    /* memory, time, and descriptors that are open */
	NJ_DROP_BRAIN,     /* and files */
	NJ_DROP_BRAIN_OUT, /* and other systems, where records go to some */
	NJ_DROP_SPOOL      /* and files in one folder */
};
enum nj_drop_mode { NJ_DROP_ENFORCE, NJ_DROP_LOG, NJ_DROP_OFF };
/* All threads, from now on. No new ones can be made. */
NJ_MUST_USE bool nj_drop_calls(enum nj_drop_calls calls, enum nj_drop_mode mode,
	char why[NJ_DROP_TEXT]);

#endif
