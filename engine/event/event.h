/*
 * event.h - log types declared once. A field list beside the code that fills
 * it makes the C struct, the row encoding, JSON and the reference pages:
 *
 *	#define NTP(F, tag)                                                \
 *		F(tag, 1, U8, version, NJ_INDEX, "Protocol version")       \
 *		F(tag, 2, IVAL, poll, NJ_OPT, "Time between messages")
 *	NJ_EVENT(ntp, NTP, "One NTP message");
 *
 * gives struct ntp_event and ntp_desc. In a member name two underscores stand
 * for the dot of the field's name: certificate__issuer is certificate.issuer.
 * ts, uid and id.* come with every record and are not listed. Ids run from 1
 * to 63, are for ever, and are never reused.
 *
 * Set or unset: STR and the vectors are unset while their pointer is NULL,
 * ADDR while family is 0; other types are always set unless the field has
 * NJ_OPT, then nj_set() sets value and presence. A vector with a pointer and
 * n == 0 is an empty vector.
 */
#ifndef NJ_EVENT_EVENT_H
#define NJ_EVENT_EVENT_H

#include "engine/base/base.h"
#include "engine/base/buf.h"

/* Field types, with their C type. TIME is ns since 1970 (negative before),
 * IVAL is ns. VSTR..VADDR are vectors of the element type. The order is part
 * of the row format: new types go to the end, and there is room for 16. */
#define NJ_TYPES(T)                                                            \
	T(BOOL, bool)                                                          \
	T(U8, uint8_t)                                                         \
	T(U16, uint16_t)                                                       \
	T(U32, uint32_t)                                                       \
	T(U64, uint64_t)                                                       \
	T(I64, int64_t)                                                        \
	T(F64, double)                                                         \
	T(TIME, int64_t)                                                       \
	T(IVAL, int64_t)                                                       \
	T(STR, struct nj_view)                                                 \
	T(ADDR, struct nj_addr)                                                \
	T(VSTR, struct nj_vstr)                                                \
	T(VU64, struct nj_vu64)                                                \
	T(VIVAL, struct nj_vival)                                              \
	T(VADDR, struct nj_vaddr)

struct nj_vstr {
	const struct nj_view *v;
	uint32_t n;
};
struct nj_vu64 {
	const uint64_t *v;
	uint32_t n;
};
struct nj_vival {
	const int64_t *v;
	uint32_t n;
};
struct nj_vaddr {
	const struct nj_addr *v;
	uint32_t n;
};

enum nj_type {
#define T(name, c) NJ_T_##name,
	NJ_TYPES(T)
#undef T
		NJ_T_COUNT
};
#define T(name, c) typedef c nj_ctype_##name;
NJ_TYPES(T)
#undef T

enum {
	NJ_INDEX = 1 << 0, /* searched often: the store keeps an index */
	NJ_LEARN = 1 << 1, /* a feature for learning */
	NJ_PII = 1 << 2,   /* may name a person; pseudonymised by role */
	NJ_OPT = 1 << 3,   /* number that may be unset, see nj_set */
	NJ_JSON = 1 << 4,  /* STR that is JSON (base/json.h); NJ_EV_EVE only */
	NJ_ASIDE = 1 << 5  /* another value is no news for NJ_EV_ONCE */
};

struct nj_field {
	uint8_t id;
	uint8_t type; /* enum nj_type */
	uint16_t flags;
	uint32_t offset; /* of the member in the struct */
	const char *member;
	const char *text;
};

enum {
	/* The record has no id.* (dhcp, x509). */
	NJ_EV_NO_ID = 1 << 0,
	/* The same fields (NJ_ASIDE not counted) again within a day are dropped
	 * after the merge of the workers, see once.h (x509). */
	NJ_EV_ONCE = 1 << 1,
	/* A detail for EVE output alone (eve.h): its name is eve_<event_type>
	 * and its fields are named by their whole path, dns.flags. It is only
	 * built and kept where that output is wanted. */
	NJ_EV_EVE = 1 << 2,
	/* As NJ_EV_ONCE, of the same uid (tunnel). */
	NJ_EV_ONCE_UID = 1 << 3
};

/* Where registration leaves what it worked out for a type (key texts, size
 * bounds), so that encoding needs no look-up. One for each table, written by
 * nj_event_register alone. */
struct nj_event_known;
struct nj_event_slot {
	const struct nj_event_known *known;
};

struct nj_event_desc {
	const char *name; /* log type, Zeek's word where there is one */
	const struct nj_field *fields;
	uint16_t count;
	uint16_t flags;
	uint32_t struct_bytes;
	const char *text;
	struct nj_event_slot *slot;
};

#define NJ_FIELD_MEMBER_(tag, id, type, name, flags, text) nj_ctype_##type name;
#define NJ_FIELD_ID_(tag, id, type, name, flags, text) tag##_F_##name = id,
#define NJ_FIELD_DESC_(tag, id, type, name, flags, text)                       \
	{ id, NJ_T_##type, flags, offsetof(struct tag##_event, name), #name,   \
		text },

