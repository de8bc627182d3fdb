/*
 * print.c - what is sent to printers: LPD (RFC 1179), and jobs in PJL sent
 * straight to a printer (HP, "Printer Job Language Technical Reference"), one
 * record a job.
 *
 * Why we tell it: a job's name is often the document's, and who printed it
 * from where stands beside it.
 * Not done: IPP, which is a body of HTTP.
 */
#include "engine/dissect/dissector.h"

#define PRINT(F, tag)                                                          \
	F(tag, 1, STR, protocol, NJ_INDEX, "lpd or pjl")                       \
	F(tag, 2, STR, queue, NJ_INDEX, "Queue that is printed to")            \
	F(tag, 3, STR, job, NJ_INDEX | NJ_PII, "Name of the job")              \
	F(tag, 4, STR, user, NJ_INDEX | NJ_PII, "Who prints")                  \
	F(tag, 5, STR, host, NJ_INDEX, "From where")                           \
	F(tag, 6, STR, document, NJ_PII, "Name of the document")               \
	F(tag, 7, STR, language, NJ_LEARN, "Language of the page")             \
	F(tag, 8, U64, bytes, NJ_OPT, "Size of the document")

NJ_EVENT(print, PRINT, "One job for a printer");

enum { SERVICE_LPD, SERVICE_PJL };
static const char *const services[] = { "lpd", "pjl", NULL };

enum {
	PORT_LPD = 515,
	PORT_JET = 9100,
	RECEIVE = 2,
	CONTROL = 2,
	DATA = 3,
	LINE_MAX = 256,
	CONTROL_MAX = 16 * 1024,
	TEXT_MAX = 255,
	LINES_MAX = 128
};

struct state {
	struct nj_view queue, job, user, host, document, language; /* kept */
	uint64_t bytes;
	bool pjl, sure, named, receiving;
};

static void
keep(struct nj_dctx *d, struct nj_view *to, struct nj_view v)
{
	nj_drop(d, (void *)(uintptr_t)to->data);
	*to = v.len ? nj_keep_view(d, v, TEXT_MAX) : (struct nj_view){ 0 };
}

static void
believe(struct nj_dctx *d, struct state *s)
{
	if (!s->sure)
		nj_name_flow(d, s->pjl ? SERVICE_PJL : SERVICE_LPD);
	s->sure = true;
}

static void
tell(struct nj_dctx *d, struct state *s)
{
	struct print_event ev = { .queue = s->queue,
		.job = s->job,
		.user = s->user,
		.host = s->host,
		.document = s->document,
		.language = s->language };

	ev.protocol = nj_str(s->pjl ? "pjl" : "lpd");
	if (s->bytes)
		nj_set(&ev, print, bytes, s->bytes);
	if (s->named || s->bytes)
		(void)nj_emit(d, &print_desc, &ev);
	s->named = false;
	s->bytes = 0;
}

/* ---- LPD ---- */

/* A line a fact, its kind the first letter (section 7). */
static void
control_read(struct nj_dctx *d, struct state *s, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);

	for (unsigned i = 0; i < LINES_MAX && nj_cur_left(&c); i++) {
		struct nj_view line = nj_cur_line(&c), rest;

		if (c.bad || line.len < 2)
			return;
		rest = nj_sub(line, 1, line.len);
		if (line.data[0] == 'H')
			keep(d, &s->host, rest);
		else if (line.data[0] == 'P')
			keep(d, &s->user, rest);
		else if (line.data[0] == 'J')
			keep(d, &s->job, rest);
		else if (line.data[0] == 'N')
			keep(d, &s->document, rest);
	}
}

/* "\2 123 cfA001host\n", then so many bytes and a NUL. Bytes of it all; 0:
 * more is needed, SIZE_MAX: it is no such thing. */
static size_t
file_read(struct nj_dctx *d, struct state *s, struct nj_view v, size_t line)
{
	struct nj_view count = nj_sub(v, 1, line - 1);
	uint64_t n;

	count = nj_sub(count, 0, nj_view_chr(count, ' '));
	if (!nj_view_u64(count, &n))
		return SIZE_MAX;
	if (v.data[0] == DATA) {
		s->bytes += n;
		nj_consume(d, line + 1);
		nj_skip(d, n + 1);
		return 0;
	}
	if (n > CONTROL_MAX)
		return SIZE_MAX;
	if (v.len < line + 1 + n + 1)
		return 0;
	control_read(d, s, nj_sub(v, line + 1, (size_t)n));
	s->named = true;
	return line + 1 + (size_t)n + 1;
}

static size_t
lpd_command(struct nj_dctx *d, struct state *s, struct nj_view v)
{
	size_t line = nj_view_chr(v, '\n');

	if (line == SIZE_MAX)
		return v.len > LINE_MAX ? SIZE_MAX : 0;
	if (!s->receiving && v.data[0] == RECEIVE) {
		s->receiving = true;
		keep(d, &s->queue, nj_sub(v, 1, line - 1));
		return line + 1;
	}
	if (!s->receiving)
		return SIZE_MAX;
	if (v.data[0] != CONTROL && v.data[0] != DATA)
		return line + 1;
	return file_read(d, s, v, line);
}

