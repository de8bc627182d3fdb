/*
 * framed.c - messages with a length in their header, see framed.h.
 */
#include "dissectors/shared/framed.h"

enum nj_verdict
nj_framed_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v,
	const struct nj_framing *f)
{
	struct nj_framed *s = nj_state(d);

	while (v.len >= f->head_bytes) {
		size_t len = f->length(v), part = nj_min(len, f->whole_max);
		enum nj_verdict verdict;
		size_t mark;

		if (!len) {
			if (!s->found)
				return NJ_REJECT;
			/* What follows a gap need not be a beginning. */
			if (s->after_gap[dir])
				return NJ_DONE;
			nj_odd(d, f->odd);
			return NJ_BROKEN;
		}
		if (v.len < part)
			return NJ_MORE;
		mark = nj_arena_mark(d);
		verdict = f->message(d, dir, nj_sub(v, 0, part));
		nj_arena_release(d, mark);
		if (verdict == NJ_REJECT && s->found)
			verdict = NJ_BROKEN;
		if (verdict != NJ_MORE)
			return verdict;
		s->found = true;
		s->after_gap[dir] = false;
		nj_consume(d, nj_min(len, v.len));
		if (len > v.len)
			nj_skip(d, len - v.len);
		v = nj_sub(v, len, v.len);
	}
	return NJ_MORE;
}

enum nj_verdict
nj_framed_datagram(struct nj_dctx *d, enum nj_dir dir, struct nj_view v,
	const struct nj_framing *f)
{
	struct nj_framed *s = nj_state(d);

	do {
		size_t len = v.len >= f->head_bytes ? f->length(v) : 0;
		size_t mark = nj_arena_mark(d);
		enum nj_verdict verdict;

		if (!len || len > v.len) {
			if (!s->found)
				return NJ_REJECT;
			nj_odd(d, f->odd);
			return NJ_MORE;
		}
		verdict = f->message(
			d, dir, nj_sub(v, 0, nj_min(len, f->whole_max)));
		nj_arena_release(d, mark);
		if (verdict != NJ_MORE)
			return verdict == NJ_REJECT && s->found ? NJ_MORE
								: verdict;
		s->found = true;
		v = nj_sub(v, len, v.len);
	} while (v.len);
	return NJ_MORE;
}

enum nj_verdict
nj_framed_gap(
	struct nj_dctx *d, enum nj_dir dir, struct nj_view v, uint64_t len)
{
	struct nj_framed *s = nj_state(d);

	(void)v;
	(void)len;
	s->after_gap[dir] = true;
	return s->found ? NJ_MORE : NJ_REJECT;
}
