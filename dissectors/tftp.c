/*
 * tftp.c - TFTP's requests (RFC 1350, options by RFC 2347 to 2349, RFC 7440):
 * which file is read from, or written to, which host. There is no log-in;
 * phones, switches and machines that start from the network are set up by it,
 * and so are those that were broken into.
 *
 * The other side answers from a port of its own, so that the transfer is a
 * flow of its own, which is expected (tftp_data.c); servers that answer from
 * the same port are read here.
 */
#include "engine/dissect/dissector.h"

#include "dissectors/shared/tftp.h"

#define TFTP(F, tag)                                                           \
	F(tag, 1, STR, command, NJ_INDEX | NJ_LEARN, "read or write")          \
	F(tag, 2, STR, file, NJ_INDEX | NJ_PII, "File")                        \
	F(tag, 3, STR, mode, NJ_LEARN, "octet, netascii or mail")              \
	F(tag, 4, VSTR, options, NJ_LEARN, "Options that were asked for")

NJ_EVENT(tftp, TFTP, "A request for a file by TFTP");

enum { PORT = 69, NAME_MAX_BYTES = 512, OPTIONS_MAX = 8 };

enum { ODD_PACKET };
static const struct nj_oddity oddities[] = {
	[ODD_PACKET] = { "tftp_packet", "What should be TFTP is not" },
	{ 0 },
};

struct tftp {
	struct nj_tftp transfer;
	bool sure;
};

struct request {
	uint16_t op;
	struct nj_view file, mode;
	struct nj_view names[OPTIONS_MAX], values[OPTIONS_MAX];
	uint32_t n_options;
};

static bool
is_mode(struct nj_view v)
{
	return nj_view_caseeq(v, NJ_LIT("octet")) ||
	       nj_view_caseeq(v, NJ_LIT("netascii")) ||
	       nj_view_caseeq(v, NJ_LIT("mail"));
}

static bool
request_read(struct request *r, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);

	*r = (struct request){ .op = nj_cur_u16(&c) };
	if (c.bad || (r->op != NJ_TFTP_READ && r->op != NJ_TFTP_WRITE) ||
		!nj_tftp_option(&c, &r->file, &r->mode) || !is_mode(r->mode))
		return false;
	while (nj_cur_left(&c) && r->n_options < OPTIONS_MAX &&
		nj_tftp_option(
			&c, &r->names[r->n_options], &r->values[r->n_options]))
		r->n_options++;
	return true;
}

static void
tell(struct nj_dctx *d, const struct request *r)
{
	struct nj_view options[OPTIONS_MAX];
	struct tftp_event ev = { .command = r->op == NJ_TFTP_READ
						    ? NJ_LIT("read")
						    : NJ_LIT("write"),
		.file = nj_sub(r->file, 0, NAME_MAX_BYTES),
		.mode = r->mode };

	for (uint32_t i = 0; i < r->n_options; i++)
		options[i] = nj_arena_printf(d, "%.*s=%.*s",
			(int)nj_min(r->names[i].len, (size_t)64),
			(const char *)r->names[i].data,
			(int)nj_min(r->values[i].len, (size_t)64),
			(const char *)r->values[i].data);
	if (r->n_options)
		ev.options = (struct nj_vstr){ options, r->n_options };
	(void)nj_emit(d, &tftp_desc, &ev);
}

static void
asked(struct nj_dctx *d, struct tftp *s, enum nj_dir dir,
	const struct request *r)
{
	struct nj_expectation want = { .orig = nj_addr_of(d, nj_other(dir)),
		.resp = nj_addr_of(d, dir),
		.resp_port = nj_port_of(d, dir),
		.transport = NJ_UDP,
		.dissector = "tftp_data",
		.lifetime_ns = 60 * NJ_NS_PER_S,
		.name = r->file };

	nj_tftp_end(&s->transfer, d);
	s->transfer.name = nj_keep_view(d, r->file, NAME_MAX_BYTES);
	tell(d, r);
	nj_expect(d, &want);
}

static enum nj_verdict
tftp_datagram(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct tftp *s = nj_state(d);
	struct request r;

	if (request_read(&r, v)) {
		s->sure = true;
		asked(d, s, dir, &r);
		return NJ_MORE;
	}
	if (!s->sure)
		return NJ_REJECT;
	if (!nj_tftp_packet(&s->transfer, d, dir, v))
		nj_odd(d, ODD_PACKET);
	return NJ_MORE;
}

static void
tftp_end(struct nj_dctx *d)
{
	struct tftp *s = nj_state(d);

	nj_tftp_end(&s->transfer, d);
}

const struct nj_dissector nj_dissector_tftp = {
	.name = "tftp",
	.title = "TFTP",
	.ports = (const struct nj_port[]){ { NJ_UDP, PORT }, { 0 } },
	.sigs = (const struct nj_sig[]){ { "^\\x00[\\x01\\x02][^\\x00]{1,200}"
					   "\\x00(octet|netascii|mail)\\x00",
						 NJ_SIG_UDP | NJ_SIG_NOCASE },
		{ 0 } },
	.events = (const struct nj_event_desc *const[]){ &tftp_desc,
		&tftp_transfer_desc, &files_desc, NULL },
	.oddities = oddities,
	.state_bytes = sizeof(struct tftp),
	.datagram = tftp_datagram,
	.end = tftp_end,
};
