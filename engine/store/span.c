/*
 * span.c - times of which it is known that records are missing: refused as
 * the disk was full, or lost before they reached the store. Kept in meta as
 * one value, so that every answer can say how complete it is.
 */
#include "engine/store/store_priv.h"

#include <stdlib.h>

enum { SPAN_BYTES = 24 };

/* Spans closer than this are told as one; an overload comes and goes. */
#define SPAN_JOIN_NS NJ_NS_PER_S

static void
join(struct nj_store_span *a, const struct nj_store_span *b)
{
	a->from_ns = nj_min(a->from_ns, b->from_ns);
	a->to_ns = nj_max(a->to_ns, b->to_ns);
	a->lost += b->lost;
}

static bool
near(const struct nj_store_span *a, const struct nj_store_span *b)
{
	return a->from_ns - SPAN_JOIN_NS <= b->to_ns &&
	       b->from_ns - SPAN_JOIN_NS <= a->to_ns;
}

void
nj_store_span_add(struct nj_store *s, const struct nj_store_span *span)
{
	for (unsigned i = s->spans; i > 0; i--) {
		if (near(&s->span[i - 1], span)) {
			join(&s->span[i - 1], span);
			return;
		}
	}
	/* Without room the two oldest are told as one: longer, not less. */
	if (s->spans == NJ_STORE_SPANS_MAX) {
		join(&s->span[0], &s->span[1]);
		memmove(&s->span[1], &s->span[2],
			(NJ_STORE_SPANS_MAX - 2) * sizeof(s->span[0]));
		s->spans--;
	}
	s->span[s->spans++] = *span;
}

void
nj_store_spans_put(struct nj_store *s, struct nj_kv_batch *b)
{
	uint8_t *bytes = malloc((size_t)s->spans * SPAN_BYTES + 1);

	if (!bytes)
		return;
	for (unsigned i = 0; i < s->spans; i++) {
		uint8_t *at = bytes + (size_t)i * SPAN_BYTES;

		nj_store_be64(at, (uint64_t)s->span[i].from_ns);
		nj_store_be64(at + 8, (uint64_t)s->span[i].to_ns);
		nj_store_be64(at + 16, s->span[i].lost);
	}
	nj_kv_put(s->kv, b, NJ_KV_meta, NJ_LIT("spans"),
		(struct nj_view){ bytes, (size_t)s->spans * SPAN_BYTES });
	free(bytes);
}

enum nj_err
nj_store_spans_load(struct nj_store *s)
{
	struct nj_kv_value value;
	enum nj_err err = nj_kv_get(s->kv, NJ_KV_meta, NJ_LIT("spans"), &value);

	s->spans = 0;
	if (err)
		return err == NJ_E_NOENT ? NJ_OK : err;
	for (size_t at = 0;
		at + SPAN_BYTES <= value.v.len && s->spans < NJ_STORE_SPANS_MAX;
		at += SPAN_BYTES) {
		const uint8_t *p = value.v.data + at;

		s->span[s->spans++] =
			(struct nj_store_span){ (int64_t)nj_store_from_be64(p),
				(int64_t)nj_store_from_be64(p + 8),
				nj_store_from_be64(p + 16) };
	}
	nj_kv_let_go(&value);
	return NJ_OK;
}
