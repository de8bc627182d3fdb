/*
 * ldap_log.h - the ldap and ldap_search logs: requests that wait for their
 * answers, paired by message id.
 */
#ifndef NJ_DISSECTORS_SHARED_LDAP_LOG_H
#define NJ_DISSECTORS_SHARED_LDAP_LOG_H

#include "dissectors/shared/ldap.h"

#define LDAP(F, tag)                                                           \
	F(tag, 1, I64, message_id, NJ_OPT, "Number of the request")            \
	F(tag, 2, I64, version, NJ_OPT | NJ_LEARN, "Protocol version")         \
	F(tag, 3, STR, opcode, NJ_INDEX | NJ_LEARN, "What was asked")          \
	F(tag, 4, STR, result, NJ_INDEX | NJ_LEARN, "What came of it")         \
	F(tag, 5, STR, diagnostic_message, 0, "Words of the server")           \
	F(tag, 6, STR, object, NJ_INDEX | NJ_PII, "Whom or what it is about")  \
	F(tag, 7, STR, argument, NJ_PII, "Mechanism, changes, new name")       \
	F(tag, 8, STR, operation, NJ_LEARN, "Name of the request's message")   \
	F(tag, 9, I64, result_code, NJ_OPT | NJ_INDEX, "The result's number")  \
	F(tag, 10, STR, matched_dn, NJ_PII, "How much of the object there is") \
	F(tag, 11, BOOL, password_seen, NJ_OPT | NJ_INDEX,                     \
		"A password came in clear")                                    \
	F(tag, 12, VSTR, controls, NJ_LEARN, "Controls of the request")        \
	F(tag, 13, BOOL, delete_old_rdn, NJ_OPT, "A renamed one loses its name")

#define LDAP_SEARCH(F, tag)                                                    \
	F(tag, 1, I64, message_id, NJ_OPT, "Number of the request")            \
	F(tag, 2, STR, scope, NJ_LEARN, "base, single or tree")                \
	F(tag, 3, STR, deref_aliases, 0, "Aliases are followed: when")         \
	F(tag, 4, STR, base_object, NJ_INDEX | NJ_LEARN, "Where it begins")    \
	F(tag, 5, U64, result_count, NJ_OPT | NJ_LEARN, "Entries found")       \
	F(tag, 6, STR, result, NJ_INDEX | NJ_LEARN, "What came of it")         \
	F(tag, 7, STR, diagnostic_message, 0, "Words of the server")           \
	F(tag, 8, STR, filter, NJ_INDEX | NJ_PII, "What is looked for")        \
	F(tag, 9, VSTR, attributes, NJ_LEARN, "Attributes asked for")          \
	F(tag, 10, I64, result_code, NJ_OPT, "The result's number")            \
	F(tag, 11, U64, size_limit, NJ_OPT, "Most entries wanted, 0: all")     \
	F(tag, 12, U64, time_limit, NJ_OPT, "Most seconds, 0: any")            \
	F(tag, 13, BOOL, types_only, NJ_OPT, "Names of attributes only")       \
	F(tag, 14, VSTR, controls, NJ_LEARN, "Controls of the request")        \
	F(tag, 15, U64, referrals, NJ_OPT, "References to other servers")

NJ_EVENT_DECLARE(ldap, LDAP);
NJ_EVENT_DECLARE(ldap_search, LDAP_SEARCH);

struct nj_ldap_pending;
struct nj_ldap_log {
	struct nj_ldap_pending *oldest;
	unsigned count;
};

/* A request; unbind and abandon, which have no answer, are emitted at once. */
void nj_ldap_log_request(struct nj_ldap_log *log, struct nj_dctx *d,
	const struct nj_ldap_message *m);
/* An answer; r is its result, or NULL where it has none. */
void nj_ldap_log_answer(struct nj_ldap_log *log, struct nj_dctx *d,
	const struct nj_ldap_message *m, const struct nj_ldap_result *r);
/* Emits what is unanswered. */
void nj_ldap_log_end(struct nj_ldap_log *log, struct nj_dctx *d);

#endif
