/*
 * storefolder.h - where the event store of an appliance is, for the commands
 * that work on it as a whole.
 */
#ifndef NJ_APPS_NIGHTJAR_STOREFOLDER_H
#define NJ_APPS_NIGHTJAR_STOREFOLDER_H

#include "engine/apps/process/instance.h"
#include "engine/base/args.h"

/* By --data DIR, else by the configuration (NULL: the usual one). False when
 * that is bad, which has been said. */
NJ_MUST_USE bool nj_store_folder_find(
	char out[NJ_PATH_MAX], const char *data, const char *conf);
/* Says what went wrong with it; why may be "". */
enum nj_exit nj_store_failed(
	const char *folder, const char *why, enum nj_err err);

#endif
