/*
 * filter.h - which flows: "host 10.0.0.5 and tcp port 443", in the words of
 * pcap-filter(7), but about flows: either side may match, and flows inside
 * tunnels count as any other.
 *
 *	expr  = term { "or" term }
 *	term  = fact { [ "and" ] fact }
 *	fact  = [ "not" ] ( "(" expr ")" | word )
 *	word  = "host" ADDRESS | "net" PREFIX | ADDRESS | PREFIX
 *	      | "port" N | "portrange" N-N | "vlan" N | "proto" N
 *	      | "tcp" | "udp" | "sctp" | "icmp" | "icmp6" | "ip" | "ip6" ...
 *
 * "||", "&&" and "!" are "or", "and" and "not".
 */
#ifndef NJ_PCAP_FILTER_H
#define NJ_PCAP_FILTER_H

#include "engine/base/base.h"

struct nj_pcap_filter;
enum { NJ_PCAP_FILTER_TEXT = 192 };
/* NJ_E_CONFIG: it is none; why says what is wrong, and where. */
NJ_MUST_USE enum nj_err nj_pcap_filter_create(struct nj_pcap_filter **out,
	struct nj_view text, char why[NJ_PCAP_FILTER_TEXT]);
void nj_pcap_filter_destroy(struct nj_pcap_filter **f);

struct pcap_flow;
bool pcap_filter_match(
	const struct nj_pcap_filter *f, const struct pcap_flow *flow);
/* Does it ask for one pair of addresses and ports? Then the two keys are that
 * pair in the index, whichever port is whose. */
bool pcap_filter_key(const struct nj_pcap_filter *f, uint32_t keys[2]);

#endif
