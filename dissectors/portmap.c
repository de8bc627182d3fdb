/*
 * portmap.c - the port mapper (RFC 1833, versions 2 to 4): which service is
 * asked for, and at which port it is said to be. The answer is believed, so
 * that NFS and its helpers are known on any port.
 *
 * Why we parse it: a list of all services is what one asks for who looks for
 * a way in.
 */
#include <stdio.h>

#include "engine/dissect/dissector.h"

#include "dissectors/shared/onc.h"

#define PORTMAP(F, tag)                                                        \
	F(tag, 1, STR, procedure, NJ_INDEX | NJ_LEARN, "What was asked")       \
	F(tag, 2, U8, version, NJ_LEARN, "Version of the port mapper")         \
	F(tag, 3, U32, program, NJ_OPT | NJ_INDEX, "Number of the service")    \
	F(tag, 4, STR, program_name, NJ_INDEX | NJ_LEARN, "Its name")          \
	F(tag, 5, U32, program_version, NJ_OPT, "Its version")                 \
	F(tag, 6, STR, proto, 0, "tcp, udp ...")                               \
	F(tag, 7, U16, port, NJ_OPT | NJ_INDEX,                                \
		"Port where it is; 0: nowhere")                                \
	F(tag, 8, BOOL, success, NJ_OPT, "Was it answered?")                   \
	F(tag, 9, STR, address, 0, "Universal address where it is")            \
	F(tag, 10, U64, entries, NJ_OPT | NJ_LEARN, "Services in a list")

NJ_EVENT(portmap, PORTMAP, "A question to the port mapper");

enum {
	PORT = 111,
	PENDING_MAX = 32,
	BUFFER_BYTES = 16 * 1024,
	RECORD_MAX = 12 * 1024,
	GETPORT = 3, /* GETADDR in versions 3 and 4 */
	DUMP = 4,
	CALLIT = 5,
	TEXT_MAX = 128,
	ENTRIES_MAX = 1024
};

enum { ODD_MESSAGE };
static const struct nj_oddity oddities[] = {
	[ODD_MESSAGE] = { "portmap_message",
		"What should be the port mapper's is not" },
	{ 0 },
};

struct pending {
	uint32_t xid, version, procedure, program, program_version, proto;
	int64_t ts_ns;
	bool used;
};

struct portmap {
	struct pending pending[PENDING_MAX];
	unsigned next;
	bool sure;
};

static const char *
program_name(uint32_t program)
{
	static const struct {
		uint32_t program;
		const char *name;
	} names[] = { { 100000, "portmapper" }, { 100001, "rstatd" },
		{ 100002, "rusersd" }, { 100003, "nfs" }, { 100004, "ypserv" },
		{ 100005, "mountd" }, { 100007, "ypbind" }, { 100008, "walld" },
		{ 100009, "yppasswdd" }, { 100011, "rquotad" },
		{ 100012, "sprayd" }, { 100020, "llockmgr" },
		{ 100021, "nlockmgr" }, { 100024, "status" },
		{ 100068, "cmsd" }, { 100083, "ttdbserverd" },
		{ 100227, "nfs_acl" }, { 100232, "sadmind" },
		{ 150001, "pcnfsd" } };

	for (unsigned i = 0; i < nj_countof(names); i++)
		if (names[i].program == program)
			return names[i].name;
	return NULL;
}

static const char *
procedure_name(uint32_t version, uint32_t procedure)
{
	static const char *const two[] = { "NULL", "SET", "UNSET", "GETPORT",
		"DUMP", "CALLIT" };
	static const char *const more[] = { "NULL", "SET", "UNSET", "GETADDR",
		"DUMP", "BCAST", "GETTIME", "UADDR2TADDR", "TADDR2UADDR",
		"GETVERSADDR", "INDIRECT", "GETADDRLIST", "GETSTAT" };

	if (version == 2 && procedure < nj_countof(two))
		return two[procedure];
	if (version > 2 && procedure < nj_countof(more))
		return more[procedure];
	return "unknown";
}

/* ---- Records ---- */

