/*
 * link.c - what dissectors of frames without IP share, see link.h.
 */
#include "dissectors/shared/link.h"

#include "engine/base/hash.h"

#define REPEAT_NS (300 * NJ_NS_PER_S)

bool
nj_lately_is_news(
	struct nj_dctx *d, const struct nj_frame *f, const void *fact, size_t n)
{
	/* Not secret: who makes two facts collide gets more records of both,
	 * and as many as the frames that were sent. */
	static const struct nj_hash_key key = { 0x6c696e6b, 0x66616374 };
	struct nj_lately *all = nj_shared(d);
	uint64_t h = nj_hash64(&key, fact, n);
	uint64_t from = 0, slot;
	int64_t now_ns = nj_now(d);

	if (f->mac_src)
		memcpy(&from, f->mac_src, 6);
	from |= (uint64_t)f->head.vlan[0] << 48;
	h = nj_mix64(h ^ nj_mix64(from)) | 1;
	slot = h >> 32 & (NJ_LATELY_SLOTS - 1);
	if (all->slots[slot].fact == h &&
		now_ns - all->slots[slot].told_ns < REPEAT_NS)
		return false;
	all->slots[slot].fact = h;
	all->slots[slot].told_ns = now_ns;
	return true;
}

struct nj_view
nj_link_mac(struct nj_dctx *d, const uint8_t *mac)
{
	if (!mac)
		return (struct nj_view){ 0 };
	return nj_arena_printf(d, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0],
		mac[1], mac[2], mac[3], mac[4], mac[5]);
}
