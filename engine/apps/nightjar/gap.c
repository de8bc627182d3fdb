/*
 * gap.c - how long a process was away, and what it has missed where that can
 * be known: Linux counts what its interfaces receive, whoever looks.
 */
#include "engine/apps/nightjar/gap.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "engine/apps/process/child.h"

static uint64_t
interface_packets(const char *name)
{
	char path[128], text[24] = "";
	uint64_t packets;
	ssize_t n;
	int fd;

	(void)snprintf(path, sizeof(path),
		"/sys/class/net/%.32s/statistics/rx_packets", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	n = read(fd, text, sizeof(text) - 1);
	(void)close(fd);
	if (n > 0 && text[n - 1] == '\n')
		n--;
	return n > 0 && nj_view_u64((struct nj_view){ (const uint8_t *)text,
					    (size_t)n },
				&packets)
		       ? packets
		       : 0;
}

/* Of all ports, if Linux knows all of them. */
static bool
all_packets(const struct nj_conf *conf, uint64_t *sum)
{
	*sum = 0;
	for (uint32_t i = 0; i < conf->capture__ports.n; i++) {
		const struct nj_conf_port *p = &conf->capture__ports.v[i];

		if (!p->interface)
			return false;
		*sum += interface_packets(p->interface);
	}
	return conf->capture__ports.n > 0;
}

/* The last that was heard of the part. */
static int64_t
last_beat_ns(const struct nj_control *c, enum nj_part part)
{
	static struct nj_sensor_state sensor;
	static struct nj_worker_state worker;
	static struct nj_spool_state spool;
	struct nj_brain_state brain;
	int64_t beat = 0;

	if (part == NJ_PART_SPOOL)
		return nj_control_spool(c, &spool) ? spool.beat_ns : 0;
	if (part == NJ_PART_BRAIN)
		return nj_control_brain(c, &brain) ? brain.beat_ns : 0;
	if (nj_control_sensor(c, &sensor))
		beat = sensor.beat_ns;
	for (unsigned i = 0; i < sensor.workers; i++)
		if (nj_control_worker(c, i, &worker))
			beat = nj_max(beat, worker.beat_ns);
	return beat;
}

void
nj_gap_begin(struct nj_gap *g, const struct nj_control *c,
	const struct nj_conf *conf, enum nj_part part, const char *why)
{
	int64_t now = nj_wall_ns(), beat = last_beat_ns(c, part);

	if (g->open)
		return;
	*g = (struct nj_gap){ .open = true, .part = part };
	g->from_ns = beat && beat < now ? beat : now;
	(void)all_packets(conf, &g->interfaces);
	(void)snprintf(g->why, sizeof(g->why), "%s", why);
}

void
nj_gap_end(struct nj_gap *g, struct nj_control *c, const struct nj_conf *conf)
{
	static const enum nj_note_kind kinds[NJ_PARTS] = {
		[NJ_PART_SENSOR] = NJ_NOTE_sensor_restart,
		[NJ_PART_BRAIN] = NJ_NOTE_brain_restart,
		[NJ_PART_SPOOL] = NJ_NOTE_spool_restart,
	};
	struct nj_note n = { .kind = kinds[g->part],
		.from_ns = g->from_ns,
		.until_ns = nj_wall_ns() };
	uint64_t now;

	if (!g->open)
		return;
	g->open = false;
	memcpy(n.text, g->why, sizeof(n.text));
	if (g->part == NJ_PART_SENSOR && all_packets(conf, &now) &&
		now >= g->interfaces) {
		n.has_packets = 1;
		n.packets = now - g->interfaces;
	}
	nj_control_note(c, &n);
}
