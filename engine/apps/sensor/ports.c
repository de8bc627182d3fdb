/*
 * ports.c - ports from the configuration: NICs, vdevs and interfaces by way of
 * DPDK, a file straight.
 */
#include "engine/apps/sensor/ports.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine/base/log.h"
#include "engine/capture/dpdk/dpdk.h"
#include "engine/capture/memory.h"
#include "engine/capture/paced.h"
#include "engine/capture/pcapfile.h"
#include "engine/capture/split.h"

/* In progress at once, of each worker's feed. */
enum { FEED_FLOWS = 200 };

struct port {
	const struct nj_conf_port *conf;
	struct nj_dpdk_port *dpdk;
	struct nj_source **files; /* one a worker, or NULL */
	char device[NJ_DPDK_DEVICE_MAX];
	char text[NJ_SOURCE_TEXT]; /* why it is closed */
	bool lost;
};

struct sensor_ports {
	unsigned count, workers;
	struct port port[NJ_CONTROL_PORTS_MAX];
};

static enum nj_err
dpdk_start(const struct nj_conf *conf, char why[NJ_SOURCE_TEXT])
{
	static const enum nj_dpdk_huge huge[] = {
		[NJ_HUGEPAGES_AUTO] = NJ_DPDK_HUGE_AUTO,
		[NJ_HUGEPAGES_ON] = NJ_DPDK_HUGE_ON,
		[NJ_HUGEPAGES_OFF] = NJ_DPDK_HUGE_OFF,
	};
	const char *pci[NJ_CONTROL_PORTS_MAX];
	struct nj_dpdk_conf dpdk = { .pci = pci,
		.memory_mb = (unsigned)conf->capture__memory_mb,
		.huge = huge[conf->capture__hugepages],
		.snap = (unsigned)conf->capture__snaplen,
		.verbose = conf->log__level == NJ_LOG_DEBUG };
	bool needed = false;

	for (uint32_t i = 0; i < conf->capture__ports.n; i++) {
		const struct nj_conf_port *p = &conf->capture__ports.v[i];

		needed |= !p->file && !p->feed;
		if (p->pci)
			pci[dpdk.pci_count++] = p->pci;
	}
	return needed ? nj_dpdk_start(&dpdk, why) : NJ_OK;
}

static enum nj_err
open_device(struct sensor_ports *p, unsigned i, const struct nj_conf *conf)
{
	struct port *port = &p->port[i];
	struct nj_dpdk_port_conf dpdk = { .device = port->device,
		.port = (uint16_t)i,
		.workers = p->workers,
		.promiscuous = conf->capture__promiscuous };

	if (port->conf->interface)
		nj_dpdk_interface_device(
			port->device, i, port->conf->interface);
	else
		(void)snprintf(port->device, sizeof(port->device), "%s",
			port->conf->pci ? port->conf->pci : port->conf->vdev);
	return nj_dpdk_port_open(&port->dpdk, &dpdk, port->text);
}

/* Each worker reads the whole file, as `nightjar read` does. */
static enum nj_err
file_of_worker(struct sensor_ports *p, unsigned i, unsigned w)
{
	struct port *port = &p->port[i];
	struct nj_source *inner;
	enum nj_err err = nj_pcapfile_open(
		&inner, port->conf->file, (uint16_t)i, port->text);

	if (err || p->workers == 1) {
		port->files[w] = inner;
		return err;
	}
	err = nj_split_open(&port->files[w], inner, w, p->workers);
	if (err)
		nj_source_close(&inner);
	return err;
}

/* Each worker has an office of its own, with its share of the packets. */
static enum nj_err
feed_of_worker(struct sensor_ports *p, unsigned i, unsigned w)
{
	struct port *port = &p->port[i];
	struct nj_memory_conf conf = {
		.flows = FEED_FLOWS, .stream = (uint8_t)w, .port = (uint16_t)i
	};
	struct nj_source *inner;
	enum nj_err err;

	if (!nj_feed_parse(port->conf->feed, &conf))
		return NJ_E_RANGE;
	conf.rate_pps = nj_max(conf.rate_pps / p->workers, UINT64_C(1));
	err = nj_memory_open(&inner, &conf);
	if (!err)
		err = nj_paced_open(&port->files[w], inner);
	return err;
}

static enum nj_err
open_file(struct sensor_ports *p, unsigned i)
{
	struct port *port = &p->port[i];
	const char *what =
		port->conf->file ? port->conf->file : port->conf->feed;
	enum nj_err err = NJ_OK;

	(void)snprintf(port->device, sizeof(port->device), "%s", what);
	port->files = calloc(p->workers, sizeof(struct nj_source *));
	if (!port->files)
		return NJ_E_NOMEM;
	for (unsigned w = 0; w < p->workers && !err; w++)
		err = port->conf->file ? file_of_worker(p, i, w)
				       : feed_of_worker(p, i, w);
	if (err) {
		for (unsigned w = 0; w < p->workers; w++)
			if (port->files[w])
				nj_source_close(&port->files[w]);
		free(port->files);
		port->files = NULL;
	}
	return err;
}

