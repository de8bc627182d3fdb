/*
 * dns_record.h - the dns log's record, made from the bytes of a question, of
 * an answer, or of both. Pure: no flow.
 */
#ifndef NJ_DISSECTORS_SHARED_DNS_RECORD_H
#define NJ_DISSECTORS_SHARED_DNS_RECORD_H

#include "dissectors/shared/dns_msg.h"
#include "engine/event/event.h"

#define DNS(F, tag)                                                            \
	F(tag, 1, STR, proto, NJ_INDEX, "udp or tcp")                          \
	F(tag, 2, U16, trans_id, 0, "Id that pairs question and answer")       \
	F(tag, 3, IVAL, rtt, NJ_OPT | NJ_LEARN,                                \
		"From the question to an answer with records")                 \
	F(tag, 4, STR, query, NJ_INDEX | NJ_LEARN | NJ_PII,                    \
		"Name asked for, in lower case")                               \
	F(tag, 5, U16, qclass, NJ_OPT, "Class asked for")                      \
	F(tag, 6, STR, qclass_name, 0, "Its name")                             \
	F(tag, 7, U16, qtype, NJ_OPT, "Type asked for")                        \
	F(tag, 8, STR, qtype_name, NJ_INDEX | NJ_LEARN, "Its name")            \
	F(tag, 9, U8, rcode, NJ_OPT, "Response code")                          \
	F(tag, 10, STR, rcode_name, NJ_INDEX | NJ_LEARN, "Its name")           \
	F(tag, 11, BOOL, AA, 0, "Answer with records: it is authoritative")    \
	F(tag, 12, BOOL, TC, 0, "Question: it is truncated")                   \
	F(tag, 13, BOOL, RD, 0, "Question: recursion is desired")              \
	F(tag, 14, BOOL, RA, 0, "Answer with records: recursion is available") \
	F(tag, 15, U8, Z, 0, "Question: the three bits before the code")       \
	F(tag, 16, VSTR, answers, NJ_INDEX,                                    \
		"Answer records as text; of an update, what it asks for")      \
	F(tag, 17, VIVAL, TTLs, 0, "How long each answer may be kept")         \
	F(tag, 18, BOOL, rejected, 0, "The server refused to answer")          \
	F(tag, 19, U8, opcode, 0, "Kind of message")                           \
	F(tag, 20, STR, opcode_name, NJ_INDEX, "Its name")                     \
	F(tag, 21, VSTR, questions, NJ_PII,                                    \
		"Name and type of all questions, where query and qtype do "    \
		"not tell them")                                               \
	F(tag, 22, VSTR, auth, 0, "Authority records of an empty answer")      \
	F(tag, 23, VSTR, addl, 0, "Additional records of a multicast answer")  \
	F(tag, 24, VSTR, svcb, 0, "SVCB and HTTPS answers with parameters")    \
	F(tag, 25, U8, edns_version, NJ_OPT, "EDNS: version")                  \
	F(tag, 26, U16, edns_udp_size, NJ_OPT, "EDNS: largest UDP message")    \
	F(tag, 27, BOOL, edns_do, NJ_OPT, "EDNS: DNSSEC is understood")        \
	F(tag, 28, STR, edns_subnet, NJ_INDEX | NJ_PII,                        \
		"EDNS: client subnet, prefix and scope lengths")               \
	F(tag, 29, STR, edns_cookie, 0, "EDNS: cookie, hexadecimal")           \
	F(tag, 30, VSTR, edns_errors, 0, "EDNS: extended errors")              \
	F(tag, 31, U16, edns_padding, NJ_OPT, "EDNS: bytes of padding")        \
	F(tag, 32, U16, edns_rcode, NJ_OPT,                                    \
		"Response code with its EDNS bits, where they are not 0")      \
	F(tag, 33, VADDR, nb_addrs, NJ_INDEX, "NetBIOS: addresses of a name")  \
	F(tag, 34, VSTR, nb_names, NJ_INDEX,                                   \
		"NetBIOS: names of a node as NAME<suffix>, +group")            \
	F(tag, 35, STR, nb_mac, NJ_INDEX, "NetBIOS: MAC of a node")            \
	F(tag, 36, U16, query_len, NJ_OPT | NJ_LEARN, "Bytes of the name")     \
	F(tag, 37, F64, query_entropy, NJ_OPT | NJ_LEARN,                      \
		"Bits a byte of the name: high where data are hidden in it")

NJ_EVENT_DECLARE(dns, DNS);

enum { NJ_DNS_ROOM_BYTES = 40 * 1024 };

struct nj_dns_pair {
	struct nj_view query, reply; /* data NULL: not there */
	bool nbns;                   /* NetBIOS name service */
	bool multicast;
};

/* What was found wrong on the way. */
struct nj_dns_faults {
	uint32_t odd; /* bits of enum nj_dns_odd */
	uint16_t unknown_type;
	bool answers_cut;
};

/* Fills *ev, but for proto and rtt. Its views lead into the pair's bytes and
 * into room. */
void nj_dns_record(struct dns_event *ev, const struct nj_dns_pair *pair,
	struct nj_dns_room *room, struct nj_dns_faults *faults);

#endif
