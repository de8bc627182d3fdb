/*
 * storefolder.c - finds the event store of an appliance.
 */
#include "engine/apps/nightjar/storefolder.h"

#include <stdio.h>

#include "engine/base/log.h"
#include "engine/conf/conf.h"

bool
nj_store_folder_find(char out[NJ_PATH_MAX], const char *data, const char *conf)
{
	struct nj_instance in;
	struct nj_conf *c;

	if (data && nj_instance_find(&in, data)) {
		(void)snprintf(out, NJ_PATH_MAX, "%s", in.store);
		return true;
	}
	c = nj_conf_open(conf);
	if (!c)
		return false;
	(void)snprintf(out, NJ_PATH_MAX, "%s", c->store__folder);
	nj_conf_destroy(&c);
	return true;
}

enum nj_exit
nj_store_failed(const char *folder, const char *why, enum nj_err err)
{
	nj_complain(folder, why[0] ? why : nj_err_text(err),
		err == NJ_E_NOENT ? "name the data folder by --data"
				  : nj_err_remedy(err));
	return NJ_EXIT_FAILED;
}
