/*
 * iec104.c - IEC 60870-5-104:2006 (telecontrol over TCP) with the messages of
 * IEC 60870-5-101: one record an ASDU, and one a start or stop of transfer.
 *
 * Why we parse it: substations are switched with it. Type, cause and object
 * address say who commanded what and whether the station obeyed.
 *
 * Not done: values (types differ in form), tests of the link and plain
 * acknowledgements, which tell nothing.
 */
#include "dissectors/shared/framed.h"
#include "dissectors/shared/words.h"

#define IEC104(F, tag)                                                         \
	F(tag, 1, BOOL, is_orig, 0, "Sent by the originator")                  \
	F(tag, 2, STR, apdu_type, NJ_INDEX,                                    \
		"I, or what a U frame says: STARTDT_ACT, STOPDT_CON ...")      \
	F(tag, 3, U8, type_id, NJ_OPT | NJ_INDEX | NJ_LEARN, "Type")           \
	F(tag, 4, STR, type, NJ_INDEX | NJ_LEARN, "Type by name")              \
	F(tag, 5, STR, cause, NJ_INDEX | NJ_LEARN, "Cause of transmission")    \
	F(tag, 6, BOOL, negative, NJ_OPT | NJ_INDEX, "Refused")                \
	F(tag, 7, BOOL, test, NJ_OPT, "A test, without effect")                \
	F(tag, 8, U8, originator, NJ_OPT, "Originator address")                \
	F(tag, 9, U16, common_address, NJ_OPT | NJ_INDEX, "Station")           \
	F(tag, 10, U8, objects, NJ_OPT, "Information objects")                 \
	F(tag, 11, U32, ioa, NJ_OPT | NJ_INDEX | NJ_LEARN,                     \
		"Address of the first object")                                 \
	F(tag, 12, BOOL, is_write, NJ_INDEX | NJ_LEARN,                        \
		"Sets a parameter or clock, or moves a file")                  \
	F(tag, 13, BOOL, is_control, NJ_INDEX | NJ_LEARN,                      \
		"A command: switches, sets a value, resets")

NJ_EVENT(iec104, IEC104, "An IEC 60870-5-104 message");

enum {
	START = 0x68,
	HEAD = 6,
	BODY_MIN = 4,
	BODY_MAX = 253,
	ASDU_MIN = 9, /* up to the first object address */
	C_SC_NA_1 = 45,
	C_BO_TA_1 = 64,
	C_CS_NA_1 = 103,
	C_RP_NA_1 = 105,
	P_ME_NA_1 = 110,
	P_AC_NA_1 = 113,
	F_FR_NA_1 = 120,
	F_SC_NB_1 = 127
};

enum { ODD_FRAME, ODD_ASDU };
static const struct nj_oddity oddities[] = {
	[ODD_FRAME] = { "iec104_frame", "A frame's start or length cannot be" },
	[ODD_ASDU] = { "iec104_asdu", "An ASDU that is too short" },
	{ 0 },
};

