/*
 * software.c - writes the records of the software log.
 */
#include "dissectors/shared/software.h"

NJ_EVENT_DEFINE(software, SOFTWARE, NJ_EV_NO_ID | NJ_EV_ONCE,
	"A program that a host runs, once a day");

enum { TEXT_MAX = 256 };

static void
fill(struct software_event *ev, const struct nj_software *s)
{
	const uint32_t *n = s->number;

	ev->name = s->name;
	ev->version__addl = s->addl.len ? s->addl : (struct nj_view){ 0 };
	if (s->count > 0)
		nj_set(ev, software, version__major, n[0]);
	if (s->count > 1)
		nj_set(ev, software, version__minor, n[1]);
	if (s->count > 2)
		nj_set(ev, software, version__minor2, n[2]);
	if (s->count > 3)
		nj_set(ev, software, version__minor3, n[3]);
}

static void
emit(struct nj_dctx *d, const struct nj_software_found *f,
	const struct nj_software *s)
{
	struct software_event ev = { .host = f->host,
		.software_type = nj_str(f->type),
		.unparsed_version = nj_view_trim(f->text) };
	struct nj_head head = { .ts_ns = nj_now(d) };

	fill(&ev, s);
	if (!ev.name.len)
		ev.name = nj_str(f->name);
	if (f->port)
		nj_set(&ev, software, host_p, f->port);
	(void)nj_emit_head(d, &software_desc, &head, &ev);
}

static bool
is_told_of(struct nj_dctx *d, const struct nj_software_found *f)
{
	return f->text.len && f->host.family &&
	       (f->ours || nj_is_local(d, f->host));
}

void
nj_software_tell(struct nj_dctx *d, const struct nj_software_found *f)
{
	struct nj_software_found cut = *f;
	struct nj_software s;

	cut.text.len = nj_min(cut.text.len, (size_t)TEXT_MAX);
	if (!is_told_of(d, &cut))
		return;
	nj_software_parse(&s, cut.text);
	emit(d, &cut, &s);
}

static struct nj_software_found
found_on(struct nj_dctx *d, enum nj_dir dir, const char *type,
	struct nj_view text)
{
	return (struct nj_software_found){ .type = type,
		.host = nj_addr_of(d, dir),
		.port = dir == NJ_RESP ? nj_port_of(d, dir) : 0,
		.text = nj_sub(text, 0, TEXT_MAX) };
}

void
nj_software_side(struct nj_dctx *d, enum nj_dir dir, const char *type,
	struct nj_view text)
{
	struct nj_software_found f = found_on(d, dir, type, text);

	nj_software_tell(d, &f);
}

/* Versions of Windows by that of its certificate library, which asks for
 * revocation lists in its own name. */
static void
windows(struct nj_dctx *d, struct nj_view agent)
{
	static const struct {
		const char *agent, *addl;
		uint32_t major, minor;
	} systems[] = {
		{ "5.131.2195", "2000", 5, 0 },
		{ "5.131.2600", "XP", 5, 1 },
		{ "5.131.3790", "XP x64 or Server 2003", 5, 2 },
		{ "6.0", "Vista or Server 2008", 6, 0 },
		{ "6.1", "7 or Server 2008 R2", 6, 1 },
		{ "6.2", "8 or Server 2012", 6, 2 },
		{ "6.3", "8.1 or Server 2012 R2", 6, 3 },
		{ "6.4", "10 Technical Preview", 6, 4 },
		{ "10.0", "10, 11 or Server 2016 and later", 10, 0 },
	};
	static const struct nj_view library = {
		(const uint8_t *)"Microsoft-CryptoAPI/", 20
	};
	struct nj_software_found f = found_on(d, NJ_ORIG, "OS::WINDOWS", agent);

	if (!nj_view_starts(agent, library) || !is_told_of(d, &f))
		return;
	agent = nj_sub(agent, library.len, agent.len);
	for (size_t i = 0; i < nj_countof(systems); i++) {
		struct nj_software s = { .name = NJ_LIT("Windows"),
			.addl = nj_str(systems[i].addl),
			.number = { systems[i].major, systems[i].minor },
			.count = 2 };

		if (nj_view_starts(agent, nj_str(systems[i].agent))) {
			emit(d, &f, &s);
			return;
		}
	}
}

/* FNV-1a: two texts of one hash only mean that one of them is not told. */
static uint64_t
text_hash(struct nj_view v)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < nj_min(v.len, (size_t)TEXT_MAX); i++)
		h = (h ^ v.data[i]) * UINT64_C(0x100000001b3);
	return h;
}

void
nj_software_http_field(struct nj_software_http *s, struct nj_dctx *d,
	enum nj_dir dir, const struct nj_view field[2])
{
	static const struct {
		struct nj_view name;
		enum nj_dir dir;
		const char *type;
	} rows[] = {
		{ { (const uint8_t *)"user-agent", 10 }, NJ_ORIG,
			"HTTP::BROWSER" },
		{ { (const uint8_t *)"server", 6 }, NJ_RESP, "HTTP::SERVER" },
		{ { (const uint8_t *)"x-powered-by", 12 }, NJ_RESP,
			"HTTP::APPSERVER" },
	};
	_Static_assert(
		nj_countof(rows) == nj_countof(s->told), "one place a header");

	for (unsigned i = 0; i < nj_countof(rows); i++) {
		uint64_t hash;

		if (dir != rows[i].dir || field[0].len != rows[i].name.len ||
			!nj_view_caseeq(field[0], rows[i].name))
			continue;
		hash = text_hash(field[1]);
		if (s->told[i] == hash)
			return;
		s->told[i] = hash;
		nj_software_side(d, dir, rows[i].type, field[1]);
		if (dir == NJ_ORIG)
			windows(d, field[1]);
	}
}
