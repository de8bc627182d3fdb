/*
 * events_gen.c - the pool of records of the made-up site, and rows of it.
 */
#include "bench/micro/events_gen.h"

#include <stdio.h>
#include <stdlib.h>

#include "bench/micro/events_site.h"
#include "dissectors/shared/dns_record.h"
#include "dissectors/shared/http_log.h"
#include "engine/base/hash.h"
#include "engine/event/community.h"
#include "engine/flow/conn.h"

enum {
	ROW_MAX = 2048,
	AHEAD = 8, /* rows to fetch ahead: the pool is larger than caches */
	PER_S = 20000
};

struct pool {
	struct nj_buf bytes;
	uint32_t *at; /* of each record, and the end */
	int64_t *age; /* how long before its end it began */
	uint32_t turn, stride;
};

struct bench_gen {
	struct bench_gen_conf conf;
	struct site *site;
	struct site_dice dice;
	int64_t now_ns;
	uint64_t rows;
	struct pool pools[BENCH_EVENT_COUNT];
	uint8_t row[ROW_MAX];
};

const struct nj_event_desc *
bench_gen_desc(enum bench_event type)
{
	static const struct nj_event_desc *const descs[] = { &conn_desc,
		&dns_desc, &http_desc };

	return descs[type];
}

/* ---- Flows ---- */

enum where { INSIDE, OUTSIDE, MANY };

/* What a site's connections are, by how many of a thousand. */
struct kind {
	unsigned weight;
	uint8_t proto;
	uint16_t port;
	enum where where;
	unsigned servers; /* the first so many inside */
	const char *service;
	double seconds, up, down; /* medians */
};
static const struct kind kinds[] = {
	{ 330, 17, 53, INSIDE, 2, "dns", 0.004, 38, 110 },
	{ 330, 6, 443, OUTSIDE, 0, "ssl", 4, 1900, 7000 },
	{ 60, 17, 443, OUTSIDE, 0, "quic,ssl", 15, 4500, 16000 },
	{ 50, 6, 80, OUTSIDE, 0, "http", 0.6, 400, 3000 },
	{ 40, 6, 445, INSIDE, 12, "gssapi,smb", 30, 6000, 9000 },
	{ 20, 6, 88, INSIDE, 3, "krb_tcp", 0.01, 1500, 1500 },
	{ 20, 6, 389, INSIDE, 3, "ldap_tcp", 1, 700, 1500 },
	{ 25, 17, 123, OUTSIDE, 0, "ntp", 0.02, 48, 48 },
	{ 20, 6, 8080, INSIDE, 30, "http", 0.2, 500, 2000 },
	{ 15, 6, 22, INSIDE, 40, "ssh", 60, 4000, 6000 },
	{ 10, 6, 3389, INSIDE, 40, "rdp,ssl", 300, 40000, 300000 },
	{ 15, 6, 993, OUTSIDE, 0, "ssl", 120, 2000, 6000 },
	{ 20, 1, 0, INSIDE, 60, NULL, 1, 64, 64 },
	{ 15, 17, 5353, MANY, 0, "dns", 2, 120, 0 },
	{ 30, 6, 0, INSIDE, 64, NULL, 0, 0, 0 }, /* nobody answers */
};

static const struct kind *
kind_pick(struct site_dice *d)
{
	uint32_t r = site_below(d, 1000);
	const struct kind *k = kinds;

	for (; k < kinds + nj_countof(kinds) - 1 && r >= k->weight; k++)
		r -= k->weight;
	return k;
}

struct flow {
	const struct kind *kind;
	const struct site_device *device;
	struct nj_head head;
};