static const struct nj_word types[] = {
	{ 1, "M_SP_NA_1" },
	{ 2, "M_SP_TA_1" },
	{ 3, "M_DP_NA_1" },
	{ 4, "M_DP_TA_1" },
	{ 5, "M_ST_NA_1" },
	{ 6, "M_ST_TA_1" },
	{ 7, "M_BO_NA_1" },
	{ 8, "M_BO_TA_1" },
	{ 9, "M_ME_NA_1" },
	{ 10, "M_ME_TA_1" },
	{ 11, "M_ME_NB_1" },
	{ 12, "M_ME_TB_1" },
	{ 13, "M_ME_NC_1" },
	{ 14, "M_ME_TC_1" },
	{ 15, "M_IT_NA_1" },
	{ 16, "M_IT_TA_1" },
	{ 17, "M_EP_TA_1" },
	{ 18, "M_EP_TB_1" },
	{ 19, "M_EP_TC_1" },
	{ 20, "M_PS_NA_1" },
	{ 21, "M_ME_ND_1" },
	{ 30, "M_SP_TB_1" },
	{ 31, "M_DP_TB_1" },
	{ 32, "M_ST_TB_1" },
	{ 33, "M_BO_TB_1" },
	{ 34, "M_ME_TD_1" },
	{ 35, "M_ME_TE_1" },
	{ 36, "M_ME_TF_1" },
	{ 37, "M_IT_TB_1" },
	{ 38, "M_EP_TD_1" },
	{ 39, "M_EP_TE_1" },
	{ 40, "M_EP_TF_1" },
	{ 45, "C_SC_NA_1" },
	{ 46, "C_DC_NA_1" },
	{ 47, "C_RC_NA_1" },
	{ 48, "C_SE_NA_1" },
	{ 49, "C_SE_NB_1" },
	{ 50, "C_SE_NC_1" },
	{ 51, "C_BO_NA_1" },
	{ 58, "C_SC_TA_1" },
	{ 59, "C_DC_TA_1" },
	{ 60, "C_RC_TA_1" },
	{ 61, "C_SE_TA_1" },
	{ 62, "C_SE_TB_1" },
	{ 63, "C_SE_TC_1" },
	{ 64, "C_BO_TA_1" },
	{ 70, "M_EI_NA_1" },
	{ 100, "C_IC_NA_1" },
	{ 101, "C_CI_NA_1" },
	{ 102, "C_RD_NA_1" },
	{ 103, "C_CS_NA_1" },
	{ 104, "C_TS_NA_1" },
	{ 105, "C_RP_NA_1" },
	{ 106, "C_CD_NA_1" },
	{ 107, "C_TS_TA_1" },
	{ 110, "P_ME_NA_1" },
	{ 111, "P_ME_NB_1" },
	{ 112, "P_ME_NC_1" },
	{ 113, "P_AC_NA_1" },
	{ 120, "F_FR_NA_1" },
	{ 121, "F_SR_NA_1" },
	{ 122, "F_SC_NA_1" },
	{ 123, "F_LS_NA_1" },
	{ 124, "F_AF_NA_1" },
	{ 125, "F_SG_NA_1" },
	{ 126, "F_DR_TA_1" },
	{ 127, "F_SC_NB_1" },
};

static const struct nj_word causes[] = {
	{ 1, "per_cyc" },
	{ 2, "back" },
	{ 3, "spont" },
	{ 4, "init" },
	{ 5, "req" },
	{ 6, "act" },
	{ 7, "actcon" },
	{ 8, "deact" },
	{ 9, "deactcon" },
	{ 10, "actterm" },
	{ 11, "retrem" },
	{ 12, "retloc" },
	{ 13, "file" },
	{ 20, "inrogen" },
	{ 37, "reqcogen" },
	{ 44, "unknown_type" },
	{ 45, "unknown_cause" },
	{ 46, "unknown_common_address" },
	{ 47, "unknown_object_address" },
};

static const struct nj_word unnumbered[] = {
	{ 0x07, "STARTDT_ACT" },
	{ 0x0b, "STARTDT_CON" },
	{ 0x13, "STOPDT_ACT" },
	{ 0x23, "STOPDT_CON" },
	{ 0x43, "TESTFR_ACT" },
	{ 0x83, "TESTFR_CON" },
};

static size_t
apdu_length(struct nj_view v)
{
	const uint8_t *p = v.data;

	if (p[0] != START || p[1] < BODY_MIN || p[1] > BODY_MAX)
		return 0;
	/* Only I frames have a body; U frames are of a known few. */
	if ((p[2] & 1) && p[1] != BODY_MIN)
		return 0;
	if (!(p[2] & 1) && p[1] < BODY_MIN + ASDU_MIN - 3)
		return 0;
	if ((p[2] & 3) == 3 && (p[3] || p[4] || p[5] ||
				       !nj_word_find(unnumbered,
					       nj_countof(unnumbered), p[2])))
		return 0;
	if ((p[2] & 3) == 1 && (p[2] != 1 || p[3] || (p[4] & 1)))
		return 0;
	return p[1] + (size_t)2;
}