static void
emit(struct nj_dctx *d, struct pending *p, struct portmap_event *ev)
{
	const char *name = program_name(p->program);

	ev->procedure = nj_str(procedure_name(p->version, p->procedure));
	ev->version = (uint8_t)p->version;
	if (p->program) {
		nj_set(ev, portmap, program, p->program);
		nj_set(ev, portmap, program_version, p->program_version);
		ev->program_name = name ? nj_str(name) : (struct nj_view){ 0 };
	}
	if (p->proto)
		ev->proto = p->proto == 6    ? NJ_LIT("tcp")
			    : p->proto == 17 ? NJ_LIT("udp")
					     : NJ_LIT("other");
	(void)nj_emit_at(d, &portmap_desc, ev, p->ts_ns);
	p->used = false;
}

static void
finish(struct nj_dctx *d, struct pending *p)
{
	struct portmap_event ev = { 0 };

	if (p->used)
		emit(d, p, &ev);
}

/* ---- Calls and replies ---- */

/* "tcp", "udp6" ...: the number of the protocol. */
static uint32_t
netid(struct nj_view v)
{
	return nj_view_starts(v, NJ_LIT("tcp"))   ? 6
	       : nj_view_starts(v, NJ_LIT("udp")) ? 17
						  : 255;
}

static void
called(struct nj_dctx *d, struct portmap *s, const struct nj_onc *m,
	struct nj_cur c)
{
	struct pending *p = &s->pending[s->next];

	for (unsigned i = 0; i < PENDING_MAX; i++)
		if (s->pending[i].used && s->pending[i].xid == m->xid)
			return; /* asked again */
	s->next = (s->next + 1) % PENDING_MAX;
	finish(d, p);
	*p = (struct pending){ .xid = m->xid,
		.version = m->version,
		.procedure = m->procedure,
		.ts_ns = nj_now(d),
		.used = true };
	if (!m->procedure || m->procedure == DUMP || m->procedure > CALLIT)
		return;
	p->program = nj_cur_u32(&c);
	p->program_version = nj_cur_u32(&c);
	if (m->procedure == CALLIT)
		return;
	p->proto = m->version == 2 ? nj_cur_u32(&c) : netid(nj_xdr_opaque(&c));
	if (c.bad)
		p->program = p->proto = 0;
}

static void
expect(struct nj_dctx *d, enum nj_dir server, const struct pending *p,
	uint16_t port)
{
	struct nj_expectation want = { .resp = nj_addr_of(d, server),
		.orig = nj_addr_of(d, nj_other(server)),
		.resp_port = port,
		.transport = p->proto == 6 ? NJ_TCP : NJ_UDP,
		.dissector = "nfs" };

	if (port && port != 2049 && (p->proto == 6 || p->proto == 17) &&
		(p->program == NJ_ONC_NFS || p->program == NJ_ONC_MOUNT))
		nj_expect(d, &want);
}

/* "192.0.2.1.8.1": the last two numbers are the port's (RFC 5665). */
static uint16_t
universal_port(struct nj_view v)
{
	unsigned part[2] = { 0 }, n = 0, scale = 1;

	for (size_t i = v.len; i-- && n < 2;) {
		if (v.data[i] == '.') {
			n++;
			scale = 1;
			continue;
		}
		if (v.data[i] < '0' || v.data[i] > '9' || scale > 100)
			return 0;
		part[n] += (v.data[i] - '0') * scale;
		scale *= 10;
	}
	return n < 2 || part[0] > 255 || part[1] > 255
		       ? 0
		       : (uint16_t)(part[1] << 8 | part[0]);
}

static uint64_t
list_length(struct nj_cur *c, bool two)
{
	uint64_t n = 0;

	while (n < ENTRIES_MAX && nj_cur_u32(c) == 1 && !c->bad) {
		nj_cur_skip(c, 8);
		if (two) {
			nj_cur_skip(c, 8);
		} else {
			(void)nj_xdr_opaque(c);
			(void)nj_xdr_opaque(c);
			(void)nj_xdr_opaque(c);
		}
		n++;
	}
	return n;
}

