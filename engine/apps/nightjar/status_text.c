/*
 * status_text.c - the status for people: what is the matter first, then what
 * is there, in columns, with units.
 */
#include <stdarg.h>
#include <stdio.h>

#include "engine/apps/nightjar/status.h"

struct page {
	struct nj_buf *out;
	bool colour;
};

enum style { PLAIN, BOLD, GOOD, WARN, BAD };

static const char *
style_begin(const struct page *p, enum style style)
{
	static const char *const codes[] = { [PLAIN] = "",
		[BOLD] = "\033[1m",
		[GOOD] = "\033[32m",
		[WARN] = "\033[33m",
		[BAD] = "\033[31m" };

	return p->colour ? codes[style] : "";
}

static void NJ_PRINTF(3, 4)
	put(struct page *p, enum style style, const char *fmt, ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	/* Names come from elsewhere: a terminal must not obey them. */
	for (char *c = text; *c; c++)
		if ((uint8_t)*c < ' ' && *c != '\n')
			*c = '?';
	nj_buf_str(p->out, style_begin(p, style));
	nj_buf_str(p->out, text);
	if (p->colour && style != PLAIN)
		nj_buf_str(p->out, "\033[0m");
}

static void
heading(struct page *p, const char *text)
{
	nj_buf_char(p->out, '\n');
	put(p, BOLD, "%s\n", text);
}

/* Four digits and a prefix: "12.3 k". */
struct amount {
	char text[16];
};

static struct amount
amount(uint64_t n, unsigned base)
{
	static const char prefixes[] = " kMGTPE";
	double x = (double)n;
	struct amount a;
	unsigned i = 0;

	for (; x >= 1000 && i < sizeof(prefixes) - 2; i++)
		x /= base;
	if (!i)
		(void)snprintf(
			a.text, sizeof(a.text), "%llu ", (unsigned long long)n);
	else
		(void)snprintf(a.text, sizeof(a.text), "%.*f %c",
			x < 10    ? 2
			: x < 100 ? 1
				  : 0,
			x, prefixes[i]);
	return a;
}

static struct amount
since(int64_t from_ns, int64_t to_ns)
{
	long long s = from_ns ? (to_ns - from_ns) / NJ_NS_PER_S : -1;
	struct amount a;

	if (s < 0)
		(void)snprintf(a.text, sizeof(a.text), "never");
	else if (s < 120)
		(void)snprintf(a.text, sizeof(a.text), "%lld s", s);
	else if (s < 7200)
		(void)snprintf(a.text, sizeof(a.text), "%lld min", s / 60);
	else if (s < 172800)
		(void)snprintf(a.text, sizeof(a.text), "%lld h", s / 3600);
	else
		(void)snprintf(a.text, sizeof(a.text), "%lld d", s / 86400);
	return a;
}

static enum style
stage_style(uint64_t stage)
{
	return stage == NJ_STAGE_RUNNING   ? GOOD
	       : stage == NJ_STAGE_WAITING ? BAD
					   : WARN;
}

static void
processes(struct page *p, const struct nj_status *s)
{
	heading(p, "Processes");
	put(p, PLAIN, "  %-8s", "keeper");
	put(p, GOOD, "%-12s", "running");
	put(p, PLAIN, "pid %-8llu since %s\n",
		(unsigned long long)s->keeper.pid,
		since(s->keeper.started_ns, s->now_ns).text);
	for (unsigned i = NJ_PART_SENSOR; i < NJ_PARTS; i++) {
		const struct nj_process_state *x = &s->keeper.processes[i];

		put(p, PLAIN, "  %-8s", nj_part_name(i));
		put(p, stage_style(x->stage), "%-12s", nj_stage_name(x->stage));
		put(p, PLAIN, "pid %-8llu since %s", (unsigned long long)x->pid,
			since(x->started_ns, s->now_ns).text);
		if (x->restarts)
			put(p, WARN, ", %llu restarts, last: %s",
				(unsigned long long)x->restarts, x->last_exit);
		nj_buf_char(p->out, '\n');
	}
}

