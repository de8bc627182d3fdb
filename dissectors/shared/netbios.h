/*
 * netbios.h - names of NetBIOS as its session and datagram services carry them
 * (RFC 1001 section 14, RFC 1002 section 4.1): half a byte a letter, the 16th
 * byte says what the name is for.
 */
#ifndef NJ_DISSECTORS_SHARED_NETBIOS_H
#define NJ_DISSECTORS_SHARED_NETBIOS_H

#include "engine/dissect/dissector.h"

enum { NJ_NETBIOS_TEXT = 32, NJ_NETBIOS_ENCODED = 34 };

/* The name at c, which moves past it, as "SERVER<20>"; empty and c bad when it
 * is none. A scope behind the name is passed over. */
struct nj_view nj_netbios_name(struct nj_cur *c, char out[NJ_NETBIOS_TEXT]);
/* What the code of an answer that refuses means. */
const char *nj_netbios_error(uint8_t code);

#endif
