/*
 * dns_msg.h - reading one DNS message (RFC 1035): header, names with their
 * compression, questions, resource records, and records as text. Pure: no
 * flow, no events. The same form serves DNS, LLMNR (RFC 4795), mDNS (RFC
 * 6762) and the NetBIOS name service (RFC 1002).
 */
#ifndef NJ_DISSECTORS_SHARED_DNS_MSG_H
#define NJ_DISSECTORS_SHARED_DNS_MSG_H

#include "engine/base/base.h"
#include "engine/base/cur.h"
#include "engine/dissect/dissector.h"

enum {
	NJ_DNS_HEADER_BYTES = 12,
	NJ_DNS_QUESTIONS_MAX = 25, /* more is taken for another protocol */
	NJ_DNS_NAME_MAX = 512      /* of a name's text */
};

enum nj_dns_section {
	NJ_DNS_QUESTION,
	NJ_DNS_ANSWER,
	NJ_DNS_AUTHORITY,
	NJ_DNS_ADDITIONAL
};

enum { /* opcodes */
	NJ_DNS_QUERY = 0,
	NJ_DNS_NOTIFY = 4,
	NJ_DNS_UPDATE = 5,
	NJ_DNS_DSO = 6
};

enum { /* record types that more than one place must know */
	NJ_DNS_A = 1,
	NJ_DNS_NB = 32,
	NJ_DNS_SRV = 33, /* NBSTAT in the NetBIOS name service */
	NJ_DNS_OPT = 41,
	NJ_DNS_SVCB = 64,
	NJ_DNS_HTTPS = 65,
	NJ_DNS_ANY = 255
};
enum { NJ_DNS_CLASS_IN = 1, NJ_DNS_CLASS_NONE = 254, NJ_DNS_CLASS_ANY = 255 };

/* Things that are wrong, one bit each in nj_dns_msg.odd. The names are those
 * of the weird records, Zeek's. */
#define NJ_DNS_ODDITIES(O)                                                     \
	O(SHORT, "DNS_truncated_len_lt_hdr_len",                               \
		"A message shorter than its header")                           \
	O(QUESTIONS, "DNS_Conn_count_too_large",                               \
		"More questions than a DNS message has")                       \
	O(QUESTION_SHORT, "DNS_truncated_quest_too_short",                     \
		"A question ends before its type and class")                   \
	O(RR_SHORT, "DNS_truncated_ans_too_short",                             \
		"A record ends before its type, class and length")             \
	O(RDLENGTH, "DNS_truncated_RR_rdlength_lt_len",                        \
		"A record's data is longer than the message")                  \
	O(FORWARD, "DNS_label_forward_compress_offset",                        \
		"A compressed name points forward or to itself")               \
	O(CHAIN, "DNS_max_compression_chain_depth_exceeded",                   \
		"A name goes through too many compression pointers")           \
	O(LABEL_PAST, "DNS_label_len_gt_pkt",                                  \
		"A label is longer than the message")                          \
	O(LABEL_LONG, "DNS_label_too_long",                                    \
		"A label longer than 63 bytes, or of unknown kind")            \
	O(LABEL_NAME, "DNS_label_len_gt_name_len",                             \
		"A name longer than can be")                                   \
	O(NAME_LONG, "DNS_NAME_too_long", "A name of 255 bytes or more")       \
	O(RR_MISMATCH, "DNS_RR_length_mismatch",                               \
		"A record's data is not as long as it says")                   \
	O(RR_LENGTH, "DNS_RR_bad_length", "An address of a wrong length")      \
	O(RR_UNKNOWN, "DNS_RR_unknown_type",                                   \
		"A record type without a known form")                          \
	O(STRING, "DNS_TXT_char_str_past_rdlen",                               \
		"A text string longer than its record")                        \
	O(CAA, "DNS_CAA_char_str_past_rdlen",                                  \
		"A CAA tag longer than its record")                            \
	O(SVCB_ALPN, "DNS_SVCB_alpn_length_invalid",                           \
		"An SVCB alpn list that does not add up")                      \
	O(SVCB_PORT, "DNS_SVCB_port_length_invalid",                           \
		"An SVCB port that is not two bytes")                          \
	O(SVCB_LENGTH, "DNS_SVCB_wrong_length",                                \
		"SVCB parameters longer than their record")                    \
	O(EDNS_OPTION, "EDNS_truncated_option",                                \
		"An EDNS option longer than its record")                       \
	O(ECS, "EDNS_ECS_invalid_option_len",                                  \
		"An EDNS client subnet that does not add up")                  \
	O(KEEPALIVE_UDP, "EDNS_TCP_Keepalive_In_UDP",                          \
		"EDNS TCP keepalive sent over UDP")                            \
	O(OPCODE, "DNS_unknown_opcode", "An opcode that is not tracked")

enum nj_dns_odd {
#define O(id, name, text) NJ_DNS_ODD_##id,
	NJ_DNS_ODDITIES(O)
#undef O
		NJ_DNS_ODD_COUNT
};

/* Memory for texts, given by the caller; what does not fit is left out. */
struct nj_dns_room {
	uint8_t *at, *end;
};

