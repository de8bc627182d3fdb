/*
 * governor.h - keeps the store away from a full disk. RocksDB as Debian builds
 * it ends the process when its log meets one, so whoever writes asks first.
 *
 *	free space
 *	  |  above low:   write
 *	  |  low:	  others on the disk are asked to give way (the packet
 *	  |		  buffer), then the oldest segments go
 *	  |  reserve:	  the ballast file is let go, and nothing is taken
 *	  0		  until there is well more than the reserve again
 *
 * What is in the library's memory and not yet in files counts as used: it
 * will be written, whatever comes.
 */
#ifndef NJ_STORE_GOVERNOR_H
#define NJ_STORE_GOVERNOR_H

#include "engine/base/base.h"

struct nj_governor;

struct nj_governor_conf {
	const char *folder;     /* on the file system that is watched */
	uint64_t reserve_bytes; /* 0: a sane part of the file system */
};

enum nj_room {
	NJ_ROOM_FINE,
	NJ_ROOM_LOW, /* the oldest should go */
	NJ_ROOM_NONE /* nothing may be written */
};

NJ_MUST_USE enum nj_err nj_governor_open(
	struct nj_governor **out, const struct nj_governor_conf *conf);
void nj_governor_close(struct nj_governor **open_one);
/* Looks at the disk. pending: bytes that will be written whatever comes. Any
 * thread. */
enum nj_room nj_governor_look(struct nj_governor *g, uint64_t pending);
/* The last answer, and the bytes that were free then. */
enum nj_room nj_governor_room(const struct nj_governor *g);
uint64_t nj_governor_free(const struct nj_governor *g);
/* How much has to go so that it is fine again; 0 when it is. */
uint64_t nj_governor_wants(const struct nj_governor *g);
/* Size of the file system. */
uint64_t nj_governor_size(const char *folder);

#endif
