/*
 * snmp.c - SNMP version 1 (RFC 1157), 2c (RFC 1901, RFC 3416) and 3 (RFC 3412,
 * RFC 3414) over UDP: one record a flow, of what was asked, set and told, by
 * which community or user.
 *
 * Community names are passwords that travel in clear; Zeek shows them, and so
 * do we, for "public" on a router is what one looks for. Values are read only
 * where they say what the host is and since when it runs.
 */
#include "engine/dissect/dissector.h"

#include "dissectors/shared/snmp_eve.h"
#include "dissectors/shared/ber.h"
#include "dissectors/shared/x509_oid.h"
#include "engine/crypt/hash.h"

#define SNMP(F, tag)                                                           \
	F(tag, 1, IVAL, duration, 0, "From the first message to the last")     \
	F(tag, 2, STR, version, NJ_INDEX | NJ_LEARN, "1, 2c or 3")             \
	F(tag, 3, STR, community, NJ_INDEX, "Community, or user (version 3)")  \
	F(tag, 4, U64, get_requests, NJ_LEARN, "Variables asked for")          \
	F(tag, 5, U64, get_bulk_requests, NJ_LEARN,                            \
		"Variables asked for in bulk")                                 \
	F(tag, 6, U64, get_responses, NJ_LEARN, "Variables in answers")        \
	F(tag, 7, U64, set_requests, NJ_INDEX | NJ_LEARN,                      \
		"Variables that were to be set")                               \
	F(tag, 8, STR, display_string, NJ_INDEX, "What the host says it is")   \
	F(tag, 9, TIME, up_since, NJ_OPT, "When the host says it was started") \
	F(tag, 10, U64, traps, NJ_LEARN, "Notifications")                      \
	F(tag, 11, STR, user, NJ_INDEX | NJ_PII, "User of version 3")          \
	F(tag, 12, STR, engine_id, NJ_INDEX, "Id of the agent, in hex")        \
	F(tag, 13, STR, security, NJ_LEARN,                                    \
		"noAuthNoPriv, authNoPriv or authPriv")                        \
	F(tag, 14, VSTR, pdu_types, NJ_LEARN, "Kinds of messages")             \
	F(tag, 15, VSTR, oids, NJ_LEARN, "First variables that were named")    \
	F(tag, 16, VSTR, errors, NJ_LEARN, "Errors that were answered")        \
	F(tag, 17, STR, trap_oid, NJ_INDEX, "What the first trap tells")

NJ_EVENT(snmp, SNMP, "What SNMP asked and told over a flow");

enum {
	TEXT_MAX = 256,
	OIDS_MAX = 8,
	ENGINE_MAX = 32,
	BINDINGS_MAX = 2048,
	V1 = 0,
	V2C = 1,
	V3 = 3,
	FLAG_AUTH = 1,
	FLAG_PRIV = 2,
	GET = 0,
	GET_NEXT,
	RESPONSE,
	SET,
	TRAP_V1,
	GET_BULK,
	INFORM,
	TRAP,
	REPORT,
	PDU_COUNT,
	ERRORS_MAX = 19
};

enum { ODD_MESSAGE };
static const struct nj_oddity oddities[] = {
	[ODD_MESSAGE] = { "snmp_message", "What should be SNMP is not" },
	{ 0 },
};

struct snmp {
	struct snmp_event ev;
	int64_t first_ns;
	struct nj_view oids[OIDS_MAX];
	uint32_t errors; /* a bit each */
	uint16_t pdus;
	uint8_t oid_count;
	bool sure;
};

/* What a message says of itself before its contents. */
struct message {
	struct nj_view community, user, engine, context;
	uint8_t flags;
	bool v3, sealed;
	struct nj_der pdu;
};

/* ---- Reading ---- */

/* The fields of the user-based security model (RFC 3414 2.4). */
static void
usm(struct message *m, struct nj_view parameters)
{
	struct nj_cur c = nj_cur(parameters), seq;

	if (!nj_ber_enter(&c, NJ_DER_SEQUENCE, &seq))
		return;
	m->engine = nj_ber_take(&seq, NJ_DER_OCTET_STRING);
	(void)nj_ber_int(&seq, NJ_DER_INTEGER);
	(void)nj_ber_int(&seq, NJ_DER_INTEGER);
	m->user = nj_ber_take(&seq, NJ_DER_OCTET_STRING);
}

