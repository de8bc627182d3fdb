/*
 * ldap_name.c - words for LDAP's numbers: result codes (RFC 4511 appendix A,
 * IANA's registry and those that client libraries use among themselves),
 * operations and extensions.
 */
#include "dissectors/shared/ldap.h"

static const char *const results[] = { [0] = "success",
	[1] = "operations error",
	[2] = "protocol error",
	[3] = "time limit exceeded",
	[4] = "size limit exceeded",
	[5] = "compare false",
	[6] = "compare true",
	[7] = "auth method not supported",
	[8] = "stronger auth required",
	[9] = "partial results",
	[10] = "referral",
	[11] = "admin limit exceeded",
	[12] = "unavailable critical extension",
	[13] = "confidentiality required",
	[14] = "SASL bind in progress",
	[16] = "no such attribute",
	[17] = "undefined attribute type",
	[18] = "inappropriate matching",
	[19] = "constraint violation",
	[20] = "attribute or value exists",
	[21] = "invalid attribute syntax",
	[32] = "no such object",
	[33] = "alias problem",
	[34] = "invalid DN syntax",
	[36] = "alias dereferencing problem",
	[48] = "inappropriate authentication",
	[49] = "invalid credentials",
	[50] = "insufficient access rights",
	[51] = "busy",
	[52] = "unavailable",
	[53] = "unwilling to perform",
	[54] = "loop detect",
	[60] = "sort control missing",
	[61] = "offset range error",
	[64] = "naming violation",
	[65] = "object class violation",
	[66] = "not allowed on non-leaf",
	[67] = "not allowed on RDN",
	[68] = "entry already exists",
	[69] = "object class mods prohibited",
	[70] = "results too large",
	[71] = "affects multiple DSAs",
	[76] = "control error",
	[80] = "other",
	[81] = "server down",
	[82] = "local error",
	[83] = "encoding error",
	[84] = "decoding error",
	[85] = "timeout",
	[86] = "auth unknown",
	[87] = "filter error",
	[88] = "user canceled",
	[89] = "param error",
	[90] = "no memory",
	[91] = "connect error",
	[92] = "not supported",
	[93] = "control not found",
	[94] = "no results returned",
	[95] = "more results to return",
	[96] = "client loop",
	[97] = "referral limit exceeded",
	[100] = "invalid response",
	[101] = "ambiguous response",
	[112] = "TLS not supported",
	[113] = "intermediate response",
	[114] = "unknown type",
	[115] = "LCUP invalid data",
	[116] = "LCUP unsupported scheme",
	[117] = "LCUP reload required",
	[118] = "canceled",
	[119] = "no such operation",
	[120] = "too late",
	[121] = "cannot cancel",
	[122] = "assertion failed",
	[123] = "authorization denied" };

const char *
nj_ldap_result_name(int64_t code)
{
	if (code < 0 || code >= (int64_t)nj_countof(results))
		return NULL;
	return results[code];
}

static const struct {
	uint8_t op;
	const char *opcode, *operation;
} operations[] = { { NJ_LDAP_BIND, "bind", "bind_request" },
	{ NJ_LDAP_BIND_RESULT, "bind", "bind_response" },
	{ NJ_LDAP_UNBIND, "unbind", "unbind_request" },
	{ NJ_LDAP_SEARCH, "search", "search_request" },
	{ NJ_LDAP_SEARCH_ENTRY, "search", "search_result_entry" },
	{ NJ_LDAP_SEARCH_DONE, "search", "search_result_done" },
	{ NJ_LDAP_MODIFY, "modify", "modify_request" },
	{ NJ_LDAP_MODIFY_RESULT, "modify", "modify_response" },
	{ NJ_LDAP_ADD, "add", "add_request" },
	{ NJ_LDAP_ADD_RESULT, "add", "add_response" },
	{ NJ_LDAP_DELETE, "delete", "del_request" },
	{ NJ_LDAP_DELETE_RESULT, "delete", "del_response" },
	{ NJ_LDAP_RENAME, "modify", "mod_dn_request" },
	{ NJ_LDAP_RENAME_RESULT, "modify", "mod_dn_response" },
	{ NJ_LDAP_COMPARE, "compare", "compare_request" },
	{ NJ_LDAP_COMPARE_RESULT, "compare", "compare_response" },
	{ NJ_LDAP_ABANDON, "abandon", "abandon_request" },
	{ NJ_LDAP_SEARCH_REFERENCE, "search", "search_result_reference" },
	{ NJ_LDAP_EXTENDED, "extended", "extended_request" },
	{ NJ_LDAP_EXTENDED_RESULT, "extended", "extended_response" },
	{ NJ_LDAP_INTERMEDIATE, "intermediate", "intermediate_response" } };

const char *
nj_ldap_opcode(uint8_t op)
{
	for (unsigned i = 0; i < nj_countof(operations); i++)
		if (operations[i].op == op)
			return operations[i].opcode;
	return NULL;
}

const char *
nj_ldap_operation(uint8_t op)
{
	for (unsigned i = 0; i < nj_countof(operations); i++)
		if (operations[i].op == op)
			return operations[i].operation;
	return NULL;
}

const char *
nj_ldap_extension(struct nj_view oid)
{
	static const char *const names[][2] = {
		{ "1.3.6.1.4.1.1466.20036", "notice of disconnection" },
		{ "1.3.6.1.4.1.1466.20037", "StartTLS" },
		{ "1.3.6.1.4.1.4203.1.11.1", "passwd modify" },
		{ "1.3.6.1.4.1.4203.1.11.3", "whoami" },
		{ "1.3.6.1.1.8", "cancel" },
		{ "1.3.6.1.1.21.1", "start transaction" },
		{ "1.3.6.1.1.21.3", "end transaction" },
		{ "1.3.6.1.4.1.1466.101.119.1", "refresh" },
		{ "1.2.840.113556.1.4.1781", "fast bind" },
	};

	for (unsigned i = 0; i < nj_countof(names); i++)
		if (nj_view_eq(oid, nj_str(names[i][0])))
			return names[i][1];
	return NULL;
}
