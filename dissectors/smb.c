/*
 * smb.c - SMB 1 (MS-CIFS, MS-SMB), 2 and 3 (MS-SMB2) over TCP, alone or in the
 * NetBIOS session service (RFC 1001, RFC 1002): who connected to which share,
 * opened, read, wrote, renamed and deleted which files, and the files.
 *
 * This file cuts the stream into frames and messages; see shared/smb.h for
 * what reads them. Encrypted and compressed frames are passed over: that they
 * are so is told. After a gap the next frame is looked for by its magic.
 *
 * Not done: raw reads and writes of SMB 1, RDMA, QUIC.
 */
#include "dissectors/shared/netbios.h"
#include "dissectors/shared/smb_log.h"

enum {
	FRAME_HEADER = 4,
	FRAME_SESSION_REQUEST = 0x81,
	FRAME_POSITIVE = 0x82,
	FRAME_NEGATIVE = 0x83,
	FRAME_RETARGET = 0x84,
	FRAME_KEEPALIVE = 0x85,
	SESSION_REQUEST_MAX = 2 * 255,
	MAGIC = 4,
	MAGIC_TRANSFORM = 0xfd,
	MAGIC_COMPRESSION = 0xfc,
	MAGIC_1 = 0xff,
	MAGIC_2 = 0xfe,
	SMB1_FIRST = 35, /* the header, and no words and bytes */
	SMB2_FIRST = 64,
	/* How far into a flow that began without us a frame is looked for. */
	SCAN_MAX = 128 * 1024
};

static const struct nj_oddity oddities[] = {
	[NJ_SMB_ODD_FRAME] = { "smb_frame", "A frame that is none of SMB" },
	[NJ_SMB_ODD_HEADER] = { "smb_header", "A message without a header" },
	[NJ_SMB_ODD_SHORT] = { "smb_short", "A message ends too early" },
	[NJ_SMB_ODD_NEXT] = { "smb_next", "The next message of a compound "
					  "lies outside the frame" },
	[NJ_SMB_ODD_ANDX_LOOP] = { "smb_andx_offset_not_advancing",
		"A chain of commands goes back" },
	[NJ_SMB_ODD_ANDX_DEPTH] = { "smb_andx_depth_exceeded",
		"A chain of too many commands" },
	[NJ_SMB_ODD_DATA] = { "smb_data", "Data that lies outside its "
					  "message" },
	{ 0 },
};

static bool
is_magic(const uint8_t *at)
{
	return at[0] >= MAGIC_COMPRESSION && at[1] == 'S' && at[2] == 'M' &&
	       at[3] == 'B';
}

/* ---- Frames ---- */

/* Another frame of the session service. */
static bool
fits(uint8_t type, uint32_t len)
{
	switch (type) {
	case FRAME_SESSION_REQUEST:
		return len <= SESSION_REQUEST_MAX &&
		       len >= 2 * NJ_NETBIOS_ENCODED;
	case FRAME_POSITIVE:
	case FRAME_KEEPALIVE:
		return !len;
	case FRAME_NEGATIVE:
		return len == 1;
	case FRAME_RETARGET:
		return len == 6;
	default:
		return false;
	}
}

static bool
session_request(struct nj_dctx *d, struct nj_smb *s, struct nj_view body)
{
	struct nj_cur c = nj_cur(body);
	char called[NJ_NETBIOS_TEXT], calling[NJ_NETBIOS_TEXT];
	struct nj_view to = nj_netbios_name(&c, called);
	struct nj_view from = nj_netbios_name(&c, calling);

	if (c.bad)
		return false;
	nj_smb_text_set(d, &s->called, to);
	nj_smb_text_set(d, &s->calling, from);
	return true;
}

/* *used 0: more is needed, or the place is lost. */
static enum nj_verdict
other_frame(struct nj_dctx *d, struct nj_smb *s, struct nj_smb_side *side,
	struct nj_view v, size_t *used)
{
	uint32_t len = (uint32_t)v.data[1] << 16 | (uint32_t)v.data[2] << 8 |
		       v.data[3];
	uint8_t type = v.data[0];
	struct nj_view body;
	bool good = fits(type, len);

	if (good && v.len < FRAME_HEADER + len)
		return NJ_MORE;
	body = nj_sub(v, FRAME_HEADER, len);
	if (good && type == FRAME_SESSION_REQUEST)
		good = session_request(d, s, body);
	if (!good && !s->seen)
		return NJ_REJECT;
	if (!good) {
		nj_odd(d, NJ_SMB_ODD_FRAME);
		side->lost_place = true;
		return NJ_MORE;
	}
	*used = FRAME_HEADER + len;
	nj_consume(d, *used);
	if (!s->called.len)
		return NJ_MORE;
	if (type == FRAME_POSITIVE || type == FRAME_NEGATIVE)
		nj_smb_log_nbss(
			s, d, true, type == FRAME_NEGATIVE ? body.data[0] : 0);
	return NJ_MORE;
}

