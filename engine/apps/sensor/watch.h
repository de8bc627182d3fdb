/*
 * watch.h - the sensor after its start: one thread that watches over ports
 * and workers, adds up what they did, and takes over a reloaded configuration.
 */
#ifndef NJ_APPS_SENSOR_WATCH_H
#define NJ_APPS_SENSOR_WATCH_H

#include "engine/apps/process/child.h"
#include "engine/apps/process/drop.h"
#include "engine/apps/sensor/ports.h"
#include "engine/pipeline/summary.h"
#include "engine/pipeline/worker.h"

struct sensor {
	struct nj_child child;
	int status; /* exit status */
	struct nj_user user;
	struct nj_user reader; /* whose group may read the packet buffer */
	unsigned workers;
	struct nj_dissect_set *set;
	struct nj_filter_conf filter;
	struct sensor_ports *ports;
	struct nj_pcap_recorder *packets; /* NULL: none are recorded */
	struct nj_crew *crew;
	struct nj_worker *worker[NJ_CONTROL_WORKERS_MAX];
	struct nj_ring *rings[NJ_CONTROL_WORKERS_MAX];

	struct nj_sensor_state state;
	struct nj_rates rates;
	struct nj_summary sum;
	bool told_unaccounted;
	/* Of each level that is in force: since when, and what had been left
	 * out by then. */
	int64_t shed_since_ns[NJ_SHED_LEVELS];
	struct sensor_shed {
		uint64_t packets, flows;
	} shed_at[NJ_SHED_LEVELS];
	bool change_waits; /* a worker has not yet got the newest */
};

/* Shows the sensor's state at this stage. */
void sensor_publish(struct sensor *s, enum nj_stage stage);
/* Until it is told to stop, or every port has ended and that is the end. Gives
 * the exit status. */
int sensor_run(struct sensor *s);

#endif
