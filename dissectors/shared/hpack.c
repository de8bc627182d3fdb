/*
 * hpack.c - libnghttp2's decoder on memory of the flow.
 */
#include "dissectors/shared/hpack.h"

#include <nghttp2/nghttp2.h>

struct nj_hpack {
	nghttp2_mem mem; /* the library keeps a pointer to it */
	nghttp2_hd_inflater *inflater;
	struct nj_dctx *d; /* of the call in progress */
	uint32_t fields, text;
};

/* What stands before each block, for realloc. */
enum { SIZE_HEAD = 16 };

static void *
mem_malloc(size_t n, void *user)
{
	struct nj_hpack *h = user;
	uint8_t *p =
		n < NJ_HPACK_TABLE_MAX ? nj_keep(h->d, n + SIZE_HEAD) : NULL;

	if (!p)
		return NULL;
	memcpy(p, &n, sizeof(n));
	return p + SIZE_HEAD;
}

static void
mem_free(void *p, void *user)
{
	struct nj_hpack *h = user;

	if (p)
		nj_drop(h->d, (uint8_t *)p - SIZE_HEAD);
}

static void *
mem_calloc(size_t n, size_t size, void *user)
{
	size_t bytes;
	void *p;

	if (__builtin_mul_overflow(n, size, &bytes))
		return NULL;
	p = mem_malloc(bytes, user);
	if (p)
		memset(p, 0, bytes);
	return p;
}

static void *
mem_realloc(void *p, size_t n, void *user)
{
	void *q = mem_malloc(n, user);
	size_t had;

	if (!q || !p)
		return q;
	memcpy(&had, (uint8_t *)p - SIZE_HEAD, sizeof(had));
	memcpy(q, p, nj_min(had, n));
	mem_free(p, user);
	return q;
}

struct nj_hpack *
nj_hpack_open(struct nj_dctx *d)
{
	struct nj_hpack *h = nj_keep(d, sizeof(*h));

	if (!h)
		return NULL;
	*h = (struct nj_hpack){ .mem = { h, mem_malloc, mem_free, mem_calloc,
					mem_realloc },
		.d = d };
	if (!nghttp2_hd_inflate_new2(&h->inflater, &h->mem))
		return h;
	nj_drop(d, h);
	return NULL;
}

bool
nj_hpack_resize(struct nj_hpack *h, struct nj_dctx *d, uint32_t bytes)
{
	h->d = d;
	return !nghttp2_hd_inflate_change_table_size(
		h->inflater, nj_min(bytes, (uint32_t)NJ_HPACK_TABLE_MAX / 2));
}

bool
nj_hpack_block(struct nj_hpack *h, struct nj_dctx *d, struct nj_view v,
	bool last, const struct nj_hpack_to *to)
{
	int flags = 0;

	h->d = d;
	/* Each call takes bytes, gives a field, or ends. */
	do {
		nghttp2_nv nv;
		ssize_t n = nghttp2_hd_inflate_hd2(h->inflater, &nv, &flags,
			(uint8_t *)(uintptr_t)v.data, v.len, last);

		if (n < 0)
			return false;
		v = nj_sub(v, (size_t)n, v.len);
		if (flags & NGHTTP2_HD_INFLATE_EMIT) {
			h->text += (uint32_t)(nv.namelen + nv.valuelen);
			if (++h->fields > NJ_HPACK_FIELDS_MAX ||
				h->text > NJ_HPACK_TEXT_MAX)
				return false;
			to->field(to->ctx, d,
				(struct nj_view){ nv.name, nv.namelen },
				(struct nj_view){ nv.value, nv.valuelen });
		}
		if (flags & NGHTTP2_HD_INFLATE_FINAL) {
			h->fields = h->text = 0;
			return !nghttp2_hd_inflate_end_headers(h->inflater);
		}
	} while (v.len || flags & NGHTTP2_HD_INFLATE_EMIT);
	return !last;
}
