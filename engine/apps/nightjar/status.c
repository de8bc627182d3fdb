/*
 * status.c - `nightjar status`: what the appliance is at, from the block of
 * memory in which its processes show it. Nothing is asked of them, so it
 * answers even when they cannot.
 */
#include "engine/apps/nightjar/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "engine/apps/nightjar/command.h"
#include "engine/base/clock.h"
#include "engine/base/log.h"

struct status_opts {
	const char *data;
	bool json;
};

static const struct nj_arg status_args[] = {
	{ "data", 0, NJ_ARG_STR, offsetof(struct status_opts, data), "DIR",
		"The appliance that runs with --data DIR" },
	{ "json", 0, NJ_ARG_FLAG, offsetof(struct status_opts, json), NULL,
		"Print one JSON object, with every counter of every worker" },
	{ 0 },
};

enum { QUIET_S = 10, BUFFERS_LOW_PERCENT = 90 };

/* ---- What is the matter ---- */

static void NJ_PRINTF(2, 3) hint(struct nj_status *s, const char *fmt, ...)
{
	va_list args;

	if (s->hints == NJ_HINTS_MAX)
		return;
	va_start(args, fmt);
	(void)vsnprintf(s->hint[s->hints++], NJ_HINT_TEXT, fmt, args);
	va_end(args);
}

static bool
runs(const struct nj_status *s)
{
	return s->keeper.processes[NJ_PART_SENSOR].stage == NJ_STAGE_RUNNING;
}

static void
hint_processes(struct nj_status *s)
{
	for (unsigned i = NJ_PART_SENSOR; i < NJ_PARTS; i++) {
		const struct nj_process_state *p = &s->keeper.processes[i];

		if (p->stage == NJ_STAGE_WAITING)
			hint(s,
				"the %s died (%.100s) and is started again in "
				"%lld s: see its messages",
				nj_part_name(i), p->last_exit,
				(long long)nj_max(0, (p->retry_ns - s->now_ns) /
							     NJ_NS_PER_S));
	}
	if (s->sensor.text[0])
		hint(s, "%s", s->sensor.text);
	if (s->brain.text[0])
		hint(s, "%s", s->brain.text);
}

/* Live ports that are open; of these how many have a link. */
static unsigned
live_ports(const struct nj_status *s, unsigned *linked)
{
	unsigned n = 0;

	*linked = 0;
	for (unsigned i = 0; i < s->sensor.ports; i++) {
		const struct nj_port_state *p = &s->sensor.port[i];

		if (p->stage != NJ_PORT_OPEN || !p->live)
			continue;
		n++;
		*linked += !p->link_known || p->link_up;
	}
	return n;
}

static void
hint_ports(struct nj_status *s)
{
	for (unsigned i = 0; i < s->sensor.ports; i++) {
		const struct nj_port_state *p = &s->sensor.port[i];

		if (p->stage == NJ_PORT_CLOSED)
			hint(s,
				"port %.40s cannot be used: %.160s: it is "
				"tried again when that changes",
				p->name, p->text);
		else if (p->stage == NJ_PORT_OPEN && p->live && p->link_known &&
			 !p->link_up)
			hint(s,
				"port %.40s has no link: look at the cable and "
				"whether the switch port is on",
				p->name);
	}
}

static void
hint_traffic(struct nj_status *s)
{
	const struct ledger_counters *l = &s->sum.ledger;
	int64_t quiet_ns =
		s->now_ns - (s->sensor.last_packet_ns ? s->sensor.last_packet_ns
						      : s->sensor.started_ns);
	unsigned linked, live = live_ports(s, &linked);

	if (runs(s) && live && quiet_ns > QUIET_S * NJ_NS_PER_S) {
		hint(s, "no packet came for %lld s",
			(long long)(quiet_ns / NJ_NS_PER_S));
		if (linked)
			hint(s, "likely causes: the switch does not mirror to "
				"this port yet; it is not this port that the "
				"mirror is plugged into; what is mirrored is "
				"quiet; capture.promiscuous is off");
	}
	if (l->received && l->received == l->excluded)
		hint(s, "every packet is excluded: see capture.exclude");
	else if (l->received > 100 && l->duplicate > l->received / 10 * 4)
		hint(s,
			"%llu %% of the packets are copies: the mirror sends "
			"both directions of a link twice, or two mirrors "
			"overlap",
			(unsigned long long)(l->duplicate * 100 / l->received));
	if (l->checksum > l->received / 10 && l->checksum)
		hint(s, "many packets have wrong checksums: where traffic is "
			"captured on the sending host, set "
			"packet.check_checksums to false");
}

static void
hint_records(struct nj_status *s)
{
	const struct nj_spool_state *t = &s->spool;

	if (t->text[0])
		hint(s, "%s", t->text);
	if (t->rows_lost)
		hint(s,
			"%llu records found no room on their way to the brain%s"
			": see events.spool_size and sensor.ring_size",
			(unsigned long long)t->rows_lost,
			t->losing_since_ns ? ", and it goes on" : "");
	else if (t->full)
		hint(s, "there is no room for more records that wait for the "
			"brain: see events.spool_size");
	if (s->brain.broken)
		hint(s,
			"%llu records or pieces of the spool were damaged and "
			"left out",
			(unsigned long long)s->brain.broken);
	if (s->brain.bytes_missing)
		hint(s,
			"%llu bytes of records were neither in memory nor in "
			"the spool: was a file of events.spool_folder deleted?",
			(unsigned long long)s->brain.bytes_missing);
}