static bool
version3(struct message *m, struct nj_cur *c)
{
	struct nj_cur head, scoped;
	struct nj_view flags;

	m->v3 = true;
	if (!nj_ber_enter(c, NJ_DER_SEQUENCE, &head))
		return false;
	(void)nj_ber_int(&head, NJ_DER_INTEGER);
	(void)nj_ber_int(&head, NJ_DER_INTEGER);
	flags = nj_ber_take(&head, NJ_DER_OCTET_STRING);
	(void)nj_ber_int(&head, NJ_DER_INTEGER);
	usm(m, nj_ber_take(c, NJ_DER_OCTET_STRING));
	if (c->bad || head.bad || flags.len != 1)
		return false;
	m->flags = flags.data[0];
	if (nj_der_is(c, NJ_DER_OCTET_STRING)) {
		m->sealed = true;
		(void)nj_ber_take(c, NJ_DER_OCTET_STRING);
		return !c->bad;
	}
	if (!nj_ber_enter(c, NJ_DER_SEQUENCE, &scoped))
		return false;
	(void)nj_ber_take(&scoped, NJ_DER_OCTET_STRING);
	m->context = nj_ber_take(&scoped, NJ_DER_OCTET_STRING);
	m->pdu = nj_ber_next(&scoped);
	return !scoped.bad;
}

static bool
parse(struct message *m, int64_t *version, struct nj_view v)
{
	struct nj_cur c = nj_cur(v), seq;

	*m = (struct message){ 0 };
	if (!nj_ber_enter(&c, NJ_DER_SEQUENCE, &seq))
		return false;
	*version = nj_ber_int(&seq, NJ_DER_INTEGER);
	if (seq.bad)
		return false;
	if (*version == V3) {
		if (!version3(m, &seq))
			return false;
	} else if (*version == V1 || *version == V2C) {
		m->community = nj_ber_take(&seq, NJ_DER_OCTET_STRING);
		m->pdu = nj_ber_next(&seq);
	} else {
		return false;
	}
	return !seq.bad &&
	       (m->sealed ||
		       (m->pdu.tag >= NJ_DER_CONTEXT_CONS &&
			       m->pdu.tag < NJ_DER_CONTEXT_CONS + PDU_COUNT));
}

/* ---- Contents ---- */

static bool
is_oid(struct nj_view oid, const char *bytes, size_t n)
{
	return nj_view_eq(oid, (struct nj_view){ (const uint8_t *)bytes, n });
}

static struct nj_view
oid_kept(struct nj_dctx *d, struct nj_view oid)
{
	char text[NJ_OID_TEXT];
	size_t n = nj_oid_dotted(oid, text);

	return nj_keep_view(
		d, (struct nj_view){ (uint8_t *)text, n }, sizeof(text));
}

/* sysDescr.0, sysUpTime.0 and snmpTrapOID.0, which RFC 3418 puts into every
 * notification. */
static void
binding(struct nj_dctx *d, struct snmp *s, uint8_t pdu, struct nj_view oid,
	const struct nj_der *value)
{
	int64_t ticks;

	if (pdu == RESPONSE && value->tag == NJ_DER_OCTET_STRING &&
		!s->ev.display_string.data &&
		is_oid(oid, "\x2b\6\1\2\1\1\1\0", 8))
		s->ev.display_string = nj_keep_view(d, value->body, TEXT_MAX);
	if (pdu == RESPONSE && value->tag == (NJ_BER_APPLICATION | 3) &&
		is_oid(oid, "\x2b\6\1\2\1\1\3\0", 8) &&
		nj_ber_number(value->body, &ticks) && ticks >= 0 &&
		ticks <= UINT32_MAX)
		nj_set(&s->ev, snmp, up_since,
			nj_now(d) - ticks * (NJ_NS_PER_S / 100));
	if (value->tag == NJ_DER_OID && !s->ev.trap_oid.data &&
		(pdu == TRAP || pdu == INFORM) &&
		is_oid(oid, "\x2b\6\1\6\3\1\1\4\1\0", 10))
		s->ev.trap_oid = oid_kept(d, value->body);
	if (s->oid_count == OIDS_MAX)
		return;
	s->oids[s->oid_count] = oid_kept(d, oid);
	if (s->oids[s->oid_count].data)
		s->oid_count++;
}

