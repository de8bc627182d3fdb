/*
 * ports.h - the sensor's ports: opened once, before privileges are dropped,
 * watched once a second. One that cannot be used is said and left out; the
 * keeper starts the sensor again when it has a chance.
 */
#ifndef NJ_APPS_SENSOR_PORTS_H
#define NJ_APPS_SENSOR_PORTS_H

#include "engine/conf/conf.h"
#include "engine/pipeline/control.h"

struct sensor_ports;

/* Starts DPDK if a port needs it, and opens every port for the workers. Ports
 * that fail are closed with a text; only what stops all is an error, told in
 * why. Borrows conf. */
NJ_MUST_USE enum nj_err sensor_ports_open(struct sensor_ports **out,
	const struct nj_conf *conf, unsigned workers, char why[NJ_SOURCE_TEXT]);
unsigned sensor_ports_count(const struct sensor_ports *p);
/* A worker's share of port i, or NULL. */
struct nj_source *sensor_ports_source(
	const struct sensor_ports *p, unsigned i, unsigned worker);
/* Nothing more is taken from live ports. */
void sensor_ports_quiet(struct sensor_ports *p);
/* Looks after the links and puts all that is known, but for counters, to the
 * list of states. */
void sensor_ports_look(struct sensor_ports *p, struct nj_port_state *states);
/* "512 MB on huge pages", or "". */
const char *sensor_ports_memory(void);
void sensor_ports_buffers(uint64_t *used, uint64_t *all);
/* For a worker's thread. */
bool sensor_thread_enter(void);
void sensor_thread_leave(void);

#endif
