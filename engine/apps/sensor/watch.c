/*
 * watch.c - once a second: links, counters, rates, the ledger.
 */
#include "engine/apps/sensor/watch.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "engine/base/args.h"
#include "engine/base/clock.h"
#include "engine/base/log.h"

enum {
	LOOK_MS = 100,
	LOOKS_PER_SECOND = 10,
	/* After a stop rows may wait so long for the brain, and the whole may
	 * take so long. */
	GIVE_UP_LOOKS = 10 * LOOKS_PER_SECOND,
	END_LOOKS = 30 * LOOKS_PER_SECOND
};

void
sensor_publish(struct sensor *s, enum nj_stage stage)
{
	struct nj_sensor_state *state = &s->state;

	if (!state->started_ns)
		state->started_ns = nj_wall_ns();
	state->pid = (uint64_t)getpid();
	state->stage = stage;
	state->beat_ns = nj_wall_ns();
	state->conf_generation = s->child.generation;
	state->workers = s->workers;
	nj_control_put_sensor(s->child.control, state);
}

static void NJ_PRINTF(4, 5) note(struct sensor *s, enum nj_note_kind kind,
	const uint64_t *packets, const char *fmt, ...)
{
	struct nj_note n = { .kind = kind, .from_ns = nj_wall_ns() };
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(n.text, sizeof(n.text), fmt, args);
	va_end(args);
	if (packets) {
		n.has_packets = 1;
		n.packets = *packets;
	}
	nj_control_note(s->child.control, &n);
}

/* ---- Adding up ---- */

/* What devices gave and no source received: exact when all have come to rest.
 * (A NIC counts what still lies in its own queue, too.) */
static uint64_t
not_arrived(const struct nj_sensor_state *state)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < state->ports; i++) {
		const struct nj_port_state *p = &state->port[i];
		uint64_t had = p->count.received + p->count.ring_full;

		if (p->given > had)
			n += p->given - had;
	}
	return n;
}

static void
look_at_ports(struct sensor *s)
{
	sensor_ports_look(s->ports, s->state.port);
	s->state.ports = sensor_ports_count(s->ports);
}

static void
add_up(struct sensor *s)
{
	static struct nj_worker_state w;
	struct nj_sensor_state *state = &s->state;

	state->in_flight = 0;
	for (unsigned i = 0; i < state->ports; i++) {
		struct nj_port_state *p = &state->port[i];

		p->count = (struct source_counters){ 0 };
		p->duplicate = p->excluded = 0;
		state->in_flight += p->waiting;
	}
	s->sum = (struct nj_summary){ 0 };
	for (unsigned i = 0; i < s->workers; i++) {
		if (!nj_control_worker(s->child.control, i, &w))
			continue;
		nj_summary_add(&s->sum, &w);
		for (unsigned k = 0; k < state->ports; k++)
			nj_summary_port(&state->port[k], k, &w);
	}
	state->last_packet_ns = s->sum.last_packet_ns;
	state->unaccounted = s->sum.unaccounted;
	sensor_ports_buffers(&state->buffers_used, &state->buffers);
	(void)snprintf(state->memory, sizeof(state->memory), "%s",
		sensor_ports_memory());
}

/* What is the matter with the packet buffer is said once. */
static void
look_at_packets(struct sensor *s)
{
	struct nj_pcap_state now;

	if (!s->packets)
		return;
	nj_pcap_recorder_state(s->packets, &now);
	if (strcmp(now.text, s->state.packets.text) != 0)
		nj_warn("sensor", "%s", now.text);
	s->state.packets = now;
}

static void
check_ledger(struct sensor *s)
{
	if (!s->sum.unaccounted || s->told_unaccounted)
		return;
	s->told_unaccounted = true;
	nj_error("sensor", "packets unaccounted count=%lld",
		(long long)s->sum.unaccounted);
	note(s, NJ_NOTE_unaccounted, NULL, "%lld packets in no counter",
		(long long)s->sum.unaccounted);
}

/* ---- Overload ---- */

/* Levels come and go one by one; each is told with how long it held and what
 * it cost. */
