/*
 * device.h - descriptions of DPDK's virtual devices, "net_pcap0,rx_pcap=FILE":
 * for who has to know what a device is about without DPDK.
 */
#ifndef NJ_CAPTURE_DEVICE_H
#define NJ_CAPTURE_DEVICE_H

#include "engine/base/base.h"

/* The value of an argument; false, and "", when there is none. */
bool nj_device_argument(
	const char *device, const char *key, char *out, size_t room);

#endif