static void
flow_make(struct bench_gen *g, const struct kind *k, struct flow *f)
{
	const struct site_device *dev =
		&g->site->devices[site_zipf(&g->dice, SITE_DEVICES)];
	uint32_t at = site_zipf(&g->dice,
		k->where == OUTSIDE ? SITE_OUTSIDE : nj_max(k->servers, 1u));
	static const uint8_t group[4] = { 224, 0, 0, 251 };
	bool v6 = k->where == OUTSIDE && site_percent(&g->dice, 12);

	*f = (struct flow){ k, dev, { .ip_proto = k->proto } };
	f->head.orig = v6 ? dev->v6 : dev->v4;
	f->head.resp = k->where == MANY     ? nj_addr4(group)
		       : k->where == INSIDE ? g->site->servers[at]
		       : v6                 ? g->site->outside6[at]
					    : g->site->outside4[at];
	f->head.vlan[0] = dev->vlan;
	f->head.orig_p =
		k->where == MANY
			? k->port
			: (uint16_t)(32768 + site_below(&g->dice, 28232));
	f->head.resp_p = k->port;
	if (k->proto == 1)
		f->head.orig_p = 8;
	else if (!k->port)
		f->head.resp_p = (uint16_t)site_below(&g->dice, 65536);
}

/* ---- conn ---- */

static struct nj_view
pick(struct site_dice *d, const char *const *texts, uint32_t n)
{
	return nj_str(texts[site_zipf(d, n)]);
}
#define PICK(d, texts) pick(d, texts, nj_countof(texts))

static void
conn_answered(struct bench_gen *g, const struct kind *k, struct conn_event *ev)
{
	static const char *const histories[] = { "ShADadFf", "ShADadfF",
		"ShADadFfR", "ShADadR", "ShADadFfr", "ShADdaFf", "ShADadttFf",
		"ShADadTFf", "ShADadr", "ShADad", "ShAdDaFf", "ShADadfFr",
		"ShADadtFfR", "ShADadTtFf", "ShADaFf", "ShADadfR" };
	static const char *const states[] = { "SF", "SF", "RSTO", "RSTR",
		"S1" };
	struct site_dice *d = &g->dice;
	uint64_t up = (uint64_t)site_lognormal(d, k->up, k->up > 300 ? 3 : 1.2);
	uint64_t down = (uint64_t)site_lognormal(
		d, k->down + 1, k->down > 300 ? 5 : 1.6);
	bool tcp = k->proto == 6;
	unsigned header = tcp ? site_percent(d, 70) ? 52 : 40 : 28;

	nj_set(ev, conn, duration,
		(int64_t)(site_lognormal(d, k->seconds, tcp ? 6 : 3) * 1e9));
	nj_set(ev, conn, orig_bytes, up);
	nj_set(ev, conn, resp_bytes, down);
	ev->orig_pkts = 1 + up / 700 + (tcp ? 5 + down / 2900 : 0);
	ev->resp_pkts = (down > 0) + down / 1300 + (tcp ? 4 : 0);
	ev->orig_ip_bytes = up + ev->orig_pkts * header + (tcp ? 8 : 0);
	ev->resp_ip_bytes = down + ev->resp_pkts * header + (tcp ? 8 : 0);
	ev->history = tcp           ? PICK(d, histories)
		      : k->down > 0 ? NJ_LIT("Dd")
				    : NJ_LIT("D");
	ev->conn_state = tcp           ? PICK(d, states)
			 : k->down > 0 ? NJ_LIT("SF")
				       : NJ_LIT("S0");
	if (site_percent(d, 0.3))
		ev->missed_bytes = site_below(d, 20000);
}

static void
conn_silent(struct bench_gen *g, struct conn_event *ev)
{
	bool refused = site_percent(&g->dice, 40);

	ev->conn_state = refused ? NJ_LIT("REJ") : NJ_LIT("S0");
	ev->history = refused ? NJ_LIT("Sr") : NJ_LIT("S");
	ev->orig_pkts = refused ? 1 : 1 + site_below(&g->dice, 4);
	ev->orig_ip_bytes = 60 * ev->orig_pkts;
	ev->resp_pkts = refused;
	ev->resp_ip_bytes = refused ? 40 : 0;
	ev->one_way = !refused;
}