static void
shed_begins(struct sensor *s, unsigned level, const struct sensor_shed *now)
{
	s->shed_since_ns[level] = nj_wall_ns();
	s->shed_at[level] = *now;
	nj_warn("sensor", "overload: %s level=%s", nj_shed_text(level),
		nj_shed_name(level));
	note(s, NJ_NOTE_shed_start, NULL, "%s: %s", nj_shed_name(level),
		nj_shed_text(level));
}

static void
shed_ends(struct sensor *s, unsigned level, const struct sensor_shed *now)
{
	const struct sensor_shed *then = &s->shed_at[level];
	struct nj_note n = { .kind = NJ_NOTE_shed_stop,
		.from_ns = s->shed_since_ns[level],
		.until_ns = nj_wall_ns(),
		.has_packets = 1,
		.packets = now->packets - then->packets };

	s->shed_since_ns[level] = 0;
	(void)snprintf(n.text, sizeof(n.text), "%s: %llu flows not dissected",
		nj_shed_name(level),
		(unsigned long long)(now->flows - then->flows));
	nj_control_note(s->child.control, &n);
	nj_info("sensor", "overload over: level=%s packets=%llu flows=%llu",
		nj_shed_name(level), (unsigned long long)n.packets,
		(unsigned long long)(now->flows - then->flows));
}

static void
see_shed(struct sensor *s)
{
	struct sensor_shed now = { s->sum.ledger.shed, s->sum.flows_shed };

	unsigned first = s->packets ? NJ_SHED_PACKETS : NJ_SHED_SHALLOW;

	for (unsigned i = first; i < NJ_SHED_LEVELS; i++)
		if (i <= s->sum.shed_level && !s->shed_since_ns[i])
			shed_begins(s, i, &now);
	for (unsigned i = NJ_SHED_LEVELS - 1; i; i--)
		if (i > s->sum.shed_level && s->shed_since_ns[i])
			shed_ends(s, i, &now);
	s->state.shed_level = s->sum.shed_level;
	s->state.shed_share = s->sum.shed_share;
	s->state.shed_since_ns = s->shed_since_ns[first];
}

static void
each_second(struct sensor *s)
{
	bool was_open[NJ_CONTROL_PORTS_MAX];

	for (unsigned i = 0; i < NJ_CONTROL_PORTS_MAX; i++)
		was_open[i] = s->state.port[i].stage == NJ_PORT_OPEN;
	look_at_ports(s);
	nj_rates_step(&s->rates, &s->sum, nj_mono_ns());
	memcpy(s->state.rates, s->rates.rate, sizeof(s->state.rates));
	for (unsigned i = 0; i < s->state.ports; i++)
		if (was_open[i] && s->state.port[i].stage == NJ_PORT_CLOSED)
			note(s, NJ_NOTE_port_lost,
				&s->state.port[i].count.received,
				"%.60s: %.120s", s->state.port[i].name,
				s->state.port[i].text);
	look_at_packets(s);
	check_ledger(s);
}

/* ---- Reload ---- */

/* Every worker gets filters of its own, and the local networks. One that has
 * not yet taken the last ones gets the new ones at the next look. */
static void
give_change(struct sensor *s)
{
	const struct nj_conf_prefixes *local = &s->child.conf->networks__local;
	char why[NJ_EXCLUDE_TEXT];

	s->change_waits = false;
	for (unsigned i = 0; i < s->workers; i++) {
		struct nj_filters filters;
		enum nj_err err = nj_filters_create(&filters, &s->filter, why);

		if (err) {
			nj_error("sensor",
				"reload: filters stay as they are: "
				"%s",
				why[0] ? why : nj_err_text(err));
			(void)snprintf(s->state.text, sizeof(s->state.text),
				"reload: capture.exclude: %.120s", why);
			return;
		}
		if (nj_worker_change(
			    s->worker[i], &filters, local->v, local->n)) {
			nj_filters_destroy(&filters);
			s->change_waits = true;
		}
	}
}

static void
reload(struct sensor *s)
{
	struct nj_filter_conf fresh;

	if (s->change_waits)
		give_change(s);
	if (!nj_child_reload(&s->child))
		return;
	s->state.text[0] = 0;
	if (nj_filter_conf_load(&fresh, s->child.conf))
		return;
	nj_filter_conf_free(&s->filter);
	s->filter = fresh;
	give_change(s);
	nj_info("sensor", "configuration reloaded");
	sensor_publish(s, NJ_STAGE_RUNNING);
}