static void
asdu(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct iec104_event ev = { .is_orig = dir == NJ_ORIG,
		.apdu_type = NJ_LIT("I") };
	struct nj_cur c = nj_cur(v);
	uint8_t type = nj_cur_u8(&c), objects = nj_cur_u8(&c) & 0x7f;
	uint8_t cause = nj_cur_u8(&c);

	nj_set(&ev, iec104, type_id, type);
	ev.type = nj_word(d, types, type);
	ev.cause = nj_word(d, causes, cause & 0x3f);
	nj_set(&ev, iec104, negative, cause >> 6 & 1);
	nj_set(&ev, iec104, test, cause >> 7);
	nj_set(&ev, iec104, originator, nj_cur_u8(&c));
	nj_set(&ev, iec104, common_address, nj_cur_le16(&c));
	nj_set(&ev, iec104, objects, objects);
	if (objects) {
		uint32_t low = nj_cur_le16(&c);

		nj_set(&ev, iec104, ioa, low | (uint32_t)nj_cur_u8(&c) << 16);
	}
	if (c.bad) {
		nj_odd(d, ODD_ASDU);
		return;
	}
	/* The station echoes commands; only the asking counts. */
	if ((cause & 0x3f) == 6 || (cause & 0x3f) == 8) {
		ev.is_control = (type >= C_SC_NA_1 && type <= C_BO_TA_1) ||
				type == C_RP_NA_1;
		ev.is_write = type == C_CS_NA_1 ||
			      (type >= P_ME_NA_1 && type <= P_AC_NA_1);
	}
	ev.is_write |= type >= F_FR_NA_1 && type < F_SC_NB_1 && type != 122;
	(void)nj_emit(d, &iec104_desc, &ev);
}

static enum nj_verdict
apdu(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	uint8_t control = v.data[2];

	if (!(control & 1)) {
		asdu(d, dir, nj_sub(v, HEAD, v.len));
		return NJ_MORE;
	}
	nj_confirm(d);
	if ((control & 3) == 3 && control < 0x43) {
		struct iec104_event ev = { .is_orig = dir == NJ_ORIG };

		ev.apdu_type = nj_word(d, unnumbered, control);
		(void)nj_emit(d, &iec104_desc, &ev);
	}
	return NJ_MORE;
}

static const struct nj_framing framing = { .head_bytes = HEAD,
	.whole_max = BODY_MAX + 2,
	.odd = ODD_FRAME,
	.length = apdu_length,
	.message = apdu };

static enum nj_verdict
iec104_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	return nj_framed_stream(d, dir, v, &framing);
}

const struct nj_dissector nj_dissector_iec104 = {
	.name = "iec104",
	.title = "IEC 60870-5-104",
	.ports = (const struct nj_port[]){ { NJ_TCP, 2404 }, { 0 } },
	.sigs =
		(const struct nj_sig[]){
			/* Start and stop, or an acknowledgement. */
			{ "^\\x68\\x04[\\x07\\x0b\\x13\\x23\\x43\\x83]"
			  "\\x00\\x00\\x00",
				0 },
			{ "^\\x68\\x04\\x01\\x00..", 0 },
			/* An ASDU of a known type and cause. */
			{ "^\\x68[\\x0a-\\xfd]....[\\x01-\\x28\\x2d-\\x33"
			  "\\x3a-\\x40\\x46\\x64-\\x71\\x78-\\x7f]."
			  "[\\x01-\\x0d\\x14-\\x2f\\x41-\\x4d].",
				0 },
			{ 0 } },
	.events = (const struct nj_event_desc *const[]){ &iec104_desc, NULL },
	.oddities = oddities,
	.state_bytes = sizeof(struct nj_framed),
	.stream = iec104_stream,
	.gap = nj_framed_gap,
};