/* The header of a frame. *used 0: more is needed, or the place is lost. */
static enum nj_verdict
frame(struct nj_dctx *d, struct nj_smb *s, struct nj_smb_side *side,
	struct nj_view v, size_t *used)
{
	uint32_t len;

	*used = 0;
	if (v.len < FRAME_HEADER) {
		/* A byte that begins no frame tells at once. */
		return s->seen || !v.data[0] ||
				       v.data[0] >= FRAME_SESSION_REQUEST
			       ? NJ_MORE
			       : NJ_REJECT;
	}
	if (v.data[0])
		return other_frame(d, s, side, v, used);
	len = (uint32_t)v.data[1] << 16 | (uint32_t)v.data[2] << 8 | v.data[3];
	if (len >= MAGIC && v.len < FRAME_HEADER + MAGIC)
		return NJ_MORE;
	if (len >= MAGIC && is_magic(v.data + FRAME_HEADER)) {
		s->seen = true;
	} else if (!s->seen) {
		return NJ_REJECT;
	} else if (len) {
		/* Perhaps a raw read or write, of which only the length is
		 * known. */
		nj_odd(d, NJ_SMB_ODD_FRAME);
		side->skip = len;
	}
	nj_consume(d, FRAME_HEADER);
	side->frame = len;
	*used = FRAME_HEADER;
	return NJ_MORE;
}

/* Looks for the next frame; gives how many bytes are surely not of it. */
static size_t
find_frame(struct nj_smb_side *side, struct nj_view v)
{
	const size_t whole = FRAME_HEADER + MAGIC;
	size_t i;

	for (i = 0; i + whole <= v.len; i++) {
		if (v.data[i] || !is_magic(v.data + i + FRAME_HEADER))
			continue;
		side->lost_place = false;
		return i;
	}
	return i;
}

/* ---- Messages ---- */

/* What cannot be read. Clear messages may follow: a server may ask for
 * encryption of some shares only, and a client may log in anew. */
static void
sealed(struct nj_smb *s, struct nj_smb_side *side, uint8_t magic)
{
	if (magic == MAGIC_TRANSFORM)
		s->encryption = true;
	else
		s->compression = true;
	side->skip = side->frame;
}

/* A message at v, of which side->frame bytes are left in its frame; nothing
 * happens while more of it is needed. */
static void
message(struct nj_dctx *d, struct nj_smb *s, enum nj_dir dir, struct nj_view v)
{
	struct nj_smb_side *side = &s->side[dir];
	struct nj_smb_msg m = { .dir = dir };
	uint32_t first = v.data[0] == MAGIC_1 ? SMB1_FIRST : SMB2_FIRST;
	uint32_t need = 0;
	bool good;

	first = nj_min(first, side->frame);
	if (v.len < first) {
		nj_want(d, first);
		return;
	}
	v = nj_sub(v, 0, side->frame);
	if (v.data[0] == MAGIC_1)
		good = nj_smb1_header(&m, v, side->frame, &need);
	else
		good = nj_smb2_header(&m, v, side->frame, &need);
	if (!good) {
		nj_odd(d, NJ_SMB_ODD_HEADER);
		side->skip = side->frame;
		return;
	}
	if (v.len < need) {
		nj_want(d, need);
		return;
	}
	nj_confirm(d);
	m.v = nj_sub(v, 0, need);
	side->skip = m.len;
	if (m.version == 1)
		nj_smb1_message(s, d, &m);
	else
		nj_smb2_message(s, d, &m);
	if (side->bulk.on)
		side->skip = 0;
}

static void
in_frame(struct nj_dctx *d, struct nj_smb *s, enum nj_dir dir, struct nj_view v)
{
	struct nj_smb_side *side = &s->side[dir];

	if (side->frame < MAGIC || (v.len >= MAGIC && !is_magic(v.data))) {
		nj_odd(d, NJ_SMB_ODD_HEADER);
		side->skip = side->frame;
		return;
	}
	if (v.len < MAGIC)
		return;
	if (v.data[0] == MAGIC_TRANSFORM || v.data[0] == MAGIC_COMPRESSION) {
		nj_confirm(d);
		sealed(s, side, v.data[0]);
		return;
	}
	message(d, s, dir, v);
}

/* ---- The stream ---- */

/* Bytes of no interest. */
static size_t
pass(struct nj_dctx *d, struct nj_smb_side *side, struct nj_view v)
{
	size_t n = nj_min(side->skip, v.len);

	nj_consume(d, n);
	if (n < side->skip)
		nj_skip(d, side->skip - n);
	side->frame -= nj_min(side->skip, side->frame);
	side->skip = 0;
	return n;
}

