/*
 * portwatch.h - ports that the sensor cannot use: have they come since? And
 * what the sensor's drivers leave behind on Linux interfaces.
 */
#ifndef NJ_APPS_NIGHTJAR_PORTWATCH_H
#define NJ_APPS_NIGHTJAR_PORTWATCH_H

#include "engine/conf/conf.h"
#include "engine/pipeline/control.h"

struct nj_port_watch {
	/* What stood at each port's place when the sensor was started; 0:
	 * nothing. */
	uint64_t was[NJ_CONTROL_PORTS_MAX];
	bool not_promiscuous[NJ_CONTROL_PORTS_MAX]; /* before us */
	int64_t begun_ns, looked_ns;
	char why[NJ_CONTROL_TEXT];
};

/* A sensor is about to open the ports. */
void nj_port_watch_begin(struct nj_port_watch *w, const struct nj_conf *conf);
/* Every few seconds: true, and why, when another start of the sensor might
 * open a port that is closed: something else stands at its place, or, when
 * no port is open anyhow, simply time has passed. */
bool nj_port_watch_look(struct nj_port_watch *w, const struct nj_control *c,
	const struct nj_conf *conf, int64_t now_ns);

/* Interfaces that were not promiscuous are not left so. */
void nj_promiscuous_remember(
	struct nj_port_watch *w, const struct nj_conf *conf);
void nj_promiscuous_restore(
	const struct nj_port_watch *w, const struct nj_conf *conf);

#endif
