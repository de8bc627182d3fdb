/*
 * mms.c - Manufacturing Message Specification (ISO 9506-2) as IEC 61850-8-1
 * uses it between substations and their stations: one record a request,
 * answer or report, with the first variable named in it.
 *
 * Session and presentation (ISO 8327, 8823) are stepped over in the one form
 * that data takes. The data units come from cotp.
 */
#include "dissectors/shared/der.h"
#include "dissectors/shared/words.h"

#define MMS(F, tag)                                                            \
	F(tag, 1, BOOL, is_orig, 0, "Sent by the originator")                  \
	F(tag, 2, STR, pdu_type, NJ_INDEX | NJ_LEARN, "Kind of message")       \
	F(tag, 3, U32, invoke_id, NJ_OPT, "Links answers to requests")         \
	F(tag, 4, STR, service, NJ_INDEX | NJ_LEARN, "Service")                \
	F(tag, 5, STR, domain, NJ_INDEX,                                       \
		"Domain (logical device) named first")                         \
	F(tag, 6, STR, item, NJ_INDEX | NJ_LEARN, "Variable named first")      \
	F(tag, 7, BOOL, is_write, NJ_INDEX | NJ_LEARN,                         \
		"A request that writes variables, files or definitions")       \
	F(tag, 8, BOOL, is_control, NJ_INDEX | NJ_LEARN,                       \
		"A request that starts or stops programs, or writes a "        \
		"control object (functional constraint CO)")                   \
	F(tag, 9, BOOL, is_download, NJ_INDEX | NJ_LEARN,                      \
		"A request of the transfer of a domain to the device")

NJ_EVENT(mms, MMS, "An MMS message");

enum {
	ELEMENTS_MAX = 64, /* looked at in search of a name */
	SPDU_CONNECT = 0x0d,
	SPDU_ACCEPT = 0x0e,
	SPDU_DATA = 0x01,
	TAG_USER_DATA = 0x61,
	PDU_REQUEST = 0xa0,
	PDU_UNCONFIRMED = 0xa3
};

static const struct nj_word pdus[] = {
	{ 0x8b, "conclude-request" },
	{ 0x8c, "conclude-response" },
	{ 0x8d, "conclude-error" },
	{ 0xa0, "confirmed-request" },
	{ 0xa1, "confirmed-response" },
	{ 0xa2, "confirmed-error" },
	{ 0xa3, "unconfirmed" },
	{ 0xa4, "reject" },
	{ 0xa5, "cancel-request" },
	{ 0xa6, "cancel-response" },
	{ 0xa7, "cancel-error" },
	{ 0xa8, "initiate-request" },
	{ 0xa9, "initiate-response" },
	{ 0xaa, "initiate-error" },
};
static const struct nj_word services[] = {
	{ 0, "status" },
	{ 1, "getNameList" },
	{ 2, "identify" },
	{ 3, "rename" },
	{ 4, "read" },
	{ 5, "write" },
	{ 6, "getVariableAccessAttributes" },
	{ 7, "defineNamedVariable" },
	{ 8, "defineScatteredAccess" },
	{ 9, "getScatteredAccessAttributes" },
	{ 10, "deleteVariableAccess" },
	{ 11, "defineNamedVariableList" },
	{ 12, "getNamedVariableListAttributes" },
	{ 13, "deleteNamedVariableList" },
	{ 14, "defineNamedType" },
	{ 15, "getNamedTypeAttributes" },
	{ 16, "deleteNamedType" },
	{ 17, "input" },
	{ 18, "output" },
	{ 19, "takeControl" },
	{ 20, "relinquishControl" },
	{ 26, "initiateDownloadSequence" },
	{ 27, "downloadSegment" },
	{ 28, "terminateDownloadSequence" },
	{ 29, "initiateUploadSequence" },
	{ 30, "uploadSegment" },
	{ 31, "terminateUploadSequence" },
	{ 32, "requestDomainDownload" },
	{ 33, "requestDomainUpload" },
	{ 34, "loadDomainContent" },
	{ 35, "storeDomainContent" },
	{ 36, "deleteDomain" },
	{ 37, "getDomainAttributes" },
	{ 38, "createProgramInvocation" },
	{ 39, "deleteProgramInvocation" },
	{ 40, "start" },
	{ 41, "stop" },
	{ 42, "resume" },
	{ 43, "reset" },
	{ 44, "kill" },
	{ 45, "getProgramInvocationAttributes" },
	{ 46, "obtainFile" },
	{ 65, "initializeJournal" },
	{ 72, "fileOpen" },
	{ 73, "fileRead" },
	{ 74, "fileClose" },
	{ 75, "fileRename" },
	{ 76, "fileDelete" },
	{ 77, "fileDirectory" },
};

static bool
service_writes(uint32_t n)
{
	return n == 3 || n == 5 || (n >= 7 && n <= 8) || n == 10 || n == 11 ||
	       n == 13 || n == 14 || n == 16 || n == 46 || n == 75 || n == 76;
}

static bool
service_controls(uint32_t n)
{
	return n == 36 || (n >= 38 && n <= 44);
}

static bool
service_loads(uint32_t n)
{
	return (n >= 26 && n <= 28) || n == 32 || n == 34;
}

/* The first one or two names (VisibleString) below here. Constructed elements
 * are stepped into, never returned from, so that no stack is needed. */