static size_t
conn_make(struct bench_gen *g, uint8_t *out)
{
	static const char *const ends[] = { "timeout", "closed" };
	const struct kind *k = kind_pick(&g->dice);
	struct conn_event ev = { .local_orig = true,
		.local_resp = k->where == INSIDE,
		.ip_proto = k->proto };
	char community[NJ_COMMUNITY_TEXT];
	struct flow f;

	flow_make(g, k, &f);
	if (k->up > 0)
		conn_answered(g, k, &ev);
	else
		conn_silent(g, &ev);
	ev.proto = nj_str(k->proto == 6    ? "tcp"
			  : k->proto == 17 ? "udp"
					   : "icmp");
	if (k->service)
		ev.service = nj_str(k->service);
	ev.orig_l2_addr = nj_str(f.device->mac);
	/* That of the subnet's router. */
	ev.resp_l2_addr = nj_str(g->site->devices[f.head.vlan[0] - 100].mac);
	nj_set(&ev, conn, vlan, f.head.vlan[0]);
	ev.community_id = (struct nj_view){ (const uint8_t *)community,
		nj_community_id(&f.head, true, community) };
	ev.ended = nj_str(ends[k->proto == 6 && !ev.one_way]);
	return nj_row_encode(out, ROW_MAX, &conn_desc, &f.head, &ev);
}

/* ---- dns ---- */

enum { ANSWERS_MAX = 6, ANSWER_BYTES = 64 };

struct answers {
	char text[ANSWERS_MAX][ANSWER_BYTES];
	struct nj_view views[ANSWERS_MAX];
	int64_t ttl[ANSWERS_MAX];
	uint32_t n;
};

static void
answers_make(struct bench_gen *g, struct answers *a, uint32_t name, bool v6)
{
	static const int64_t ttls[] = { 300, 60, 3600, 20, 86400, 600 };

	a->n = 1 + site_zipf(&g->dice, ANSWERS_MAX - 1);
	for (uint32_t i = 0; i < a->n; i++) {
		uint64_t r = nj_mix64((uint64_t)name << 8 | i);
		const struct nj_addr *addr =
			v6 ? &g->site->outside6[r % SITE_OUTSIDE]
			   : &g->site->outside4[r % SITE_OUTSIDE];
		size_t n;

		if (i == 0 && r % 3 == 0)
			n = (size_t)snprintf(a->text[i], ANSWER_BYTES,
				"e%u.edge.cdn-%u.net",
				(unsigned)(r >> 8) % 9999,
				(unsigned)(r >> 32) % 20);
		else
			n = nj_addr_text(addr, a->text[i]);
		a->views[i] =
			(struct nj_view){ (const uint8_t *)a->text[i], n };
		a->ttl[i] = site_percent(&g->dice, 50)
				    ? ttls[r % nj_countof(ttls)]
				    : site_below(&g->dice, 300);
		a->ttl[i] *= NJ_NS_PER_S;
	}
}

static size_t
dns_make(struct bench_gen *g, uint8_t *out)
{
	static const struct {
		uint16_t number;
		const char *name;
	} types[] = { { 1, "A" }, { 28, "AAAA" }, { 65, "HTTPS" },
		{ 12, "PTR" }, { 33, "SRV" }, { 16, "TXT" } };
	struct site_dice *d = &g->dice;
	uint32_t name = site_zipf(d, SITE_NAMES), type = site_zipf(d, 6);
	bool there = site_percent(d, 92), answered = type < 2 && there;
	struct dns_event ev = { .proto = NJ_LIT("udp"),
		.trans_id = (uint16_t)site_roll(d),
		.qclass_name = NJ_LIT("C_INTERNET"),
		.RD = true,
		.RA = there,
		.opcode_name = NJ_LIT("query") };
	struct answers a;
	struct flow f;

	flow_make(g, &kinds[0], &f);
	ev.query = nj_str(g->site->names[name]);
	ev.qtype_name = nj_str(types[type].name);
	ev.rcode_name = there ? NJ_LIT("NOERROR") : NJ_LIT("NXDOMAIN");
	nj_set(&ev, dns, qclass, 1);
	nj_set(&ev, dns, qtype, types[type].number);
	nj_set(&ev, dns, rcode, there ? 0 : 3);
	nj_set(&ev, dns, rtt, (int64_t)(site_lognormal(d, 0.004, 4) * 1e9));
	if (answered) {
		answers_make(g, &a, name, type == 1);
		ev.answers = (struct nj_vstr){ a.views, a.n };
		ev.TTLs = (struct nj_vival){ a.ttl, a.n };
	}
	return nj_row_encode(out, ROW_MAX, &dns_desc, &f.head, &ev);
}

