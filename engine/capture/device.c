/*
 * device.c - arguments of a virtual device.
 */
#include "engine/capture/device.h"

#include <stdio.h>

bool
nj_device_argument(const char *device, const char *key, char *out, size_t room)
{
	size_t n = strlen(key);

	*out = '\0';
	for (const char *p = strchr(device, ','); p; p = strchr(p, ',')) {
		p++;
		if (strncmp(p, key, n) != 0 || p[n] != '=')
			continue;
		p += n + 1;
		(void)snprintf(out, room, "%.*s", (int)strcspn(p, ","), p);
		return true;
	}
	return false;
}
