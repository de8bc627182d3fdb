/*
 * walk.c - over a family whose keys are numbers, past what is damaged. A page
 * of a file that cannot be read ends the library's iterator; the walk goes on
 * behind it, in steps that double until there is something again.
 */
#include "engine/store/store_priv.h"

#include <stdlib.h>

#define STEP_MAX (UINT64_C(1) << 40)

/* From the number w->next on; gives how the iterator ended. */
static enum nj_err
walk_run(struct nj_kv *kv, struct nj_store_walk *w, bool *got)
{
	struct nj_store_key key = nj_store_key(w->letter, w->next);
	size_t at = key.len - 8;
	struct nj_view k, v;
	struct nj_kv_iter *it;
	enum nj_err err, end;

	err = nj_kv_iter_open(&it, kv, w->family, nj_store_key_view(&key));
	while (!err && nj_kv_iter_next(it, &k, &v)) {
		if (at && (k.len < 1 || k.data[0] != (uint8_t)w->letter))
			break;
		if (k.len != at + 8)
			continue;
		*got = true;
		w->next = nj_store_from_be64(k.data + at) + 1;
		err = w->row(w->ctx, w->next - 1, v);
	}
	end = nj_kv_iter_close(&it);
	return err ? err : end;
}

enum nj_err
nj_store_walk(struct nj_kv *kv, struct nj_store_walk *w)
{
	uint64_t step = 1;

	for (;;) {
		bool got = false;
		enum nj_err err = walk_run(kv, w, &got);

		if (err != NJ_E_FORMAT)
			return err;
		if (got || step == 1)
			w->damaged(w->ctx, w->next);
		step = got ? 1 : step;
		if (step >= STEP_MAX || w->next > UINT64_MAX - step)
			return NJ_OK;
		w->next += step;
		step *= 2;
	}
}