struct nj_dns_msg {
	struct nj_view raw;
	struct nj_dns_room *room;
	bool nbns;  /* names and types of the NetBIOS name service */
	bool as_is; /* for EVE: case and forward pointers stay; set after open
		     */
	uint16_t id, flags;
	uint16_t count[4]; /* by enum nj_dns_section */
	uint32_t at;       /* offset of what is read next */
	uint32_t odd;      /* bits of enum nj_dns_odd */
	uint16_t odd_type; /* of NJ_DNS_ODD_RR_UNKNOWN */
};

static inline bool
nj_dns_is_reply(const struct nj_dns_msg *m)
{
	return m->flags >> 15;
}

static inline unsigned
nj_dns_opcode(const struct nj_dns_msg *m)
{
	return m->flags >> 11 & 15;
}

/* Begins to read raw; false when it is shorter than a header. Borrows both
 * until the last view of it was used. */
bool nj_dns_open(
	struct nj_dns_msg *m, struct nj_view raw, struct nj_dns_room *room);

/* A name's text in lower case, without the last dot (the root: empty), at
 * *at, which moves behind it; end bounds what is read before a compression
 * pointer. out may be NULL; its data is NULL when there was no room. False:
 * the name is broken (odd says how); *out is the part that could be read. */
bool nj_dns_name(
	struct nj_dns_msg *m, uint32_t *at, uint32_t end, struct nj_view *out);
/* The text of a first-level encoded NetBIOS name (RFC 1001 14.1) without its
 * padding and suffix byte, which goes to *suffix; scope stays behind a dot.
 * Gives name itself when it is no such name. */
struct nj_view nj_dns_netbios_name(
	struct nj_dns_room *room, struct nj_view name, uint8_t *suffix);

struct nj_dns_question {
	struct nj_view name;
	uint16_t type, class;
};
/* The next question; false at a fault. */
bool nj_dns_question(struct nj_dns_msg *m, struct nj_dns_question *q);

struct nj_dns_rr {
	uint32_t name; /* offset of the owner's name */
	uint16_t type, class;
	uint32_t ttl;
	uint32_t data, len; /* offset and length of the record's data */
};
/* The next record; false at a fault. */
bool nj_dns_rr(struct nj_dns_msg *m, struct nj_dns_rr *rr);
/* The text of a name that was read before, by its offset. */
struct nj_view nj_dns_name_at(struct nj_dns_msg *m, uint32_t at);

/* What a record tells as an answer. */
enum nj_dns_tells {
	NJ_DNS_TELLS_NOTHING, /* no answer in a log line's sense */
	NJ_DNS_TELLS_TEXT,
	NJ_DNS_TELLS_FAULT /* reading must stop here */
};
enum nj_dns_tells nj_dns_rr_text(
	struct nj_dns_msg *m, const struct nj_dns_rr *rr, struct nj_view *text);
/* SVCB and HTTPS records (RFC 9460): "HTTPS 1 . alpn=h2,h3 ech=123". */
bool nj_dns_svcb_text(
	struct nj_dns_msg *m, const struct nj_dns_rr *rr, struct nj_view *text);

/* What an OPT record tells (RFC 6891 and the options' RFCs). */
struct nj_dns_edns {
	bool present, dnssec_ok, has_padding, keepalive;
	uint8_t version, rcode_high;
	uint16_t udp_size, padding;
	struct nj_view subnet; /* "192.0.2.0/24/0" */
	struct nj_view cookie; /* client's, then server's bytes; not text */
	struct nj_view errors[4];
	unsigned error_count;
};
void nj_dns_edns(struct nj_dns_msg *m, const struct nj_dns_rr *rr,
	struct nj_dns_edns *e);

/* Is it a DNS message? raw are its first bytes, whole its length. Strict: all
 * must be sound: counts, names, types, classes, and an end where the bytes
 * end; almost nothing else is. Else, where a port has said that it is
 * likely: header and questions. MORE: too few bytes to say. */
enum nj_verdict nj_dns_judge(struct nj_view raw, size_t whole, bool strict);

/* Names of numbers; a number without a name becomes text in room. */
struct nj_view nj_dns_type_name(struct nj_dns_room *room, uint16_t type);
struct nj_view nj_dns_class_name(struct nj_dns_room *room, uint16_t class);
struct nj_view nj_dns_rcode_name(struct nj_dns_room *room, unsigned rcode);
struct nj_view nj_dns_opcode_name(
	struct nj_dns_room *room, unsigned opcode, bool nbns);
bool nj_dns_type_known(uint16_t type);

/* Text into room: start, append, finish. An overflow makes it empty. */
struct nj_dns_text {
	struct nj_dns_room *room;
	uint8_t *begin;
	bool bad;
};
struct nj_dns_text nj_dns_text_begin(struct nj_dns_room *room);
void nj_dns_text_view(struct nj_dns_text *t, struct nj_view v);
void nj_dns_text_str(struct nj_dns_text *t, const char *s);
void nj_dns_text_u32(struct nj_dns_text *t, uint32_t n);
void nj_dns_text_hex(struct nj_dns_text *t, struct nj_view v);
void nj_dns_text_addr(struct nj_dns_text *t, struct nj_addr a);
struct nj_view nj_dns_text_end(struct nj_dns_text *t);
/* Room for n elements of size bytes, aligned; NULL when there is none. */
void *nj_dns_room_take(struct nj_dns_room *room, size_t n, size_t size);

#endif
