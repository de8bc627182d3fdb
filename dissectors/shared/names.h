/*
 * names.h - what the rows of names.def ask of a message beyond their pattern:
 * lengths that have to chain, tags in their places, words further in. All are
 * pure, see at most NJ_DETECT_BYTES of a stream or a whole datagram, and are
 * called only when the row's pattern has matched.
 */
#ifndef NJ_DISSECTORS_SHARED_NAMES_H
#define NJ_DISSECTORS_SHARED_NAMES_H

#include "engine/dissect/dissector.h"

enum { NJ_NAMES_UDP = 17 };

#define NJ_NAMES_CHECKS(C)                                                     \
	C(bytes12, "twelve bytes")                                             \
	C(bytes24, "twenty-four bytes")                                        \
	C(collectd, "parts that fill the datagram")                            \
	C(diameter, "a first AVP whose length fits")                           \
	C(dropbox, "a number of the host")                                     \
	C(ethereum_hello, "a handshake that is all that was sent")             \
	C(ethereum_udp, "an RLP list that ends where the datagram does")       \
	C(gnutella, "a length that is the datagram's")                         \
	C(json_mining, "a method of a mining pool")                            \
	C(json_rpc, "a version and a method or an answer")                     \
	C(lisp, "an end marker where the length says")                         \
	C(line, "a line of text")                                              \
	C(long, "as much as a handshake of random bytes")                      \
	C(mgcp, "a line that ends in the version")                             \
	C(nat_pmp, "one of the lengths that there are")                        \
	C(netflow5, "records that fill the datagram")                          \
	C(netflow9, "sets that fill the datagram")                             \
	C(nntp, "a greeting that speaks of news")                              \
	C(pcp, "a length that is a multiple of four")                          \
	C(ptp, "a length that fits but for padding")                           \
	C(roughtime, "offsets that rise, and a tag of either side")            \
	C(rx, "ports of AFS and a header in order")                            \
	C(sflow, "a datagram of one of the versions")                          \
	C(smpp, "texts of a log-in, each ended")                               \
	C(thrift, "a method's name of the length it says")                     \
	C(wsd, "the namespace of the discovery")                               \
	C(z3950, "the fields that a session begins with")

#define C(name, text)                                                          \
	bool nj_names_##name(const struct nj_dctx *d, struct nj_view v);
NJ_NAMES_CHECKS(C)
#undef C

#endif