static void
hint_load(struct nj_status *s)
{
	uint64_t lost = nj_source_lost(&s->sum.source);

	if (s->sensor.rates[NJ_RATE_lost].last)
		hint(s, "packets are being lost: give more cores "
			"(capture.workers) or exclude traffic");
	else if (lost)
		hint(s,
			"%llu packets were lost so far, none in the last "
			"second",
			(unsigned long long)lost);
	if (s->sensor.shed_level)
		hint(s,
			"overload: %s, since %lld s: give more cores or "
			"exclude traffic",
			nj_shed_text(s->sensor.shed_level),
			(long long)((s->now_ns - s->sensor.shed_since_ns) /
				    NJ_NS_PER_S));
	if (s->brain.logs.rows_lost)
		hint(s,
			"%llu records could not be written: look at the disk "
			"of %.100s",
			(unsigned long long)s->brain.logs.rows_lost,
			s->keeper.logs);
	if (s->sensor.buffers &&
		s->sensor.buffers_used >
			s->sensor.buffers / 100 * BUFFERS_LOW_PERCENT)
		hint(s, "buffers for packets run out: see capture.memory_mb");
	if (s->sensor.unaccounted)
		hint(s,
			"%lld packets are unaccounted: that is a fault of "
			"ours: please report it",
			(long long)s->sensor.unaccounted);
}

static void
add_pools(struct nj_status *s, const struct nj_worker_state *w)
{
	for (unsigned i = 0; i < w->pools; i++) {
		struct nj_pool_state *p = &s->memory.pool[i];

		memcpy(p->name, w->pool[i].name, sizeof(p->name));
		p->used += w->pool[i].used;
		p->peak += w->pool[i].peak;
		p->capacity += w->pool[i].capacity;
		p->bytes += w->pool[i].bytes;
	}
	s->memory.pools = nj_max(s->memory.pools, (unsigned)w->pools);
}

/* Ports by what workers say: newer than what the sensor added up, and one with
 * the ledger. */
static void
add_ports(struct nj_status *s)
{
	for (unsigned i = 0; i < s->sensor.ports; i++) {
		struct nj_port_state *p = &s->sensor.port[i];

		p->count = (struct source_counters){ 0 };
		p->duplicate = p->excluded = 0;
		for (unsigned w = 0; w < s->workers; w++)
			nj_summary_port(p, i, &s->worker[w]);
	}
}

void
nj_status_conclude(struct nj_status *s)
{
	for (unsigned i = 0; i < s->workers; i++) {
		nj_summary_add(&s->sum, &s->worker[i]);
		add_pools(s, &s->worker[i]);
	}
	add_ports(s);
	hint_processes(s);
	hint_ports(s);
	hint_traffic(s);
	hint_load(s);
	hint_records(s);
}

struct nj_status_name
nj_status_type(uint64_t type)
{
	const struct nj_event_desc *desc = nj_event_by_type((uint32_t)type);
	struct nj_status_name name;

	if (desc)
		(void)snprintf(name.text, sizeof(name.text), "%s", desc->name);
	else
		(void)snprintf(name.text, sizeof(name.text), "unknown_%08x",
			(uint32_t)type);
	return name;
}

/* ---- Reading ---- */

static void
read_all(struct nj_status *s, const struct nj_control *c)
{
	(void)nj_control_keeper(c, &s->keeper);
	(void)nj_control_sensor(c, &s->sensor);
	(void)nj_control_brain(c, &s->brain);
	(void)nj_control_spool(c, &s->spool);
	while (s->workers < s->keeper.workers &&
		nj_control_worker(c, s->workers, &s->worker[s->workers]))
		s->workers++;
	s->now_ns = nj_wall_ns();
	nj_status_conclude(s);
}

static enum nj_exit
not_running(const struct nj_instance *in, enum nj_err err)
{
	if (err == NJ_E_ACCESS)
		nj_complain("status", "permission denied",
			"run it as the user that runs nightjar run");
	else if (err == NJ_E_FORMAT)
		nj_complain("status", "what runs is another version",
			"use its own nightjar");
	else
		nj_complain(in->folder, "not running",
			"start it with nightjar run");
	return NJ_EXIT_FAILED;
}

extern const struct nj_command nj_command_status;

static enum nj_exit
status_run(const void *opts, const struct nj_words *words)
{
	const struct status_opts *o = opts;
	struct nj_status *s = calloc(1, sizeof(*s));
	struct nj_instance in;
	struct nj_control *c;
	struct nj_buf b = { 0 };
	enum nj_err err = NJ_E_NOENT;
	const char *no_colour = getenv("NO_COLOR");

	(void)words;
	if (s && nj_instance_find(&in, o->data))
		err = nj_instance_running(&in, &s->pid);
	if (!err && !s->pid)
		err = NJ_E_NOENT;
	if (!err)
		err = nj_control_attach(&c, in.control, NJ_PARTS);
	if (err) {
		free(s);
		return not_running(&in, err);
	}
	err = nj_pipeline_register_all(nj_dissectors);
	if (err)
		nj_warn("status", "log types: %s", nj_err_text(err));
	read_all(s, c);
	nj_control_detach(&c);
	if (o->json)
		nj_status_json(&b, s);
	else
		nj_status_text(&b, s,
			isatty(STDOUT_FILENO) && !(no_colour && no_colour[0]));
	free(s);
	return nj_print(&nj_command_status, &b);
}

const struct nj_command nj_command_status = {
	.name = "status",
	.text = "Show what the running appliance sees, and what is the matter",
	.usage = "[--json] [--data DIR]",
	.more = "Processes, ports, rates, the loss ledger, workers and memory. "
		"Exit status 1 when\nno appliance runs.\n",
	.args = status_args,
	.opts_bytes = sizeof(struct status_opts),
	.examples =
		"  nightjar status\n"
		"      Does it run, does it see traffic, does it lose any?\n"
		"  nightjar status --json | jq .ledger.unaccounted\n"
		"      Packets that are in no counter: always 0.\n",
	.run = status_run,
};
