/*
 * wifi.c - link headers of radio captures: IEEE 802.11 data frames, and the
 * headers with radio facts that drivers put before them (radiotap, Prism,
 * AVS, PPI). Only what can hold IP is followed: management, control and
 * encrypted frames are sound L2 frames to us.
 */
#include "engine/packet/decode_priv.h"

static enum nj_step
cut(struct nj_walk *w)
{
	return nj_walk_stop(w, NJ_KIND_MALFORMED, NJ_PODD_LINK_CUT);
}

/* Skips a radio header of len bytes, of which at least least must be. */
static enum nj_step
radio(struct nj_walk *w, uint32_t len, uint32_t least, uint16_t link)
{
	if (len < least)
		return nj_walk_stop(w, NJ_KIND_MALFORMED, NJ_PODD_LINK_BAD);
	if (nj_walk_left(w) < len)
		return cut(w);
	nj_walk_skip(w, len);
	w->link = link;
	return NJ_STEP_LINK;
}

enum nj_step
nj_walk_radiotap(struct nj_walk *w)
{
	if (nj_walk_left(w) < 8)
		return cut(w);
	return radio(
		w, (uint32_t)(w->at[2] | w->at[3] << 8), 8, NJ_LINK_IEEE802_11);
}

/* Prism headers are in the byte order of the capturing machine; AVS, which
 * shares the link type, is big-endian and begins with its magic. */
enum nj_step
nj_walk_prism(struct nj_walk *w)
{
	uint32_t len;

	if (nj_walk_left(w) < 8)
		return cut(w);
	if (nj_be32(w->at) >> 12 == 0x80211 || nj_be32(w->at) == 0x44)
		len = nj_be32(w->at + 4);
	else
		len = nj_le32(w->at + 4);
	return radio(w, len, 8, NJ_LINK_IEEE802_11);
}

enum nj_step
nj_walk_ppi(struct nj_walk *w)
{
	uint32_t len, link;

	if (nj_walk_left(w) < 8)
		return cut(w);
	len = (uint32_t)(w->at[2] | w->at[3] << 8);
	link = nj_le32(w->at + 4);
	if (link > UINT16_MAX || link == NJ_LINK_PPI)
		return nj_walk_stop(w, NJ_KIND_UNKNOWN, NJ_PODD_NONE);
	return radio(w, len, 8, (uint16_t)link);
}

/* Several packets in one frame (A-MSDU): the first is followed. */
static enum nj_step
amsdu(struct nj_walk *w)
{
	uint32_t len;

	if (nj_walk_left(w) < 14)
		return cut(w);
	w->m->mac_dst = w->at;
	w->m->mac_src = w->at + 6;
	len = nj_be16(w->at + 12);
	nj_walk_skip(w, 14);
	nj_walk_limit(w, len);
	w->link = NJ_LINK_LLC_;
	return NJ_STEP_LINK;
}

enum nj_step
nj_walk_80211(struct nj_walk *w)
{
	enum { TO_DS = 1, FROM_DS = 2, PROTECTED = 0x40, ORDER = 0x80 };
	enum { DATA = 2, NO_DATA = 4, QOS = 8 };
	const uint8_t *p = w->at;
	uint8_t subtype, ds;
	size_t head = 24;
	bool many = false;

	if (nj_walk_left(w) < 2)
		return cut(w);
	if ((p[0] >> 2 & 3) != DATA || p[0] & 3)
		return nj_walk_stop(w, NJ_KIND_L2, NJ_PODD_NONE);
	if (nj_walk_left(w) < 24)
		return cut(w);
	subtype = p[0] >> 4;
	ds = p[1] & (TO_DS | FROM_DS);
	if (ds == (TO_DS | FROM_DS))
		head += 6;
	if (nj_walk_left(w) < head + 2)
		return cut(w);
	w->m->mac_dst = ds & TO_DS ? p + 16 : p + 4;
	w->m->mac_src = ds == (TO_DS | FROM_DS) ? p + 24
			: ds & FROM_DS          ? p + 16
						: p + 10;
	if (subtype & QOS) {
		many = p[head] & 0x80;
		head += p[1] & ORDER ? 6 : 2;
	}
	/* A later piece of a fragmented frame has no LLC header. */
	if (subtype & NO_DATA || p[1] & PROTECTED || p[22] & 0xf)
		return nj_walk_stop(w, NJ_KIND_L2, NJ_PODD_NONE);
	if (nj_walk_left(w) < head)
		return cut(w);
	nj_walk_skip(w, head);
	if (many)
		return amsdu(w);
	w->link = NJ_LINK_LLC_;
	return NJ_STEP_LINK;
}
