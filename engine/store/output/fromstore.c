/*
 * fromstore.c - the store as the source of an output's blocks.
 */
#include "engine/store/output/output.h"

static enum nj_err
add(void *ctx, const char *name)
{
	return nj_store_output_add(ctx, name);
}

static enum nj_err
next(void *ctx, uint64_t after, struct nj_store_block *out)
{
	return nj_store_block_next(ctx, after, out);
}

static enum nj_err
done(void *ctx, const char *name, uint64_t number)
{
	return nj_store_output_done(ctx, name, number);
}

static uint64_t
position(void *ctx, const char *name)
{
	return nj_store_output_position(ctx, name);
}

struct nj_output_source
nj_output_from_store(struct nj_store *s)
{
	return (struct nj_output_source){ s, add, next, nj_store_block_let_go,
		done, position };
}
