/*
 * portwatch.c - what stands where the configuration says that a port is.
 */
#include "engine/apps/nightjar/portwatch.h"

#include <net/if.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/clock.h"
#include "engine/base/hash.h"
#include "engine/capture/device.h"

enum {
	LOOK_S = 3,
	/* When there is no port at all, nothing is lost by trying. */
	TRY_S = 10
};

static uint64_t
file_mark(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return 0;
	return nj_mix64((uint64_t)st.st_ino ^
			nj_mix64((uint64_t)st.st_mtim.tv_nsec ^
				 (uint64_t)st.st_mtim.tv_sec << 30)) |
	       1;
}

/* The driver of a NIC is a link in its folder. */
static uint64_t
pci_mark(const char *address)
{
	const struct nj_hash_key key = { 1, 2 };
	char path[128], driver[256] = "";
	const char *domain = strlen(address) < 12 ? "0000:" : "";
	ssize_t n;

	(void)snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s%.16s",
		domain, address);
	if (access(path, F_OK))
		return 0;
	(void)snprintf(path, sizeof(path),
		"/sys/bus/pci/devices/%s%.16s/driver", domain, address);
	n = readlink(path, driver, sizeof(driver));
	return nj_hash64(&key, driver, n > 0 ? (size_t)n : 0) | 1;
}

/* A number that changes when something else stands there; 0: nothing. */
static uint64_t
mark(const struct nj_conf_port *p)
{
	char value[1024];

	if (p->interface)
		return if_nametoindex(p->interface);
	if (p->pci)
		return pci_mark(p->pci);
	if (p->file)
		return file_mark(p->file);
	if (p->feed)
		return 1;
	if (nj_device_argument(p->vdev, "iface", value, sizeof(value)) ||
		nj_device_argument(p->vdev, "rx_iface", value, sizeof(value)))
		return if_nametoindex(value);
	if (nj_device_argument(p->vdev, "rx_pcap", value, sizeof(value)))
		return file_mark(value);
	return 1;
}

static unsigned
port_count(const struct nj_conf *conf)
{
	return nj_min(conf->capture__ports.n, (uint32_t)NJ_CONTROL_PORTS_MAX);
}

void
nj_port_watch_begin(struct nj_port_watch *w, const struct nj_conf *conf)
{
	for (unsigned i = 0; i < port_count(conf); i++)
		w->was[i] = mark(&conf->capture__ports.v[i]);
	w->begun_ns = w->looked_ns = nj_mono_ns();
}

static bool
because(struct nj_port_watch *w, const char *name, const char *what)
{
	(void)snprintf(w->why, sizeof(w->why), "port %.60s: %s", name, what);
	return true;
}

bool
nj_port_watch_look(struct nj_port_watch *w, const struct nj_control *c,
	const struct nj_conf *conf, int64_t now_ns)
{
	static struct nj_sensor_state s;
	unsigned closed = 0;

	if (now_ns - w->looked_ns < LOOK_S * NJ_NS_PER_S)
		return false;
	w->looked_ns = now_ns;
	if (!nj_control_sensor(c, &s) || s.stage != NJ_STAGE_RUNNING)
		return false;
	for (unsigned i = 0; i < s.ports && i < port_count(conf); i++) {
		const struct nj_conf_port *p = &conf->capture__ports.v[i];
		uint64_t now;

		if (s.port[i].stage != NJ_PORT_CLOSED)
			continue;
		closed++;
		now = mark(p);
		if (now && now != w->was[i])
			return because(w, p->name, "it is there");
		/* Gone meanwhile: whatever comes will be another one. */
		w->was[i] = now;
	}
	return closed && closed == s.ports &&
	       now_ns - w->begun_ns > TRY_S * NJ_NS_PER_S &&
	       because(w, s.port[0].name, "trying again");
}

/* ---- Promiscuous mode ---- */

static bool
flags(int fd, const char *name, struct ifreq *r)
{
	*r = (struct ifreq){ 0 };
	memcpy(r->ifr_name, name, strnlen(name, sizeof(r->ifr_name) - 1));
	return !ioctl(fd, SIOCGIFFLAGS, r);
}

void
nj_promiscuous_remember(struct nj_port_watch *w, const struct nj_conf *conf)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq r;

	for (unsigned i = 0; fd >= 0 && i < port_count(conf); i++) {
		const char *name = conf->capture__ports.v[i].interface;

		w->not_promiscuous[i] = name && flags(fd, name, &r) &&
					!(r.ifr_flags & IFF_PROMISC);
	}
	if (fd >= 0)
		(void)close(fd);
}

void
nj_promiscuous_restore(
	const struct nj_port_watch *w, const struct nj_conf *conf)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq r;

	for (unsigned i = 0; fd >= 0 && i < port_count(conf); i++) {
		const char *name = conf->capture__ports.v[i].interface;

		if (!w->not_promiscuous[i] || !flags(fd, name, &r) ||
			!(r.ifr_flags & IFF_PROMISC))
			continue;
		r.ifr_flags &= ~IFF_PROMISC;
		(void)ioctl(fd, SIOCSIFFLAGS, &r);
	}
	if (fd >= 0)
		(void)close(fd);
}
