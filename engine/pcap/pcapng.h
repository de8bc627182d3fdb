/*
 * pcapng.h - packets as a file that Wireshark and its like open: pcapng
 * (draft-ietf-opsawg-pcapng) with times in nanoseconds and an interface for
 * each capture point.
 */
#ifndef NJ_PCAP_PCAPNG_H
#define NJ_PCAP_PCAPNG_H

#include <stdio.h>

#include "engine/pcap/search.h"

struct nj_pcapng;
/* Writes the section's head; comment tells what is in it. Borrows out until
 * it is closed, which leaves out open. */
NJ_MUST_USE enum nj_err nj_pcapng_open(
	struct nj_pcapng **p, FILE *out, const char *comment);
/* False when it cannot be written. */
NJ_MUST_USE bool nj_pcapng_put(
	struct nj_pcapng *p, const struct nj_pcap_packet *packet);
/* NJ_E_IO if anything could not be written, with errno. */
NJ_MUST_USE enum nj_err nj_pcapng_close(struct nj_pcapng **p);

#endif
