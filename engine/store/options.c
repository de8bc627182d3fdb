/*
 * options.c - the store's options as the store takes them.
 */
#include "engine/store/options.h"

void
nj_store_options(struct nj_store_conf *out, const struct nj_conf *conf)
{
	*out = (struct nj_store_conf){ .folder = conf->store__folder,
		.cache_bytes = (size_t)conf->store__cache,
		.sync_every_ns = conf->store__sync,
		.seal_age_ns = conf->store__seal_age,
		.bytes_max = (uint64_t)conf->store__size,
		.age_max_ns = conf->store__age,
		.reserve_bytes = (uint64_t)conf->store__reserve };
}