/* ---- PJL ---- */

/* NAME = "text" somewhere in the line. */
static struct nj_view
quoted(struct nj_view line)
{
	size_t at = nj_view_chr(line, '"');

	if (at == SIZE_MAX)
		return (struct nj_view){ 0 };
	line = nj_sub(line, at + 1, line.len);
	return nj_sub(line, 0, nj_view_chr(line, '"'));
}

static bool
begins(struct nj_view line, const char *text)
{
	return nj_view_casestarts(line, nj_str(text));
}

static void
variable(struct nj_dctx *d, struct state *s, struct nj_view line)
{
	const struct {
		const char *name;
		struct nj_view *to;
	} known[] = { { "JOB ", &s->job }, { "SET JOBNAME", &s->job },
		{ "SET USERNAME", &s->user }, { "SET HOSTLOGINNAME", &s->user },
		{ "SET SOURCEPC", &s->host }, { "SET HOSTNAME", &s->host } };

	for (unsigned i = 0; i < nj_countof(known); i++)
		if (begins(line, known[i].name))
			keep(d, known[i].to, quoted(line));
}

/* A line of job control; SIZE_MAX when the page begins. */
static size_t
pjl_line(struct nj_dctx *d, struct state *s, struct nj_view v)
{
	size_t n = nj_view_chr(v, '\n');
	struct nj_view line = nj_sub(v, 0, n);

	if (n == SIZE_MAX)
		return v.len > 4 * LINE_MAX ? SIZE_MAX : 0;
	if (begins(line, "\x1b%-12345X"))
		line = nj_sub(line, 9, line.len);
	if (!line.len || line.data[0] == '\r')
		return n + 1;
	if (!begins(line, "@PJL"))
		return SIZE_MAX;
	line = nj_view_trim(nj_sub(line, 4, line.len));
	s->named = true;
	variable(d, s, line);
	if (!begins(line, "ENTER "))
		return n + 1;
	while (line.len && (line.data[line.len - 1] == '\r' ||
				   line.data[line.len - 1] == ' '))
		line.len--;
	n = nj_view_chr(line, '=');
	if (n != SIZE_MAX)
		keep(d, &s->language,
			nj_view_trim(nj_sub(line, n + 1, line.len)));
	return SIZE_MAX;
}

static enum nj_verdict
print_stream(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	struct state *s = nj_state(d);

	if (dir == NJ_RESP) {
		nj_consume(d, v.len);
		return NJ_MORE;
	}
	if (!s->sure)
		s->pjl = v.data[0] == 0x1b || v.data[0] == '@';
	while (v.len) {
		size_t n = s->pjl ? pjl_line(d, s, v) : lpd_command(d, s, v);

		if (n == SIZE_MAX && !s->named && !s->sure)
			return NJ_REJECT;
		if (n == SIZE_MAX) {
			believe(d, s);
			tell(d, s);
			return NJ_DONE;
		}
		if (n || s->bytes)
			believe(d, s);
		if (!n)
			return NJ_MORE;
		nj_consume(d, n);
		v = nj_sub(v, n, v.len);
	}
	return NJ_MORE;
}

static void
print_end(struct nj_dctx *d)
{
	struct state *s = nj_state(d);

	if (s->sure)
		tell(d, s);
}

/* LPD's commands are a byte and a line; only on its port is that enough. */
static enum nj_verdict
print_probe(struct nj_dctx *d, enum nj_dir dir, struct nj_view v)
{
	if (dir == NJ_RESP)
		return NJ_REJECT;
	if (nj_view_starts(v, NJ_LIT("\x1b%-12345X@PJL")) ||
		nj_view_starts(v, NJ_LIT("@PJL ")))
		return NJ_ACCEPT;
	return nj_port_of(d, NJ_RESP) == PORT_LPD && v.data[0] == RECEIVE
		       ? NJ_ACCEPT
		       : NJ_REJECT;
}

const struct nj_dissector nj_dissector_print = {
	.name = "print",
	.title = "LPD and PJL",
	.service = "",
	.services = services,
	.ports = (const struct nj_port[]){ { NJ_TCP, PORT_LPD },
		{ NJ_TCP, PORT_JET }, { 0 } },
	.sigs = (const struct nj_sig[]){ { "^\\x1b%-12345X@PJL",
						 NJ_SIG_TCP | NJ_SIG_ORIG },
		{ 0 } },
	.events = (const struct nj_event_desc *const[]){ &print_desc, NULL },
	.state_bytes = sizeof(struct state),
	.buffer_max = 32 * 1024,
	.probe = print_probe,
	.stream = print_stream,
	.end = print_end,
};