enum nj_err
sensor_ports_open(struct sensor_ports **out, const struct nj_conf *conf,
	unsigned workers, char why[NJ_SOURCE_TEXT])
{
	struct sensor_ports *p = calloc(1, sizeof(*p));
	enum nj_err err;

	*out = p;
	(void)snprintf(why, NJ_SOURCE_TEXT, "%s", nj_err_text(NJ_E_NOMEM));
	if (!p)
		return NJ_E_NOMEM;
	p->workers = workers;
	err = dpdk_start(conf, why);
	if (err)
		return err;
	p->count = nj_min(conf->capture__ports.n, NJ_CONTROL_PORTS_MAX);
	for (unsigned i = 0; i < p->count; i++) {
		struct port *port = &p->port[i];

		port->conf = &conf->capture__ports.v[i];
		err = port->conf->file || port->conf->feed
			      ? open_file(p, i)
			      : open_device(p, i, conf);
		if (!err)
			continue;
		if (!port->text[0])
			(void)snprintf(port->text, sizeof(port->text), "%s",
				nj_err_text(err));
		nj_warn("sensor", "port cannot be used name=%s: %s",
			port->conf->name, port->text);
	}
	return NJ_OK;
}

unsigned
sensor_ports_count(const struct sensor_ports *p)
{
	return p->count;
}

struct nj_source *
sensor_ports_source(const struct sensor_ports *p, unsigned i, unsigned worker)
{
	const struct port *port = &p->port[i];

	if (port->dpdk)
		return nj_dpdk_port_source(port->dpdk, worker);
	return port->files ? port->files[worker] : NULL;
}

void
sensor_ports_quiet(struct sensor_ports *p)
{
	for (unsigned i = 0; i < p->count; i++)
		if (p->port[i].dpdk)
			nj_dpdk_port_quiet(p->port[i].dpdk);
}

static void
look_device(struct port *port, struct nj_port_state *s)
{
	struct nj_dpdk_port_info info = nj_dpdk_port_info(port->dpdk);
	struct nj_dpdk_link link;

	(void)snprintf(s->driver, sizeof(s->driver), "%s", info.driver);
	s->live = info.live;
	s->given = nj_dpdk_port_given(port->dpdk);
	s->waiting = nj_dpdk_port_waiting(port->dpdk);
	s->queues = info.queues;
	s->stage = NJ_PORT_OPEN;
	if (!port->lost && nj_dpdk_port_check(port->dpdk, &link, port->text)) {
		port->lost = true;
		nj_warn("sensor", "port lost name=%s: %s", port->conf->name,
			port->text);
	}
	if (port->lost) {
		s->stage = NJ_PORT_CLOSED;
		s->link_up = 0;
		return;
	}
	s->link_known = info.live;
	s->link_up = link.up;
	s->speed_mbps = link.speed_mbps;
}

void
sensor_ports_look(struct sensor_ports *p, struct nj_port_state *states)
{
	for (unsigned i = 0; i < p->count; i++) {
		struct port *port = &p->port[i];
		struct nj_port_state *s = &states[i];

		(void)snprintf(
			s->name, sizeof(s->name), "%s", port->conf->name);
		(void)snprintf(s->device, sizeof(s->device), "%.*s",
			(int)sizeof(s->device) - 1, port->device);
		if (s->stage == NJ_PORT_ENDED)
			continue;
		if (port->dpdk) {
			look_device(port, s);
		} else {
			(void)snprintf(s->driver, sizeof(s->driver), "%s",
				!port->files       ? ""
				: port->conf->file ? "file"
						   : "feed");
			s->live = port->conf->feed != NULL;
			s->stage = port->files ? NJ_PORT_OPEN : NJ_PORT_CLOSED;
			s->queues = port->files ? 1 : 0;
		}
		(void)snprintf(s->text, sizeof(s->text), "%.*s",
			(int)sizeof(s->text) - 1, port->text);
	}
}

const char *
sensor_ports_memory(void)
{
	return nj_dpdk_memory();
}

void
sensor_ports_buffers(uint64_t *used, uint64_t *all)
{
	nj_dpdk_buffers(used, all);
}

bool
sensor_thread_enter(void)
{
	return nj_dpdk_memory()[0] && nj_dpdk_thread_enter();
}

void
sensor_thread_leave(void)
{
	if (nj_dpdk_memory()[0])
		nj_dpdk_thread_leave();
}