/* ---- The end ---- */

static bool
all_ended(const struct sensor *s)
{
	for (unsigned i = 0; i < s->workers; i++)
		if (!nj_worker_ended(s->worker[i]))
			return false;
	return true;
}

static int
finish(struct sensor *s)
{
	sensor_publish(s, NJ_STAGE_STOPPING);
	sensor_ports_quiet(s->ports);
	nj_crew_stop(s->crew);
	for (unsigned i = 0; i < END_LOOKS && !all_ended(s); i++) {
		if (i == GIVE_UP_LOOKS)
			nj_crew_give_up(s->crew);
		(void)nj_child_wait(&s->child, LOOK_MS);
		sensor_publish(s, NJ_STAGE_STOPPING);
	}
	if (!all_ended(s)) {
		nj_error("sensor", "workers do not stop");
		return NJ_EXIT_FAILED;
	}
	if (s->packets)
		nj_pcap_recorder_stop(s->packets);
	look_at_packets(s);
	look_at_ports(s);
	add_up(s);
	s->sum.shed_level = NJ_SHED_NONE;
	see_shed(s);
	s->state.in_flight = not_arrived(&s->state);
	check_ledger(s);
	nj_info("sensor",
		"ledger reached=%llu received=%llu in_flight=%llu "
		"unaccounted=%lld",
		(unsigned long long)(s->sum.source.received +
				     nj_source_lost(&s->sum.source)),
		(unsigned long long)s->sum.ledger.received,
		(unsigned long long)s->state.in_flight,
		(long long)s->sum.unaccounted);
	note(s, NJ_NOTE_stop, &s->sum.ledger.received,
		"%llu flows, %llu records",
		(unsigned long long)s->sum.flows_begun,
		(unsigned long long)s->sum.worker.rows);
	sensor_publish(s, NJ_STAGE_ENDED);
	return NJ_EXIT_DONE;
}

/* Workers end by themselves when no port is left that could give anything. Of
 * files that is the end of the input. */
static bool
input_ended(struct sensor *s)
{
	bool files = s->state.ports > 0;

	for (unsigned i = 0; i < s->state.ports; i++) {
		struct nj_port_state *p = &s->state.port[i];

		if (p->live || p->stage == NJ_PORT_CLOSED)
			files = false;
		else
			p->stage = NJ_PORT_ENDED;
	}
	if (files) {
		nj_info("sensor", "the input has ended packets=%llu",
			(unsigned long long)s->sum.source.received);
		note(s, NJ_NOTE_input_end, &s->sum.source.received,
			"every file was read to its end");
	}
	return files;
}

static void
tell_ports(struct sensor *s)
{
	for (unsigned i = 0; i < s->state.ports; i++) {
		const struct nj_port_state *p = &s->state.port[i];
		bool open = p->stage == NJ_PORT_OPEN;

		note(s, open ? NJ_NOTE_port_open : NJ_NOTE_port_lost, NULL,
			"%.60s: %.120s", p->name, open ? p->driver : p->text);
	}
}

int
sensor_run(struct sensor *s)
{
	bool over = false;
	unsigned looks = 0;

	nj_crew_go(s->crew);
	nj_rates_begin(&s->rates, nj_mono_ns());
	look_at_ports(s);
	add_up(s);
	sensor_publish(s, NJ_STAGE_RUNNING);
	note(s, NJ_NOTE_start, NULL, "%u workers, %u ports", s->workers,
		sensor_ports_count(s->ports));
	tell_ports(s);
	look_at_packets(s);
	while (!nj_child_wait(&s->child, LOOK_MS)) {
		reload(s);
		add_up(s);
		see_shed(s);
		if (!over && all_ended(s)) {
			over = true;
			look_at_ports(s);
			add_up(s);
			if (input_ended(s) &&
				s->child.conf->capture__exit_at_end)
				break;
		}
		if (++looks % LOOKS_PER_SECOND == 0)
			each_second(s);
		sensor_publish(s, NJ_STAGE_RUNNING);
	}
	return finish(s);
}