static void
replied(struct nj_dctx *d, struct portmap *s, enum nj_dir dir,
	const struct nj_onc *m, struct nj_cur c)
{
	struct portmap_event ev = { 0 };
	struct pending *p = NULL;
	uint32_t port;

	for (unsigned i = 0; i < PENDING_MAX && !p; i++)
		if (s->pending[i].used && s->pending[i].xid == m->xid)
			p = &s->pending[i];
	if (!p)
		return;
	nj_set(&ev, portmap, success, m->accepted);
	if (m->accepted && p->procedure == GETPORT && p->version == 2) {
		port = nj_cur_u32(&c);
		if (!c.bad && port <= UINT16_MAX)
			nj_set(&ev, portmap, port, (uint16_t)port);
	} else if (m->accepted && p->procedure == GETPORT) {
		ev.address = nj_sub(nj_xdr_opaque(&c), 0, TEXT_MAX);
		nj_set(&ev, portmap, port, universal_port(ev.address));
		if (!ev.address.len)
			ev.address.data = NULL;
	} else if (m->accepted && p->procedure == DUMP) {
		nj_set(&ev, portmap, entries, list_length(&c, p->version == 2));
	}
	expect(d, dir, p, ev.port);
	emit(d, p, &ev);
}

static bool
message(struct nj_dctx *d, struct portmap *s, enum nj_dir dir, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	struct nj_onc m;

	if (!nj_onc_read(&m, &c) || (!m.reply && m.program != NJ_ONC_PORTMAP))
		return false;
	if (m.reply) {
		replied(d, s, dir, &m, c);
		return true;
	}
	s->sure = true;
	nj_confirm(d);
	called(d, s, &m, c);
	return true;
}

/* ---- Callbacks ---- */

static enum nj_verdict
portmap_datagram(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct portmap *s = nj_state(d);

	if (message(d, s, dir, v))
		return NJ_MORE;
	if (!s->sure)
		return NJ_REJECT;
	nj_odd(d, ODD_MESSAGE);
	return NJ_MORE;
}

static enum nj_verdict
portmap_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct portmap *s = nj_state(d);

	while (v.len >= NJ_ONC_MARK_BYTES) {
		struct nj_cur c = nj_cur(v);
		uint32_t len = nj_cur_u32(&c) & ~(uint32_t)NJ_ONC_LAST;

		if (len > RECORD_MAX && !s->sure)
			return NJ_REJECT;
		if (len <= RECORD_MAX && nj_cur_left(&c) < len)
			return NJ_MORE;
		if (len <= RECORD_MAX &&
			!message(d, s, dir, nj_cur_take(&c, len))) {
			if (!s->sure)
				return NJ_REJECT;
			nj_odd(d, ODD_MESSAGE);
		}
		nj_consume(d, nj_min((size_t)len + 4, v.len));
		if ((size_t)len + 4 > v.len)
			nj_skip(d, (size_t)len + 4 - v.len);
		v = nj_sub(v, (size_t)len + 4, v.len);
	}
	return NJ_MORE;
}

static void
portmap_end(struct nj_dctx *d)
{
	struct portmap *s = nj_state(d);

	for (unsigned i = 0; i < PENDING_MAX; i++)
		finish(d, &s->pending[(s->next + i) % PENDING_MAX]);
}

/* A call of RPC version 2 to program 100000. */
#define CALL "....\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x02\\x00\\x01\\x86\\xa0"

const struct nj_dissector nj_dissector_portmap = {
	.name = "portmap",
	.title = "Port mapper",
	.ports = (const struct nj_port[]){ { NJ_UDP, PORT }, { NJ_TCP, PORT },
		{ 0 } },
	.sigs = (const struct nj_sig[]){ { "^" CALL, NJ_SIG_UDP | NJ_SIG_ORIG },
		{ "^\\x80..." CALL, NJ_SIG_TCP | NJ_SIG_ORIG }, { 0 } },
	.events = (const struct nj_event_desc *const[]){ &portmap_desc, NULL },
	.oddities = oddities,
	.state_bytes = sizeof(struct portmap),
	.buffer_max = BUFFER_BYTES,
	.stream = portmap_stream,
	.datagram = portmap_datagram,
	.end = portmap_end,
};