/* struct, field ids and (for a header) the declaration of the table. */
#define NJ_EVENT_STRUCT_(tag, FIELDS)                                          \
	struct tag##_event {                                                   \
		uint64_t has;                                                  \
		FIELDS(NJ_FIELD_MEMBER_, tag)                                  \
	};                                                                     \
	enum { FIELDS(NJ_FIELD_ID_, tag) tag##_F_end_ }
#define NJ_EVENT_TABLE_(linkage, tag, FIELDS, flg, text)                       \
	static const struct nj_field tag##_fields_[] = { FIELDS(               \
		NJ_FIELD_DESC_, tag) };                                        \
	static struct nj_event_slot tag##_slot_;                               \
	linkage const struct nj_event_desc tag##_desc = { #tag, tag##_fields_, \
		(uint16_t)nj_countof(tag##_fields_), flg,                      \
		sizeof(struct tag##_event), text, &tag##_slot_ }

/* A log type that one file fills. */
#define NJ_EVENT(tag, FIELDS, text) NJ_EVENT_X(tag, FIELDS, 0, text)
#define NJ_EVENT_X(tag, FIELDS, flags, text)                                   \
	NJ_EVENT_STRUCT_(tag, FIELDS);                                         \
	NJ_EVENT_TABLE_(static, tag, FIELDS, flags, text)
/* A log type that several files fill: DECLARE in a header, DEFINE in a .c. */
#define NJ_EVENT_DECLARE(tag, FIELDS)                                          \
	NJ_EVENT_STRUCT_(tag, FIELDS);                                         \
	extern const struct nj_event_desc tag##_desc
#define NJ_EVENT_DEFINE(tag, FIELDS, flags, text)                              \
	NJ_EVENT_TABLE_(, tag, FIELDS, flags, text)

/* Sets an NJ_OPT field of *ev, an event of log type tag. */
#define nj_set(ev, tag, field, value)                                          \
	((ev)->field = (value),                                                \
		(void)((ev)->has |= UINT64_C(1) << tag##_F_##field))
#define nj_has(ev, tag, field) ((ev)->has >> tag##_F_##field & 1)

/* What every record begins with. */
struct nj_head {
	int64_t order_ns; /* packet time at which the record was complete */
	int64_t ts_ns;    /* Zeek's ts: when what it tells of began */
	uint64_t uid[2];  /* of the flow; both 0: none */
	struct nj_addr orig, resp;
	uint16_t orig_p, resp_p;
	uint16_t vlan[2];  /* outer, inner; 0: none */
	uint8_t ip_proto;  /* 0: not said */
	uint8_t mac[2][6]; /* on either side; both 0: none, or no EVE output */
};

/* The same with its sides exchanged. */
struct nj_head nj_head_turned(const struct nj_head *head);

enum { NJ_EVENT_TYPES_MAX = 512, NJ_EVENT_ID_MAX = 63 };

/* Log types known to this process: register before the first row, from one
 * thread. The same table again is no error. Refuses (NJ_E_CONFIG) two tables
 * whose names have one hash, ids out of 1..63 or given twice, names that are
 * not plain; NJ_E_FULL above NJ_EVENT_TYPES_MAX. Borrows desc for ever. */
NJ_MUST_USE enum nj_err nj_event_register(const struct nj_event_desc *desc);
/* By name or by the name's 32-bit hash; NULL when unknown. */
const struct nj_event_desc *nj_event_find(const char *name);
const struct nj_event_desc *nj_event_by_type(uint32_t type);
/* The i-th registered type in order of name, NULL past the end. */
const struct nj_event_desc *nj_event_at(unsigned i);
/* The type's number in rows: FNV-1a of its name. */
uint32_t nj_event_type(const struct nj_event_desc *desc);
/* "certificate__issuer" to "certificate.issuer". Gives the whole length, of
 * which out holds at most cap - 1 bytes and a NUL. */
size_t nj_field_name(const struct nj_field *f, char *out, size_t cap);
/* Appends the reference page (Markdown) of all registered log types. */
void nj_event_reference(struct nj_buf *out);

enum { NJ_UID_CAP = 24, NJ_UID_CHARS = 18 };
/* prefix ('C' for flows, 'F' for files) and 17 digits of base 62 that hold 96
 * bits: uid[0] and the low half of uid[1]. Sorts as text as it does as
 * numbers. NUL-terminated; gives NJ_UID_CHARS. */
size_t nj_uid_format(char prefix, const uint64_t uid[2], char out[NJ_UID_CAP]);
/* The other way, where the text has this prefix; the high half of uid[1], which
 * it does not hold, is 0. */
NJ_MUST_USE bool nj_uid_parse(
	char prefix, struct nj_view text, uint64_t uid[2]);

#endif