static void
port_link(struct page *p, const struct nj_port_state *x)
{
	char link[40] = "";

	if (x->link_known && x->link_up && x->speed_mbps)
		(void)snprintf(link, sizeof(link), "up %llu Mb/s",
			(unsigned long long)x->speed_mbps);
	else if (x->link_known)
		(void)snprintf(
			link, sizeof(link), "%s", x->link_up ? "up" : "down");
	put(p, x->link_known && !x->link_up ? BAD : PLAIN, "%-14s", link);
}

static void
ports(struct page *p, const struct nj_status *s)
{
	heading(p, "Ports");
	put(p, PLAIN, "  %-16s%-8s%-16s%-14s%12s%12s%12s%12s\n", "name",
		"state", "driver", "link", "received", "lost", "copies",
		"excluded");
	for (unsigned i = 0; i < s->sensor.ports; i++) {
		const struct nj_port_state *x = &s->sensor.port[i];
		uint64_t lost = nj_source_lost(&x->count);

		put(p, PLAIN, "  %-16.15s", x->name);
		put(p,
			x->stage == NJ_PORT_OPEN     ? GOOD
			: x->stage == NJ_PORT_CLOSED ? BAD
						     : PLAIN,
			"%-8s", nj_port_stage_name(x->stage));
		put(p, PLAIN, "%-16.15s", x->driver);
		port_link(p, x);
		put(p, PLAIN, "%12s", amount(x->count.received, 1000).text);
		put(p, lost ? BAD : PLAIN, "%12s", amount(lost, 1000).text);
		put(p, PLAIN, "%12s%12s\n", amount(x->duplicate, 1000).text,
			amount(x->excluded, 1000).text);
	}
}

static void
rates(struct page *p, const struct nj_status *s)
{
	heading(p, "Rates");
	put(p, PLAIN, "  %-18s%12s%12s%12s\n", "", "last second", "average",
		"peak");
	for (unsigned i = 0; i < NJ_RATE_COUNT; i++) {
		const struct nj_rate *r = &s->sensor.rates[i];
		const struct nj_rate_desc *d = &nj_rate_descs[i];

		put(p, PLAIN, "  %-18s", d->name);
		put(p, i == NJ_RATE_lost && r->last ? BAD : PLAIN, "%12s",
			amount(r->last, 1000).text);
		put(p, PLAIN, "%12s%12s  %s\n", amount(r->average, 1000).text,
			amount(r->peak, 1000).text, d->unit);
	}
	put(p, PLAIN, "  last packet       %12s%s\n",
		since(s->sensor.last_packet_ns, s->now_ns).text,
		s->sensor.last_packet_ns ? " ago" : "");
}

static enum style
severity_style(enum nj_severity severity)
{
	return severity == NJ_SEV_ERROR  ? BAD
	       : severity == NJ_SEV_WARN ? WARN
					 : PLAIN;
}

/* Counters of packets that are not 0, but for the one that is the sum. */
static void
ledger_lines(struct page *p, const struct nj_counters_desc *desc,
	const uint64_t *values)
{
	for (unsigned i = 0; i < desc->count; i++) {
		const struct nj_counter_desc *c = &desc->list[i];

		if (!values[i] || c->unit != NJ_UNIT_PACKETS ||
			!strcmp(c->name, "received") ||
			!strcmp(c->name, "snapped"))
			continue;
		put(p, severity_style(c->severity), "  %-18s%20llu", c->name,
			(unsigned long long)values[i]);
		put(p, PLAIN, "  %s\n", c->text);
	}
}

static void
ledger(struct page *p, const struct nj_status *s)
{
	const struct source_counters *c = &s->sum.source;
	uint64_t from[sizeof(*c) / 8], to[sizeof(s->sum.ledger) / 8];

	memcpy(from, c, sizeof(from));
	memcpy(to, &s->sum.ledger, sizeof(to));
	heading(p, "Loss ledger");
	put(p, PLAIN, "  %-18s%20llu  Packets that reached the ports\n",
		"reached",
		(unsigned long long)(c->received + nj_source_lost(c)));
	ledger_lines(p, &source_counters_desc, from);
	ledger_lines(p, &ledger_counters_desc, to);
	put(p, PLAIN, "  %-18s%20llu  Packets between port and worker\n",
		"in flight", (unsigned long long)s->sensor.in_flight);
	put(p, s->sum.unaccounted ? BAD : GOOD, "  %-18s%20lld", "unaccounted",
		(long long)s->sum.unaccounted);
	put(p, PLAIN, "  Packets in no counter\n");
}

