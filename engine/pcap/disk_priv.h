/*
 * disk_priv.h - writing blocks behind the caller's back: through io_uring
 * where the kernel lets us, else by pwrite at once.
 */
#ifndef NJ_PCAP_DISK_PRIV_H
#define NJ_PCAP_DISK_PRIV_H

#include "engine/base/base.h"

enum { PCAP_DEPTH = 8 }; /* writes under way at one time */

struct pcap_disk;
NJ_MUST_USE enum nj_err pcap_disk_create(struct pcap_disk **out);
/* Waits for nothing: reap all first. */
void pcap_disk_destroy(struct pcap_disk **d);
/* False: the kernel refused a ring, errno as of then in *error. */
bool pcap_disk_is_ring(const struct pcap_disk *d, int *error);

struct pcap_write {
	int fd;
	const void *data; /* borrowed until it is reaped */
	size_t bytes;
	uint64_t offset;
	void *tag; /* not NULL */
};
/* At most PCAP_DEPTH may be under way. */
void pcap_disk_write(struct pcap_disk *d, const struct pcap_write *w);
unsigned pcap_disk_pending(const struct pcap_disk *d);
/* The tag of a write that is done, or NULL when none is within the time. *error
 * is 0, or the errno of a write that failed. */
void *pcap_disk_reap(struct pcap_disk *d, int64_t timeout_ns, int *error);
/* All of it, or false with errno. */
NJ_MUST_USE bool pcap_pwrite(
	int fd, const void *data, size_t bytes, uint64_t offset);
/* As much as there is: gives the bytes read, or -1 with errno. */
NJ_MUST_USE int64_t pcap_pread(
	int fd, void *data, size_t bytes, uint64_t offset);

#endif