static uint64_t
bindings(struct nj_dctx *d, struct snmp *s, uint8_t pdu, struct nj_cur *c)
{
	struct nj_cur list = nj_cur(nj_ber_take(c, NJ_DER_SEQUENCE)), one;
	uint64_t n = 0;

	for (; n < BINDINGS_MAX && nj_cur_left(&list); n++) {
		struct nj_view oid;
		struct nj_der value;

		if (!nj_ber_enter(&list, NJ_DER_SEQUENCE, &one))
			break;
		oid = nj_ber_take(&one, NJ_DER_OID);
		value = nj_ber_next(&one);
		if (!one.bad)
			binding(d, s, pdu, oid, &value);
	}
	return n;
}

/* Version 1's trap: enterprise, agent, generic and specific number, time. */
static void
trap_v1(struct nj_dctx *d, struct snmp *s, struct nj_cur *c)
{
	struct nj_view enterprise = nj_ber_take(c, NJ_DER_OID);

	if (!c->bad && !s->ev.trap_oid.data)
		s->ev.trap_oid = oid_kept(d, enterprise);
	(void)nj_ber_next(c);
	(void)nj_ber_int(c, NJ_DER_INTEGER);
	(void)nj_ber_int(c, NJ_DER_INTEGER);
	(void)nj_ber_next(c);
	(void)bindings(d, s, TRAP_V1, c);
	s->ev.traps++;
}

static void
contents(struct nj_dctx *d, struct snmp *s, const struct nj_der *pdu)
{
	struct nj_cur c = nj_cur(pdu->body);
	uint8_t kind = pdu->tag & 31;
	int64_t error;
	uint64_t n;

	s->pdus |= (uint16_t)(1u << kind);
	if (kind == TRAP_V1) {
		trap_v1(d, s, &c);
		return;
	}
	(void)nj_ber_int(&c, NJ_DER_INTEGER);
	error = nj_ber_int(&c, NJ_DER_INTEGER);
	(void)nj_ber_int(&c, NJ_DER_INTEGER);
	n = bindings(d, s, kind, &c);
	if (kind == RESPONSE && error > 0 && error < ERRORS_MAX)
		s->errors |= UINT32_C(1) << error;
	if (kind == GET || kind == GET_NEXT)
		s->ev.get_requests += n;
	else if (kind == GET_BULK)
		s->ev.get_bulk_requests += n;
	else if (kind == RESPONSE)
		s->ev.get_responses += n;
	else if (kind == SET)
		s->ev.set_requests += n;
	else if (kind == TRAP || kind == INFORM)
		s->ev.traps++;
}

static void
heading(struct nj_dctx *d, struct snmp *s, const struct message *m)
{
	static const char *const levels[] = { "noAuthNoPriv", "authNoPriv",
		"noAuthPriv", "authPriv" };
	char hex[2 * ENGINE_MAX];

	if (!m->v3) {
		if (!s->ev.community.data)
			s->ev.community =
				nj_keep_view(d, m->community, TEXT_MAX);
		return;
	}
	s->ev.security = nj_str(levels[m->flags & (FLAG_AUTH | FLAG_PRIV)]);
	if (!s->ev.user.data && m->user.len)
		s->ev.user = nj_keep_view(d, m->user, TEXT_MAX);
	/* As Zeek: where the contents can be read, the user is named in the
	 * community's place. */
	if (!s->ev.community.data && m->user.len && !m->sealed)
		s->ev.community = nj_keep_view(d, m->user, TEXT_MAX);
	if (!s->ev.engine_id.data && m->engine.len &&
		m->engine.len <= ENGINE_MAX) {
		nj_hex(m->engine, hex);
		s->ev.engine_id = nj_keep_view(d,
			(struct nj_view){ (uint8_t *)hex, 2 * m->engine.len },
			sizeof(hex));
	}
}

