/*
 * snmp_eve.c - EVE's snmp events.
 */
#include "dissectors/shared/snmp_eve.h"

#include "dissectors/shared/ber.h"
#include "dissectors/shared/x509_oid.h"

#define EVE_SNMP(F, tag)                                                       \
	F(tag, 1, U8, snmp__version, 0, "Protocol version")                    \
	F(tag, 2, STR, snmp__pdu_type, 0, "Kind of message, or encrypted")     \
	F(tag, 3, STR, snmp__community, 0, "Community of versions 1 and 2")    \
	F(tag, 4, STR, snmp__usm, 0, "User of version 3")                      \
	F(tag, 5, STR, snmp__vars, NJ_JSON, "Objects that it is about")

NJ_EVENT_STRUCT_(eve_snmp, EVE_SNMP);
NJ_EVENT_DEFINE(eve_snmp, EVE_SNMP, NJ_EV_EVE, "One SNMP message");

enum { TRAP_V1 = 4, VARS_MAX = 128, JSON_BYTES = 8 * 1024 };

static struct nj_view
vars(struct nj_dctx *d, const struct nj_snmp_said *said)
{
	struct nj_cur c = nj_cur(said->pdu), list, one;
	unsigned before = said->kind == TRAP_V1 ? 5 : 3;
	char text[NJ_OID_TEXT];
	struct nj_json j;

	for (unsigned i = 0; i < before; i++)
		(void)nj_ber_next(&c);
	list = nj_cur(nj_ber_take(&c, NJ_DER_SEQUENCE));
	nj_arena_json(d, &j, JSON_BYTES);
	nj_json_arr(&j, NULL);
	for (unsigned i = 0; i < VARS_MAX && nj_cur_left(&list); i++) {
		struct nj_view oid;

		if (!nj_ber_enter(&list, NJ_DER_SEQUENCE, &one))
			break;
		oid = nj_ber_take(&one, NJ_DER_OID);
		if (one.bad)
			break;
		nj_json_str(&j, NULL,
			(struct nj_view){
				(uint8_t *)text, nj_oid_dotted(oid, text) });
		if (!nj_json_keep(&j))
			break;
	}
	return nj_arena_json_end(d, &j);
}

void
nj_snmp_eve(struct nj_dctx *d, enum nj_dir dir, const struct nj_snmp_said *said)
{
	static const char *const kinds[] = { "get_request", "get_next_request",
		"response", "set_request", "trap_v1", "get_bulk_request",
		"inform_request", "trap_v2", "report" };
	struct eve_snmp_event ev = { .snmp__version = said->version,
		.snmp__community = said->community };

	if (!nj_wanted(d, &eve_snmp_desc))
		return;
	if (said->user.len)
		ev.snmp__usm = said->user;
	if (said->sealed)
		ev.snmp__pdu_type = NJ_LIT("encrypted");
	else if (said->kind < nj_countof(kinds))
		ev.snmp__pdu_type = nj_str(kinds[said->kind]);
	if (!said->sealed)
		ev.snmp__vars = vars(d, said);
	(void)nj_emit_dir(d, &eve_snmp_desc, &ev, dir);
}