static void
workers(struct page *p, const struct nj_status *s)
{
	struct worker_counters c;
	struct nj_ring_counters ring;

	heading(p, "Workers");
	put(p, PLAIN, "  %-4s%-6s%-10s%12s%12s%12s%14s%12s\n", "no.", "core",
		"state", "packets", "flows", "records", "records lost",
		"ring fill");
	for (unsigned i = 0; i < s->workers; i++) {
		const struct nj_worker_state *w = &s->worker[i];
		char core[24] = "any";

		if (w->core >= 0)
			(void)snprintf(
				core, sizeof(core), "%lld", (long long)w->core);
		memcpy(&c, nj_worker_values_of(w, NJ_WORKER_worker), sizeof(c));
		memcpy(&ring, nj_worker_values_of(w, NJ_WORKER_ring),
			sizeof(ring));
		put(p, PLAIN, "  %-4u%-6s", i, core);
		put(p, stage_style(w->stage), "%-10s", nj_stage_name(w->stage));
		put(p, PLAIN, "%12s%12s%12s",
			amount(nj_worker_ledger(w).received, 1000).text,
			amount(w->flows, 1000).text, amount(c.rows, 1000).text);
		put(p, c.rows_lost ? BAD : PLAIN, "%14s",
			amount(c.rows_lost, 1000).text);
		put(p, PLAIN, "%10llu %%\n",
			(unsigned long long)(w->ring_bytes
						     ? ring.waiting * 100 /
							       w->ring_bytes
						     : 0));
	}
}

static void
memory(struct page *p, const struct nj_status *s)
{
	heading(p, "Memory");
	put(p, PLAIN, "  %-18s%12s%12s%12s%12s\n", "", "used", "peak", "of",
		"memory");
	if (s->sensor.buffers)
		put(p, PLAIN, "  %-18s%12s%12s%12s  %s\n", "packets in flight",
			amount(s->sensor.buffers_used, 1000).text, "",
			amount(s->sensor.buffers, 1000).text, s->sensor.memory);
	for (unsigned i = 0; i < s->memory.pools; i++) {
		const struct nj_pool_state *x = &s->memory.pool[i];

		put(p,
			x->capacity && x->used > x->capacity / 10 * 9 ? WARN
								      : PLAIN,
			"  %-18s%12s%12s%12s%11sB\n", x->name,
			amount(x->used, 1000).text, amount(x->peak, 1000).text,
			amount(x->capacity, 1000).text,
			amount(x->bytes, 1024).text);
	}
}

static void
spool(struct page *p, const struct nj_spool_state *t)
{
	if (t->bytes_max)
		put(p, t->full ? BAD : PLAIN,
			"  %-18s%11sB  on disk, of %sB, waiting for the "
			"brain\n",
			"spooled", amount(t->count.held, 1024).text,
			amount(t->bytes_max, 1024).text);
	for (unsigned i = 0; i < t->types_lost; i++)
		put(p, BAD, "  %-18s%12llu  %s records that found no room\n",
			"lost", (unsigned long long)t->lost[i].rows,
			nj_status_type(t->lost[i].type).text);
}

static void
store(struct page *p, const struct nj_store_state *t, int64_t now_ns)
{
	put(p, PLAIN, "  %-18s%12s  to search, oldest %s ago, %sB on disk\n",
		"stored", amount(t->count.rows, 1000).text,
		since(t->oldest_ns, now_ns).text,
		amount(t->stored_bytes, 1024).text);
	put(p, t->full ? BAD : PLAIN, "  %-18s%11sB  free%s\n", "",
		amount(t->free_bytes, 1024).text,
		t->full ? ": NO RECORDS ARE TAKEN, the disk is full" : "");
	if (t->count.rows_full)
		put(p, BAD, "  %-18s%12s  as the disk was full\n", "refused",
			amount(t->count.rows_full, 1000).text);
	if (t->count.corrupt)
		put(p, BAD, "  %-18s%12s  parts: see nightjar store check\n",
			"corrupt", amount(t->count.corrupt, 1000).text);
}

