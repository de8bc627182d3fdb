/*
 * zip.c - bytes of a part by zstd where it gains; the contexts of readers and
 * writers, and the readers' memory.
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <zstd.h>

#include "engine/store/coder_priv.h"
#include "engine/store/pack_priv.h"

enum { AS_IS, ZSTD, SAME };
enum { LEVEL = 1, WORTH_MIN = 64, ALIGN = 64 };

bool
nj_coder_init(struct nj_coder *k)
{
	*k = (struct nj_coder){ .zstd = ZSTD_createCCtx() };
	return k->zstd != NULL;
}

void
nj_coder_fini(struct nj_coder *k)
{
	(void)ZSTD_freeCCtx(k->zstd);
	nj_buf_free(&k->out);
	nj_buf_free(&k->numbers);
	nj_buf_free(&k->bytes);
}

enum nj_err
nj_seg_arena_create(struct nj_seg_arena **out, size_t bytes_max)
{
	struct nj_seg_arena *a = calloc(1, sizeof(*a));

	*out = NULL;
	if (!a)
		return NJ_E_NOMEM;
	bytes_max = bytes_max / ALIGN * ALIGN;
	a->cap = bytes_max;
	/* The kernel gives pages when they are touched; whoever fills or checks
	 * what malloc gives would touch them all. */
	a->base = mmap(NULL, nj_max(bytes_max, (size_t)ALIGN),
		PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (a->base == MAP_FAILED)
		a->base = NULL;
	a->zstd = ZSTD_createDCtx();
	if (!a->base || !a->zstd) {
		nj_seg_arena_destroy(&a);
		return NJ_E_NOMEM;
	}
	*out = a;
	return NJ_OK;
}

void
nj_seg_arena_destroy(struct nj_seg_arena **a)
{
	if (!*a)
		return;
	(void)ZSTD_freeDCtx((*a)->zstd);
	if ((*a)->base)
		(void)munmap((*a)->base, nj_max((*a)->cap, (size_t)ALIGN));
	free(*a);
	*a = NULL;
}

void
nj_seg_arena_reset(struct nj_seg_arena *a)
{
	a->used = 0;
}

void *
nj_decoder_room(struct nj_decoder *d, size_t n, size_t bytes)
{
	struct nj_seg_arena *a = d->arena;
	size_t left = a->cap - a->used, need;
	void *p = a->base + a->used;

	if (n > left || bytes * (n + NJ_PACK_RUN) > left) {
		d->err = d->err ? d->err : NJ_E_FULL;
		return NULL;
	}
	need = bytes * ((n + NJ_PACK_RUN - 1) / NJ_PACK_RUN * NJ_PACK_RUN);
	a->used += nj_min((need + ALIGN - 1) / ALIGN * ALIGN, left);
	return p;
}

bool
nj_decoder_bad(struct nj_decoder *d)
{
	d->err = d->err ? d->err : NJ_E_FORMAT;
	return false;
}

static bool
is_same(struct nj_view v)
{
	return v.len && !memcmp(v.data, v.data + 1, v.len - 1);
}

/* Gives false where zstd gains too little for its time. */
static bool
zstd_put(struct nj_coder *k, struct nj_view bytes)
{
	size_t at = k->out.len, cap = bytes.len - bytes.len / 16, n;
	uint32_t len;

	nj_put_u8(&k->out, ZSTD);
	nj_put_u32(&k->out, 0);
	if (!nj_buf_room(&k->out, cap))
		return false;
	n = ZSTD_compressCCtx(k->zstd, k->out.data + k->out.len, cap,
		bytes.data, bytes.len, LEVEL);
	if (ZSTD_isError(n)) { /* it did not fit */
		k->out.len = at;
		return false;
	}
	len = (uint32_t)n;
	memcpy(k->out.data + at + 1, &len, 4);
	k->out.len += n;
	return true;
}

void
nj_zip_put(struct nj_coder *k, struct nj_view bytes, bool worth)
{
	if (is_same(bytes)) {
		nj_put_u8(&k->out, SAME);
		nj_put_u8(&k->out, bytes.data[0]);
		return;
	}
	if (worth && bytes.len >= WORTH_MIN && zstd_put(k, bytes))
		return;
	nj_put_u8(&k->out, AS_IS);
	nj_buf_put(&k->out, bytes.data, bytes.len);
}

static const uint8_t *
zstd_get(struct nj_decoder *d, size_t n)
{
	struct nj_view v = nj_cur_take(&d->in, nj_cur_le32(&d->in));
	uint8_t *out = nj_decoder_room(d, n, 1);

	if (!out)
		return NULL;
	if (d->in.bad || ZSTD_decompressDCtx(
				 d->arena->zstd, out, n, v.data, v.len) != n) {
		(void)nj_decoder_bad(d);
		return NULL;
	}
	return out;
}

const uint8_t *
nj_zip_get(struct nj_decoder *d, size_t n)
{
	uint8_t form = nj_cur_u8(&d->in), *out;
	struct nj_view v;

	switch (form) {
	case AS_IS:
		v = nj_cur_take(&d->in, n);
		if (d->in.bad)
			break;
		return v.data;
	case ZSTD:
		return zstd_get(d, n);
	case SAME:
		out = nj_decoder_room(d, n, 1);
		if (out)
			memset(out, nj_cur_u8(&d->in), n);
		return out;
	}
	(void)nj_decoder_bad(d);
	return NULL;
}
