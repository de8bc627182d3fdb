/*
 * report.c - results of benches as text and JSON, with the machine that they
 * were measured on.
 */
#include <stdio.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

#include "bench/micro/bench.h"

struct machine {
	char cpu[128], kernel[96];
	int cores;
	double memory_gb, load;
	unsigned long huge_pages;
};

/* The value after the colon of the first line that begins with key. */
static void
proc_value(const char *path, const char *key, char *out, size_t cap)
{
	char line[512];
	FILE *f = fopen(path, "r");
	const char *colon;

	out[0] = 0;
	while (f && !out[0] && fgets(line, sizeof(line), f)) {
		if (strncmp(line, key, strlen(key)) != 0)
			continue;
		colon = strchr(line, ':');
		if (!colon)
			continue;
		colon += strspn(colon, ": \t");
		(void)snprintf(
			out, cap, "%.*s", (int)strcspn(colon, "\n"), colon);
	}
	if (f)
		(void)fclose(f);
}

static struct machine
machine_now(void)
{
	struct machine m = { 0 };
	struct utsname u;
	struct sysinfo info;
	char huge[32];

	proc_value("/proc/cpuinfo", "model name", m.cpu, sizeof(m.cpu));
	proc_value("/proc/meminfo", "HugePages_Total", huge, sizeof(huge));
	(void)sscanf(huge, "%lu", &m.huge_pages);
	m.cores = get_nprocs();
	if (!uname(&u))
		(void)snprintf(m.kernel, sizeof(m.kernel), "%.24s %.64s",
			u.sysname, u.release);
	if (!sysinfo(&info)) {
		m.memory_gb = (double)info.totalram * info.mem_unit / 1e9;
		m.load = (double)info.loads[0] / (1 << SI_LOAD_SHIFT);
	}
	return m;
}

void
bench_machine_json(struct nj_buf *out)
{
	struct machine m = machine_now();

	nj_buf_str(out, "{\"cpu\":");
	nj_buf_json_str(out, nj_str(m.cpu));
	nj_buf_printf(out,
		",\"cores\":%d,\"memory_gb\":%.1f,\"kernel\":", m.cores,
		m.memory_gb);
	nj_buf_json_str(out, nj_str(m.kernel));
	nj_buf_printf(out, ",\"huge_pages\":%lu,\"load\":%.2f}", m.huge_pages,
		m.load);
}

void
bench_machine_text(struct nj_buf *out)
{
	struct machine m = machine_now();

	nj_buf_printf(out,
		"%s, %d cores, %.1f GB, %s, %lu huge pages, load %.2f\n", m.cpu,
		m.cores, m.memory_gb, m.kernel, m.huge_pages, m.load);
}

static const struct bench_goal *
goal_of(const struct bench_result *r, const char *metric)
{
	for (const struct bench_goal *g = r->test->goals; g->metric; g++)
		if (!strcmp(g->metric, metric))
			return g;
	return NULL;
}

static bool
reaches(const struct bench_goal *g, double value, double what)
{
	return g->at_most ? value <= what : value >= what;
}

void
bench_result_json(struct nj_buf *out, const struct bench_result *r)
{
	nj_buf_printf(out,
		"{\"suite\":\"%s\",\"case\":\"%s\",\"text\":", r->suite->name,
		r->test->name);
	nj_buf_json_str(out, nj_str(r->test->text));
	if (r->err) {
		nj_buf_str(out, ",\"error\":");
		nj_buf_json_str(out, nj_str(nj_err_text(r->err)));
	}
	nj_buf_str(out, ",\"metrics\":{");
	for (unsigned i = 0; i < r->n; i++) {
		const struct bench_stat *s = &r->stats[i];
		const struct bench_goal *g = goal_of(r, s->name);

		nj_buf_printf(out,
			"%s\"%s\":{\"median\":%.6g,\"min\":%.6g,\"max\":%.6g,"
			"\"unit\":\"%s\"",
			i ? "," : "", s->name, s->median, s->min, s->max,
			s->unit);
		if (g)
			nj_buf_printf(out, ",\"must\":%.6g,\"reached\":%s",
				g->must,
				reaches(g, s->median, g->must) ? "true"
							       : "false");
		if (g && g->aim != 0)
			nj_buf_printf(out, ",\"aim\":%.6g", g->aim);
		nj_buf_char(out, '}');
	}
	nj_buf_str(out, "}}");
}

void
bench_result_text(struct nj_buf *out, const struct bench_result *r)
{
	nj_buf_printf(out, "%s %s: %s\n", r->suite->name, r->test->name,
		r->test->text);
	if (r->err)
		nj_buf_printf(out, "  failed: %s: %s\n", nj_err_text(r->err),
			nj_err_remedy(r->err));
	for (unsigned i = 0; i < r->n; i++) {
		const struct bench_stat *s = &r->stats[i];
		const struct bench_goal *g = goal_of(r, s->name);

		nj_buf_printf(out, "  %-22s %12.4g %-12s (%.4g to %.4g)",
			s->name, s->median, s->unit, s->min, s->max);
		if (g && !reaches(g, s->median, g->must))
			nj_buf_printf(out, "  MISSES must %.4g", g->must);
		else if (g && g->aim != 0 && reaches(g, s->median, g->aim))
			nj_buf_printf(out, "  reaches aim %.4g", g->aim);
		else if (g)
			nj_buf_printf(out, "  reaches must %.4g", g->must);
		nj_buf_char(out, '\n');
	}
}
