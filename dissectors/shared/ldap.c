/*
 * ldap.c - LDAP messages read in place, see ldap.h.
 */
#include "dissectors/shared/ldap.h"

enum { CHANGES_MAX = 64, VALUES_MAX = 16, ID_BYTES_MAX = 4 };

bool
nj_ldap_parse(struct nj_ldap_message *out, struct nj_view v)
{
	struct nj_cur c = nj_cur(v), seq;
	struct nj_der e;

	*out = (struct nj_ldap_message){ 0 };
	if (!nj_ber_enter(&c, NJ_DER_SEQUENCE, &seq))
		return false;
	out->id = nj_ber_int(&seq, NJ_DER_INTEGER);
	e = nj_ber_next(&seq);
	if (seq.bad || out->id < 0 || out->id > INT32_MAX ||
		!nj_ldap_operation(e.tag))
		return false;
	out->op = e.tag;
	out->body = e.body;
	out->controls = nj_ber_option(&seq, NJ_DER_CONTEXT_CONS);
	return true;
}

enum nj_ber_got
nj_ldap_begins(struct nj_view v, uint64_t *len)
{
	struct nj_ber_head head, id, op;
	enum nj_ber_got got = nj_ber_head(v, &head);

	if (v.len && v.data[0] != NJ_DER_SEQUENCE)
		return NJ_BER_BAD;
	if (got != NJ_BER_OK)
		return got;
	if (head.indefinite || head.len < 5)
		return NJ_BER_BAD;
	*len = (uint64_t)head.bytes + head.len;
	v = nj_sub(v, head.bytes, v.len);
	got = nj_ber_head(v, &id);
	if (v.len && v.data[0] != NJ_DER_INTEGER)
		return NJ_BER_BAD;
	if (got != NJ_BER_OK)
		return got;
	if (!id.len || id.len > ID_BYTES_MAX)
		return NJ_BER_BAD;
	if (v.len <= (size_t)id.bytes + id.len)
		return NJ_BER_MORE;
	v = nj_sub(v, id.bytes + id.len, v.len);
	if (!nj_ldap_operation(v.data[0]))
		return NJ_BER_BAD;
	got = nj_ber_head(v, &op);
	if (got != NJ_BER_OK)
		return got;
	return !op.indefinite && (uint64_t)id.bytes + id.len + op.bytes +
						 op.len <=
					 head.len
		       ? NJ_BER_OK
		       : NJ_BER_BAD;
}

bool
nj_ldap_result(struct nj_cur *c, struct nj_ldap_result *out)
{
	*out = (struct nj_ldap_result){ 0 };
	out->code = nj_ber_int(c, NJ_BER_ENUM);
	out->matched = nj_ber_take(c, NJ_DER_OCTET_STRING);
	out->diagnostic = nj_ber_take(c, NJ_DER_OCTET_STRING);
	return !c->bad;
}

bool
nj_ldap_is_secret(struct nj_view attribute)
{
	static const char *const names[] = { "userPassword", "unicodePwd",
		"dBCSPwd", "ntPwdHistory", "lmPwdHistory",
		"supplementalCredentials", "sambaNTPassword", "sambaLMPassword",
		"krbPrincipalKey", "authPassword", "ms-Mcs-AdmPwd",
		"msLAPS-Password" };

	for (unsigned i = 0; i < nj_countof(names); i++)
		if (nj_view_caseeq(attribute, nj_str(names[i])))
			return true;
	return false;
}

/* "attribute=value,value" of a PartialAttribute's fields. */
static void
attribute(struct nj_ldap_text *t, struct nj_cur *c)
{
	struct nj_view name = nj_ber_take(c, NJ_DER_OCTET_STRING);
	struct nj_cur values = nj_cur(nj_ber_take(c, NJ_DER_SET));

	if (c->bad)
		return;
	nj_ldap_add_value(t, name);
	nj_ldap_add(t, "=");
	if (nj_ldap_is_secret(name)) {
		nj_ldap_add(t, "REDACTED");
		return;
	}
	for (unsigned i = 0; i < VALUES_MAX && nj_cur_left(&values); i++) {
		struct nj_view v = nj_ber_take(&values, NJ_DER_OCTET_STRING);

		if (values.bad)
			return;
		if (i)
			nj_ldap_add(t, ",");
		nj_ldap_add_typed(t, name, v);
	}
}

void
nj_ldap_changes(struct nj_ldap_text *t, struct nj_view list)
{
	static const char *const names[] = { "add", "delete", "replace",
		"increment" };
	struct nj_cur c = nj_cur(list), seq, part;

	for (unsigned i = 0; i < CHANGES_MAX && nj_cur_left(&c); i++) {
		int64_t kind;

		if (!nj_ber_enter(&c, NJ_DER_SEQUENCE, &seq))
			break;
		kind = nj_ber_int(&seq, NJ_BER_ENUM);
		if (!nj_ber_enter(&seq, NJ_DER_SEQUENCE, &part) || kind < 0)
			break;
		if (i)
			nj_ldap_add(t, ", ");
		nj_ldap_add(t, kind < (int64_t)nj_countof(names) ? names[kind]
								 : "unknown");
		nj_ldap_add(t, "(");
		attribute(t, &part);
		nj_ldap_add(t, ")");
	}
}

void
nj_ldap_attributes(struct nj_ldap_text *t, struct nj_view list)
{
	struct nj_cur c = nj_cur(list), part;

	for (unsigned i = 0; i < CHANGES_MAX && nj_cur_left(&c); i++) {
		if (!nj_ber_enter(&c, NJ_DER_SEQUENCE, &part))
			break;
		nj_ldap_add(t, "(");
		attribute(t, &part);
		nj_ldap_add(t, ")");
	}
}
