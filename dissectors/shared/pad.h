/*
 * pad.h - the texts of one record, collected over many packets: memory that
 * is handed out in small pieces and goes back all at once. A bound for each
 * pad keeps a peer from filling the flow's share with one header.
 */
#ifndef NJ_DISSECTORS_SHARED_PAD_H
#define NJ_DISSECTORS_SHARED_PAD_H

#include "engine/dissect/dissector.h"

enum { NJ_PAD_BLOCK = 2032 }; /* what one piece of nj_keep is at least */

struct nj_pad {
	void *blocks; /* taken besides the first room */
	uint8_t *room;
	uint32_t room_bytes, taken, max;
};

/* A text in a list, the newest first. */
struct nj_pad_item {
	struct nj_pad_item *next;
	struct nj_view text;
};

/* Uses n bytes at room first, which are the caller's (none: 0); takes at most
 * max more. */
void nj_pad_init(struct nj_pad *p, void *room, size_t n, uint32_t max);
/* Not cleared; NULL when there is no more. */
void *nj_pad_alloc(struct nj_pad *p, struct nj_dctx *d, size_t n);
/* A copy of v; cut when there is no room for all of it. */
struct nj_view nj_pad_text(
	struct nj_pad *p, struct nj_dctx *d, struct nj_view v);
/* Adds a copy of v to the list unless an equal one is in it. */
void nj_pad_list_add(struct nj_pad *p, struct nj_dctx *d,
	struct nj_pad_item **list, struct nj_view v);
/* The list as a vector in the arena, oldest first; unset when empty. */
struct nj_vstr nj_pad_list_vector(
	struct nj_dctx *d, const struct nj_pad_item *list);
void nj_pad_free(struct nj_pad *p, struct nj_dctx *d);

#endif