static void
outputs(struct page *p, const struct nj_status *s)
{
	for (unsigned i = 0; i < s->brain.outputs; i++) {
		const struct nj_control_output *o = &s->brain.output[i];

		put(p, PLAIN, "  %-18s%12s  passed on, last %s ago\n", o->name,
			amount(o->rows, 1000).text,
			since(o->sent_ns, s->now_ns).text);
		if (o->waiting_ns)
			put(p, o->retry_ns ? BAD : PLAIN,
				"  %-18s%12s  on their way for %s\n", "",
				amount(o->waiting_rows, 1000).text,
				since(o->waiting_ns, s->now_ns).text);
		if (o->error[0])
			put(p, o->retry_ns ? BAD : WARN,
				"  %-18s%12s  failures, the last %s ago: %s\n",
				"", amount(o->errors, 1000).text,
				since(o->error_ns, s->now_ns).text, o->error);
		if (o->skipped_blocks)
			put(p, BAD,
				"  %-18s%12s  blocks gone before they "
				"were sent\n",
				"", amount(o->skipped_blocks, 1000).text);
	}
}

static void
brain(struct page *p, const struct nj_status *s)
{
	const struct nj_logfiles_counters *l = &s->brain.logs;

	heading(p, "Records");
	put(p, PLAIN, "  %-18s%12s  in %s\n", "written",
		amount(l->rows, 1000).text, s->keeper.logs);
	put(p, PLAIN, "  %-18s%11sB\n", "", amount(l->bytes, 1024).text);
	if (l->rows_lost)
		put(p, BAD, "  %-18s%12s\n", "lost",
			amount(l->rows_lost, 1000).text);
	if (s->brain.stores)
		store(p, &s->brain.store, s->now_ns);
	outputs(p, s);
	spool(p, &s->spool);
}

static void
packets(struct page *p, const struct nj_status *s)
{
	const struct nj_pcap_state *x = &s->sensor.packets;
	const struct nj_pcap_counters *c = &s->sum.packets;

	if (!x->size && !x->text[0])
		return;
	heading(p, "Packet buffer");
	put(p, PLAIN, "  %-18s%11sB  of %sB in %s\n", "kept",
		amount(x->used, 1024).text, amount(x->size, 1024).text,
		x->folder);
	put(p, PLAIN, "  %-18s%12s%s\n", "oldest packet",
		since(x->oldest_ns, s->now_ns).text,
		x->oldest_ns ? " ago" : "");
	put(p, PLAIN, "  %-18s%12s  %s of them headers only\n", "recorded",
		amount(c->packets, 1000).text, amount(c->cut, 1000).text);
	if (c->full + c->shed + c->too_long)
		put(p, BAD, "  %-18s%12s  disk too slow %s, overload %s\n",
			"not recorded",
			amount(c->full + c->shed + c->too_long, 1000).text,
			amount(c->full, 1000).text, amount(c->shed, 1000).text);
	if (x->text[0])
		put(p, WARN, "  %s\n", x->text);
}

void
nj_status_text(struct nj_buf *out, const struct nj_status *s, bool colour)
{
	struct page p = { out, colour };

	put(&p, BOLD, "nightjar %s", s->keeper.version);
	put(&p, PLAIN, "  runs for %s, configuration %s\n",
		since(s->keeper.started_ns, s->now_ns).text,
		s->keeper.conf[0] ? s->keeper.conf : "all defaults");
	for (unsigned i = 0; i < s->hints; i++)
		put(&p, WARN, "  ! %s\n", s->hint[i]);
	processes(&p, s);
	ports(&p, s);
	rates(&p, s);
	ledger(&p, s);
	workers(&p, s);
	brain(&p, s);
	packets(&p, s);
	memory(&p, s);
}