/* One step; *used says how far it came. MORE and 0: no further with these
 * bytes. */
static enum nj_verdict
step(struct nj_dctx *d, enum nj_dir dir, struct nj_view v, size_t *used)
{
	struct nj_smb *s = nj_state(d);
	struct nj_smb_side *side = &s->side[dir];
	enum nj_verdict verdict = NJ_MORE;

	*used = 0;
	if (side->lost_place) {
		*used = find_frame(side, v);
		nj_consume(d, *used);
		side->scanned += (uint32_t)*used;
		if (!s->seen && side->scanned > SCAN_MAX)
			return NJ_REJECT;
	} else if (side->bulk.on) {
		uint32_t before = side->bulk.pre + side->bulk.left;

		*used = nj_smb_bulk_step(s, d, dir, v);
		nj_consume(d, *used);
		side->frame -= nj_min(
			side->frame, before - side->bulk.pre - side->bulk.left);
	} else if (side->skip) {
		*used = pass(d, side, v);
	} else if (side->frame) {
		in_frame(d, s, dir, v);
	} else {
		verdict = frame(d, s, side, v, used);
	}
	return verdict;
}

static enum nj_verdict
smb_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct nj_smb *s = nj_state(d);
	struct nj_smb_side *side = &s->side[dir];

	if (!s->seen && !nj_from_start(d) && !side->scanned && !side->frame &&
		v.data[0])
		side->lost_place = true;
	while (v.len) {
		bool was_lost = side->lost_place, was_bulk = side->bulk.on;
		uint32_t skip = side->skip;
		size_t used;
		enum nj_verdict verdict = step(d, dir, v, &used);

		if (verdict != NJ_MORE)
			return verdict;
		v = nj_sub(v, used, v.len);
		/* What takes no bytes must at least change what comes next. */
		if (!used && was_lost == side->lost_place &&
			was_bulk == side->bulk.on && skip == side->skip)
			break;
	}
	return NJ_MORE;
}

static enum nj_verdict
smb_gap(struct nj_dctx *d, enum nj_dir dir, struct nj_view v, uint64_t len)
{
	struct nj_smb *s = nj_state(d);
	struct nj_smb_side *side = &s->side[dir];
	uint64_t hole = len + v.len;

	if (!s->seen)
		return NJ_DONE;
	if (side->lost_place)
		return NJ_MORE;
	if (side->bulk.on && hole <= side->frame) {
		uint32_t before = side->bulk.pre + side->bulk.left;
		uint32_t n = (uint32_t)nj_min(hole, (uint64_t)before);

		nj_smb_bulk_gap(s, d, dir, n);
		side->frame -= nj_min(side->frame, n);
		hole -= n;
	} else if (side->bulk.on) {
		nj_smb_bulk_gap(s, d, dir, side->bulk.pre + side->bulk.left);
		side->frame = 0;
		side->skip = 0;
	}
	if (hole && hole < side->frame) {
		/* Of the rest of this frame nothing can be said. */
		nj_skip(d, side->frame - hole);
		side->frame = side->skip = 0;
	} else if (hole && hole == side->frame) {
		side->frame = side->skip = 0;
	} else if (hole) {
		side->frame = side->skip = 0;
		side->lost_place = true;
	}
	return NJ_MORE;
}

static void
smb_end(struct nj_dctx *d)
{
	struct nj_smb *s = nj_state(d);

	if (s->called.len)
		nj_smb_log_nbss(s, d, false, 0);
	nj_smb_fini(s, d);
}

const struct nj_dissector nj_dissector_smb = {
	.name = "smb",
	.title = "SMB",
	.ports = (const struct nj_port[]){ { NJ_TCP, 445 }, { NJ_TCP, 139 },
		{ 0 } },
	.sigs = (const struct nj_sig[]){ { "^\\x00...[\\xfc-\\xff]SMB",
						 NJ_SIG_TCP },
		{ "^\\x81\\x00\\x00\\x44\\x20[A-P]{32}\\x00\\x20[A-P]"
		  "{32}\\x00",
			NJ_SIG_TCP | NJ_SIG_ORIG },
		{ 0 } },
	.events = (const struct nj_event_desc *const[]){ &smb_files_desc,
		&smb_mapping_desc, &smb_cmd_desc, &smb_session_desc, &nbss_desc,
		&files_desc, &eve_smb_desc, NJ_RPC_EVENTS, NULL },
	.oddities = oddities,
	.state_bytes = sizeof(struct nj_smb),
	.buffer_max = 64 * 1024,
	.stream = smb_stream,
	.gap = smb_gap,
	.end = smb_end,
};
