/*
 * options.h - what the configuration says of the store.
 */
#ifndef NJ_STORE_OPTIONS_H
#define NJ_STORE_OPTIONS_H

#include "engine/conf/conf.h"
#include "engine/store/store.h"

/* Borrows conf. */
void nj_store_options(struct nj_store_conf *out, const struct nj_conf *conf);

#endif