/* ---- http ---- */

enum { URI_BYTES = 160, AGENT_BYTES = 160, AGENTS = 60 };

static void
uri_make(struct bench_gen *g, uint32_t name, char uri[URI_BYTES])
{
	static const char *const paths[] = { "/", "/api/v2/status",
		"/static/js/app", "/images/thumb", "/v1/telemetry/events",
		"/search", "/download/update", "/login", "/feed/latest",
		"/ocsp", "/generate_204", "/connecttest.txt" };
	static const char *const ends[] = { "", ".js", ".jpg", "", "?q=weather",
		".cab", "", ".xml", "", "", "", "" };
	uint32_t at = site_zipf(&g->dice, nj_countof(paths));
	unsigned r = (unsigned)site_roll(&g->dice);

	if (r % 3)
		(void)snprintf(uri, URI_BYTES, "%s%s", paths[at], ends[at]);
	else
		(void)snprintf(uri, URI_BYTES, "%s/%u/%08x%s?id=%u&s=%x",
			paths[at], (unsigned)name % 100, r, ends[at],
			r % 100000, (unsigned)site_roll(&g->dice));
}

static void
agent_make(struct bench_gen *g, const struct site_device *dev,
	char agent[AGENT_BYTES])
{
	/* A device has few programs. */
	uint64_t own = nj_mix64(dev->v4.bytes[3] * 256u + dev->v4.bytes[2]);
	unsigned which = (unsigned)(own >> site_below(&g->dice, 3)) % AGENTS;

	(void)snprintf(agent, AGENT_BYTES,
		which % 3 ? "Mozilla/5.0 (Windows NT 10.0; Win64; x64) "
			    "AppleWebKit/537.36 (KHTML, like Gecko) "
			    "Chrome/%u.0.0.0 Safari/537.36"
			  : "Client-Update-Agent/%u.1",
		90 + which);
}

static size_t
http_make(struct bench_gen *g, uint8_t *out)
{
	static const char *const methods[] = { "GET", "POST", "HEAD" };
	static const char *const mimes[] = { "text/html", "text/json",
		"image/jpeg", "application/javascript", "image/png" };
	static const struct {
		uint16_t code;
		const char *text;
	} statuses[] = { { 200, "OK" }, { 304, "Not Modified" },
		{ 302, "Found" }, { 404, "Not Found" }, { 204, "No Content" } };
	struct site_dice *d = &g->dice;
	uint32_t name = site_zipf(d, SITE_NAMES), status = site_zipf(d, 5);
	char uri[URI_BYTES], agent[AGENT_BYTES], fuid[NJ_UID_CAP];
	uint64_t id[2] = { site_roll(d), site_roll(d) };
	struct nj_view fuids, mime = nj_str(mimes[site_zipf(d, 5)]);
	struct http_event ev = { .trans_depth = 1 + site_zipf(d, 12),
		.version = NJ_LIT("1.1"),
		.request_body_len =
			site_percent(d, 15) ? site_below(d, 3000) : 0,
		.status_msg = nj_str(statuses[status].text) };
	struct flow f;

	flow_make(g, &kinds[3], &f);
	uri_make(g, name, uri);
	agent_make(g, f.device, agent);
	fuids = (struct nj_view){ (const uint8_t *)fuid,
		nj_uid_format('F', id, fuid) };
	ev.method = PICK(d, methods);
	ev.host = nj_str(g->site->names[name]);
	ev.uri = nj_str(uri);
	ev.user_agent = nj_str(agent);
	nj_set(&ev, http, status_code, statuses[status].code);
	if (!status) {
		ev.response_body_len = (uint64_t)site_lognormal(d, 3000, 6);
		ev.resp_fuids = (struct nj_vstr){ &fuids, 1 };
		ev.resp_mime_types = (struct nj_vstr){ &mime, 1 };
	}
	return nj_row_encode(out, ROW_MAX, &http_desc, &f.head, &ev);
}

/* ---- The pool and its rows ---- */

static size_t (*const makers[])(
	struct bench_gen *g, uint8_t *out) = { conn_make, dns_make, http_make };

