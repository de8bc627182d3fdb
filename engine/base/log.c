/*
 * log.c - log lines to standard error.
 */
#include "engine/base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static enum nj_log_level log_level = NJ_LOG_INFO;

void
nj_log_set_level(enum nj_log_level level)
{
	log_level = level;
}

void
nj_log(enum nj_log_level level, const char *module, const char *fmt, ...)
{
	static const char *const names[] = { "error", "warn", "info", "debug" };
	char text[1024], line[1200], stamp[32];
	struct timespec now;
	struct tm tm;
	va_list args;
	int n;

	if (level > log_level)
		return;
	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	(void)clock_gettime(CLOCK_REALTIME, &now);
	(void)gmtime_r(&now.tv_sec, &tm);
	(void)strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &tm);
	n = snprintf(line, sizeof(line), "%s.%03ldZ %s %s: %s\n", stamp,
		now.tv_nsec / 1000000, names[level], module, text);
	/* One write, so that lines of several processes do not mix. */
	if (write(STDERR_FILENO, line, (size_t)n) < 0)
		return;
}

void
nj_complain(const char *what, const char *why, const char *remedy)
{
	bool more = remedy && remedy[0];

	(void)fprintf(stderr, "nightjar: %s: %s%s%s\n", what, why,
		more ? ": " : "", more ? remedy : "");
}
