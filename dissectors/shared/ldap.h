/*
 * ldap.h - LDAP version 3 (RFC 4511) read in place: messages, results,
 * changes and search filters (RFC 4515), and the words for their numbers.
 */
#ifndef NJ_DISSECTORS_SHARED_LDAP_H
#define NJ_DISSECTORS_SHARED_LDAP_H

#include "dissectors/shared/ber.h"
#include "dissectors/shared/pad.h"

/* Tags of the operations. */
enum nj_ldap_op {
	NJ_LDAP_BIND = 0x60,
	NJ_LDAP_BIND_RESULT = 0x61,
	NJ_LDAP_UNBIND = 0x42,
	NJ_LDAP_SEARCH = 0x63,
	NJ_LDAP_SEARCH_ENTRY = 0x64,
	NJ_LDAP_SEARCH_DONE = 0x65,
	NJ_LDAP_MODIFY = 0x66,
	NJ_LDAP_MODIFY_RESULT = 0x67,
	NJ_LDAP_ADD = 0x68,
	NJ_LDAP_ADD_RESULT = 0x69,
	NJ_LDAP_DELETE = 0x4a,
	NJ_LDAP_DELETE_RESULT = 0x6b,
	NJ_LDAP_RENAME = 0x6c,
	NJ_LDAP_RENAME_RESULT = 0x6d,
	NJ_LDAP_COMPARE = 0x6e,
	NJ_LDAP_COMPARE_RESULT = 0x6f,
	NJ_LDAP_ABANDON = 0x50,
	NJ_LDAP_SEARCH_REFERENCE = 0x73,
	NJ_LDAP_EXTENDED = 0x77,
	NJ_LDAP_EXTENDED_RESULT = 0x78,
	NJ_LDAP_INTERMEDIATE = 0x79
};

struct nj_ldap_message {
	int64_t id;
	uint8_t op;
	struct nj_view body; /* of the operation */
	struct nj_view controls;
};
/* False for what is no message. Views point into v. */
NJ_MUST_USE bool nj_ldap_parse(struct nj_ldap_message *out, struct nj_view v);
/* From the first bytes of a message: BAD when none begins here; *len is that
 * of the whole message. */
enum nj_ber_got nj_ldap_begins(struct nj_view v, uint64_t *len);

struct nj_ldap_result {
	int64_t code;
	struct nj_view matched, diagnostic;
};
/* The fields that all results begin with. */
NJ_MUST_USE bool nj_ldap_result(struct nj_cur *c, struct nj_ldap_result *out);

/* Text that grows up to a bound, in the caller's room. */
struct nj_ldap_text {
	uint8_t *data;
	size_t len, cap;
};
void nj_ldap_add(struct nj_ldap_text *t, const char *s);
void nj_ldap_add_bytes(struct nj_ldap_text *t, struct nj_view v);
/* A value as RFC 4515 section 3 escapes it; attributes of Active Directory
 * that are no text in the usual form of their type (MS-ADTS 6.3.3). */
void nj_ldap_add_value(struct nj_ldap_text *t, struct nj_view v);
void nj_ldap_add_typed(
	struct nj_ldap_text *t, struct nj_view attribute, struct nj_view v);
struct nj_view nj_ldap_text(const struct nj_ldap_text *t);

/* Is the value of this attribute a password, or what stands for one? */
bool nj_ldap_is_secret(struct nj_view attribute);
/* A filter. Where more than two are joined they are nested, as Zeek shows
 * them. */
void nj_ldap_filter(struct nj_ldap_text *t, struct nj_view filter);
/* "replace(attribute=value)" for each change of a modification;
 * "(attribute=value)" for each attribute of an addition. Passwords are not
 * shown. */
void nj_ldap_changes(struct nj_ldap_text *t, struct nj_view list);
void nj_ldap_attributes(struct nj_ldap_text *t, struct nj_view list);

/* Words; NULL when there is none. */
const char *nj_ldap_result_name(int64_t code);
const char *nj_ldap_opcode(uint8_t op);    /* "bind", as Zeek */
const char *nj_ldap_operation(uint8_t op); /* "bind_request" */
const char *nj_ldap_extension(struct nj_view oid);

#endif