/* How long a conn record's flow took: it is written at the end of it. */
static int64_t
row_age(struct nj_view bytes)
{
	struct nj_row_iter it;
	struct nj_row_field f;
	struct nj_row row;

	if (!nj_row_parse(&row, bytes) || row.type != nj_event_type(&conn_desc))
		return 0;
	nj_row_iter_init(&it, &row);
	while (nj_row_next(&it, &f))
		if (f.id == conn_F_duration)
			return f.i;
	return 0;
}

static enum nj_err
pool_make(struct bench_gen *g, enum bench_event type)
{
	struct pool *p = &g->pools[type];
	struct nj_view v;

	p->at = calloc((size_t)g->conf.pool + 1, sizeof(*p->at));
	p->age = calloc(g->conf.pool, sizeof(*p->age));
	if (!p->at || !p->age)
		return NJ_E_NOMEM;
	p->stride = 1;
	for (uint32_t i = 0; i < g->conf.pool; i++) {
		if (!nj_buf_room(&p->bytes, ROW_MAX))
			return NJ_E_NOMEM;
		v.data = p->bytes.data + p->bytes.len;
		v.len = makers[type](g, p->bytes.data + p->bytes.len);
		p->bytes.len += v.len;
		p->at[i + 1] = (uint32_t)p->bytes.len;
		p->age[i] = row_age(v);
	}
	return NJ_OK;
}

enum nj_err
bench_gen_create(struct bench_gen **out, const struct bench_gen_conf *conf)
{
	static const struct bench_gen_conf usual = { BENCH_SEED, BENCH_POOL,
		INT64_C(1767225600) * NJ_NS_PER_S, PER_S };
	struct bench_gen *g = calloc(1, sizeof(*g));
	enum nj_err err = NJ_OK;

	*out = NULL;
	if (!g)
		return NJ_E_NOMEM;
	g->conf = conf ? *conf : usual;
	g->now_ns = g->conf.start_ns;
	g->dice.state = g->conf.seed;
	g->site = calloc(1, sizeof(*g->site));
	if (!g->site)
		err = NJ_E_NOMEM;
	else
		site_make(g->site, g->conf.seed);
	for (unsigned t = 0; t < BENCH_EVENT_COUNT && !err; t++)
		err = nj_event_register(bench_gen_desc(t));
	if (err)
		bench_gen_destroy(&g);
	*out = g;
	return err;
}

void
bench_gen_destroy(struct bench_gen **g)
{
	if (!*g)
		return;
	for (unsigned t = 0; t < BENCH_EVENT_COUNT; t++) {
		free((*g)->pools[t].at);
		free((*g)->pools[t].age);
		nj_buf_free(&(*g)->pools[t].bytes);
	}
	free((*g)->site);
	free(*g);
	*g = NULL;
}

void
bench_gen_uid(const struct bench_gen *g, uint64_t n, uint64_t uid[2])
{
	uid[0] = nj_mix64(g->conf.seed ^ n << 20);
	uid[1] = (uint32_t)nj_mix64(uid[0] + n);
}

struct nj_view
bench_gen_next(struct bench_gen *g, enum bench_event type)
{
	struct pool *p = &g->pools[type];
	uint32_t mask = g->conf.pool - 1, at;
	struct nj_view v = { g->row, 0 };
	uint64_t uid[2];

	if (!p->at && pool_make(g, type))
		return (struct nj_view){ 0 };
	/* An odd stride goes through all before any comes again. */
	at = p->turn++ * p->stride & mask;
	if (!(p->turn & mask))
		p->stride = (uint32_t)site_roll(&g->dice) | 1;
	__builtin_prefetch(
		p->bytes.data + p->at[(at + AHEAD * p->stride) & mask]);
	v.len = p->at[at + 1] - p->at[at];
	memcpy(g->row, p->bytes.data + p->at[at], v.len);
	g->now_ns += site_below(
		&g->dice, (uint32_t)(2 * NJ_NS_PER_S / g->conf.per_s));
	bench_gen_uid(g, g->rows++, uid);
	nj_row_stamp(g->row, g->now_ns, g->now_ns - p->age[at], uid);
	return v;
}