static void
tell_eve(struct nj_dctx *d, enum nj_dir dir, int64_t version,
	const struct message *m)
{
	struct nj_snmp_said said = { .version = version == V1    ? 1
						: version == V2C ? 2
								 : 3,
		.kind = m->pdu.tag & 31,
		.sealed = m->sealed,
		.community = m->community,
		.user = m->user,
		.pdu = m->pdu.body };

	nj_snmp_eve(d, dir, &said);
}

static enum nj_verdict
snmp_datagram(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct snmp *s = nj_state(d);
	struct message m;
	int64_t version;

	if (!parse(&m, &version, v)) {
		if (!s->sure)
			return NJ_REJECT;
		nj_odd(d, ODD_MESSAGE);
		return NJ_MORE;
	}
	if (!s->sure) {
		s->sure = true;
		s->first_ns = nj_now(d);
		s->ev.version = version == V1    ? NJ_LIT("1")
				: version == V2C ? NJ_LIT("2c")
						 : NJ_LIT("3");
		nj_confirm(d);
	}
	s->ev.duration = nj_now(d) - s->first_ns;
	tell_eve(d, dir, version, &m);
	heading(d, s, &m);
	if (!m.sealed)
		contents(d, s, &m.pdu);
	return NJ_MORE;
}

static void
snmp_end(struct nj_dctx *d)
{
	static const char *const kinds[PDU_COUNT] = { "get_request",
		"get_next_request", "response", "set_request", "trap_v1",
		"get_bulk_request", "inform_request", "trap_v2", "report" };
	static const char *const errors[ERRORS_MAX] = { NULL, "tooBig",
		"noSuchName", "badValue", "readOnly", "genErr", "noAccess",
		"wrongType", "wrongLength", "wrongEncoding", "wrongValue",
		"noCreation", "inconsistentValue", "resourceUnavailable",
		"commitFailed", "undoFailed", "authorizationError",
		"notWritable", "inconsistentName" };
	struct snmp *s = nj_state(d);
	struct nj_view pdus[PDU_COUNT], said[ERRORS_MAX];
	uint32_t n = 0, k = 0;

	if (!s->sure)
		return;
	for (unsigned i = 0; i < PDU_COUNT; i++)
		if (s->pdus >> i & 1)
			pdus[n++] = nj_str(kinds[i]);
	for (unsigned i = 1; i < ERRORS_MAX; i++)
		if (s->errors >> i & 1)
			said[k++] = nj_str(errors[i]);
	if (n)
		s->ev.pdu_types = (struct nj_vstr){ pdus, n };
	if (k)
		s->ev.errors = (struct nj_vstr){ said, k };
	if (s->oid_count)
		s->ev.oids = (struct nj_vstr){ s->oids, s->oid_count };
	(void)nj_emit_at(d, &snmp_desc, &s->ev, s->first_ns);
}

#define LENGTH "(\\x84....|\\x83...|\\x82..|\\x81.|[\\x00-\\x7f])"

const struct nj_dissector nj_dissector_snmp = {
	.name = "snmp",
	.title = "SNMP",
	.ports = (const struct nj_port[]){ { NJ_UDP, 161 }, { NJ_UDP, 162 },
		{ 0 } },
	.sigs = (const struct nj_sig[]){ { "^\\x30" LENGTH "\\x02\\x01[\\x00"
					   "\\x01]\\x04[\\x00-\\x40]",
						 NJ_SIG_UDP },
		{ "^\\x30" LENGTH "\\x02\\x01\\x03\\x30" LENGTH "\\x02",
			NJ_SIG_UDP },
		{ 0 } },
	.events = (const struct nj_event_desc *const[]){ &snmp_desc,
		&eve_snmp_desc, NULL },
	.oddities = oddities,
	.state_bytes = sizeof(struct snmp),
	.datagram = snmp_datagram,
	.end = snmp_end,
};
