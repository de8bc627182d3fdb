/*
 * main.c - nightjar-sensor: opens the ports, starts the workers, gives up all
 * rights, and from then on watches over them. It is started by the keeper of
 * `nightjar run`.
 *
 * It is a program of its own because DPDK and its drivers take a time to load
 * that no other command should pay, and because what parses hostile bytes
 * should hold nothing else.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "engine/apps/process/child.h"
#include "engine/apps/process/drop.h"
#include "engine/apps/sensor/ports.h"
#include "engine/apps/sensor/watch.h"
#include "engine/base/args.h"
#include "engine/base/log.h"
#include "engine/pipeline/options.h"
#include "engine/pipeline/worker.h"

static bool
say(const char *why, const char *remedy)
{
	nj_complain("sensor", why, remedy);
	return false;
}

static bool
say_err(enum nj_err err)
{
	return err ? say(nj_err_text(err), nj_err_remedy(err)) : true;
}

static bool
make_set(struct sensor *s)
{
	const struct nj_conf *conf = s->child.conf;
	const char *cache = conf->dissect__cache_path;
	const struct nj_dissector **list;
	enum nj_err err = nj_pipeline_register();

	list = nj_dissector_options(nj_dissectors, conf);
	if (!list) {
		s->status = NJ_EXIT_CONFIG;
		return false;
	}
	/* The set borrows the list: both live as long as the process. */
	if (!err)
		err = nj_dissect_set_create(
			&s->set, list, cache && cache[0] ? cache : NULL);
	return say_err(err);
}

static bool
open_ports(struct sensor *s)
{
	char why[NJ_SOURCE_TEXT];

	if (sensor_ports_open(&s->ports, s->child.conf, s->workers, why))
		return say(why, "see capture.memory_mb and capture.hugepages");
	return true;
}

/* All its files are opened now; later none may be. */
static bool
open_packets(struct sensor *s)
{
	const struct nj_conf *conf = s->child.conf;
	const char *names[NJ_CONTROL_PORTS_MAX];
	struct nj_pcap_conf packets = { .folder = conf->packets__folder,
		.bytes = (uint64_t)conf->packets__size,
		.file_bytes = (uint64_t)conf->packets__file_size,
		.lanes = s->workers,
		.flows_max = (uint32_t)conf->flow__table_max,
		.group = s->reader.gid,
		.ports = names,
		.port_count = nj_min(conf->capture__ports.n,
			(uint32_t)NJ_CONTROL_PORTS_MAX) };
	char why[NJ_PCAP_TEXT];
	enum nj_err err;

	if (!packets.bytes || conf->packets__snap == NJ_PCAP_OFF)
		return true;
	for (unsigned i = 0; i < packets.port_count; i++)
		names[i] = conf->capture__ports.v[i].name;
	err = nj_pcap_recorder_open(&s->packets, &packets, why);
	if (!err)
		err = nj_pcap_recorder_start(s->packets);
	if (!err)
		return true;
	/* Records are worth more than packets: they are made without. */
	nj_pcap_recorder_close(&s->packets);
	nj_error("sensor", "no packets are recorded: %s", why);
	(void)snprintf(s->state.packets.text, sizeof(s->state.packets.text),
		"%.*s", (int)sizeof(s->state.packets.text) - 1, why);
	return true;
}

static bool
make_worker(struct sensor *s, unsigned i, int core)
{
	struct nj_worker_conf conf = { .crew = s->crew,
		.number = i,
		.core = core,
		.control = s->child.control,
		.ring_bytes = nj_ring_bytes(s->child.conf),
		.ports = sensor_ports_count(s->ports),
		.may_shed = s->child.conf->capture__shed != NJ_SHED_CONF_OFF,
		.always_shed = s->child.conf->capture__shed == NJ_SHED_CONF_ON,
		.buffers = sensor_ports_buffers,
		.enter = sensor_thread_enter,
		.leave = sensor_thread_leave };
	enum nj_err err;

	nj_pipeline_options(&conf.pipeline, s->child.conf);
	conf.pipeline.set = s->set;
	if (s->packets)
		conf.pipeline.lane = nj_pcap_recorder_lane(s->packets, i);
	conf.pipeline.filter = &s->filter;
	for (unsigned k = 0; k < conf.ports; k++)
		conf.sources[k] = sensor_ports_source(s->ports, k, i);
	err = nj_ring_attach(&s->rings[i], s->child.rings[i], NJ_RING_PRODUCER);
	conf.ring = s->rings[i];
	if (!err)
		err = nj_worker_create(&s->worker[i], &conf);
	if (!err)
		err = nj_worker_start(s->worker[i]);
	return say_err(err);
}

static bool
make_workers(struct sensor *s)
{
	int cores[NJ_CONTROL_WORKERS_MAX];
	enum nj_err err = nj_crew_create(&s->crew, s->workers);

	if (!err)
		err = nj_filter_conf_load(&s->filter, s->child.conf);
	if (err)
		return say_err(err);
	(void)nj_choose_workers(s->child.conf, cores);
	for (unsigned i = 0; i < s->workers; i++)
		if (!make_worker(s, i, cores[i]))
			return false;
	return true;
}

/* Threads are there by now: none has to be made later. */
static bool
drop(struct sensor *s)
{
	const struct nj_conf *conf = s->child.conf;
	char why[NJ_DROP_TEXT];

	nj_crew_await(s->crew);
	if (!nj_drop_user(&s->user, why) ||
		!nj_drop_calls(NJ_DROP_SENSOR,
			(enum nj_drop_mode)conf->sensor__seccomp, why))
		return say(why, "the sensor does not run with more rights than "
				"it needs");
	return true;
}

static bool
begin(struct sensor *s)
{
	char why[NJ_DROP_TEXT];

	if (!nj_drop_early(why))
		return say(why, "");
	s->workers = s->child.workers;
	if (!nj_user_find(s->child.conf->sensor__user, &s->user)) {
		s->status = NJ_EXIT_CONFIG;
		return say("sensor.user: no such user", "see /etc/passwd");
	}
	if (!nj_user_find(s->child.conf->brain__user, &s->reader))
		s->reader = s->user;
	return make_set(s) && open_ports(s) && open_packets(s) &&
	       make_workers(s) && drop(s);
}

/* What the workers of an earlier sensor showed is over. */
static void
forget_the_last(const struct sensor *s)
{
	static const struct nj_worker_state nothing;

	for (unsigned i = 0; i < s->child.workers; i++)
		nj_control_put_worker(s->child.control, i, &nothing);
}

int
main(int argc, char **argv)
{
	static struct sensor s;

	s.child.part = NJ_PART_SENSOR;
	if (!nj_child_begin(&s.child, argc, argv, &s.status))
		return s.status;
	s.status = NJ_EXIT_FAILED;
	forget_the_last(&s);
	sensor_publish(&s, NJ_STAGE_STARTING);
	if (begin(&s))
		s.status = sensor_run(&s);
	else
		sensor_publish(&s, NJ_STAGE_ENDED);
	/* Nothing is taken apart: what a clean end would call is no longer
	 * allowed, and the kernel does it all. */
	_exit(s.status);
}