static void
first_names(struct nj_cur c, struct mms_event *ev)
{
	for (unsigned i = 0; i < ELEMENTS_MAX && nj_cur_left(&c); i++) {
		struct nj_der e = nj_der_next(&c);

		if (c.bad)
			return;
		if (e.tag & 0x20) {
			c.at = e.body.data ? e.body.data : c.at;
			continue;
		}
		if (e.tag != NJ_DER_VISIBLE)
			continue;
		ev->item = e.body;
		if (nj_der_is(&c, NJ_DER_VISIBLE)) {
			ev->domain = e.body;
			ev->item = nj_der_take(&c, NJ_DER_VISIBLE);
		}
		return;
	}
}

/* A context tag of one or two bytes with its length; the cursor ends at the
 * contents. */
static uint32_t
service_tag(struct nj_cur *c)
{
	uint32_t n = nj_cur_u8(c) & 0x1f;
	uint8_t len;

	if (n == 0x1f)
		n = nj_cur_u8(c) & 0x7f;
	len = nj_cur_u8(c);
	if (len > 0x80)
		nj_cur_skip(c, len & 0x7f);
	return n;
}

static void
request(struct nj_dctx *d, struct nj_cur *c, struct mms_event *ev)
{
	static const char control[] = "$CO$";
	uint32_t n = service_tag(c);

	ev->service = nj_word(d, services, n);
	first_names(*c, ev);
	ev->is_write = service_writes(n);
	ev->is_download = service_loads(n);
	ev->is_control =
		service_controls(n) ||
		(n == 5 && nj_view_find(ev->item, nj_str(control)) != SIZE_MAX);
}

static void
pdu(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct mms_event ev = { .is_orig = dir == NJ_ORIG };
	struct nj_cur c = nj_cur(v);
	uint8_t tag = nj_cur_u8(&c), len = nj_cur_u8(&c);

	if (len > 0x80)
		nj_cur_skip(&c, len & 0x7f);
	if (c.bad || !nj_word_find(pdus, nj_countof(pdus), tag))
		return;
	ev.pdu_type = nj_word(d, pdus, tag);
	if (tag == PDU_REQUEST || tag == PDU_REQUEST + 1) {
		struct nj_cur id = nj_cur(nj_der_take(&c, NJ_DER_INTEGER));
		uint32_t value = 0;

		while (nj_cur_left(&id))
			value = value << 8 | nj_cur_u8(&id);
		nj_set(&ev, mms, invoke_id, value);
		if (c.bad)
			return;
		if (tag == PDU_REQUEST)
			request(d, &c, &ev);
		else
			ev.service = nj_word(d, services, service_tag(&c));
	} else if (tag == PDU_UNCONFIRMED) {
		static const struct nj_word reports[] = {
			{ 0, "informationReport" },
			{ 1, "unsolicitedStatus" },
			{ 2, "eventNotification" },
		};

		ev.service = nj_word(d, reports, service_tag(&c));
		first_names(c, &ev);
	}
	(void)nj_emit(d, &mms_desc, &ev);
}

/* The user data of presentation: a sequence of context id and PDU. What is
 * longer than what came is told by its beginning. */
static void
presentation(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);

	for (unsigned i = 0; i < 8 && nj_cur_left(&c) > 2; i++) {
		uint8_t tag = nj_cur_u8(&c), len = nj_cur_u8(&c);

		if (len > 0x80)
			nj_cur_skip(&c, len & 0x7f);
		if (tag == 0x02 || tag == 0x06) {
			nj_cur_skip(&c, len);
		} else if (tag == NJ_DER_CONTEXT_CONS) {
			pdu(d, dir, nj_cur_rest(&c));
			return;
		} else if (tag != TAG_USER_DATA && tag != NJ_DER_SEQUENCE) {
			return;
		}
	}
}

/* In a connect or accept the initiate PDU lies deep in association control:
 * it is found by the integer identifier of MMS and its tag. */
static void
association(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	static const uint8_t mark[] = { 0x02, 0x01, 0x03, 0xa0 };
	size_t at = nj_view_find(v, (struct nj_view){ mark, sizeof(mark) });
	struct nj_cur c;
	uint8_t len;

	nj_confirm(d);
	if (at == SIZE_MAX)
		return;
	c = nj_cur(nj_sub(v, at + sizeof(mark), v.len));
	len = nj_cur_u8(&c);
	if (len > 0x80)
		nj_cur_skip(&c, len & 0x7f);
	pdu(d, dir, nj_cur_rest(&c));
}

static enum nj_verdict
mms_datagram(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	if (v.len < 4)
		return NJ_MORE;
	if (v.data[0] == SPDU_DATA) {
		if (v.data[1] || v.data[2] != SPDU_DATA || v.data[3])
			return NJ_REJECT;
		presentation(d, dir, nj_sub(v, 4, v.len));
	} else if (v.data[0] == SPDU_CONNECT || v.data[0] == SPDU_ACCEPT) {
		association(d, dir, v);
	}
	return NJ_MORE;
}

const struct nj_dissector nj_dissector_mms = {
	.name = "mms",
	.title = "MMS",
	.events = (const struct nj_event_desc *const[]){ &mms_desc, NULL },
	.datagram = mms_datagram,
};
