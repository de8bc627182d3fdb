/*
 * conf.h - the configuration: a table of options (options.def) makes this
 * struct, reads nightjar.yaml into it, and prints it. All mistakes of a file
 * are found and named with line and column before anything starts.
 *
 * An option capture.dedup.window is the member capture__dedup__window; its
 * number is NJ_CONF_capture__dedup__window.
 */
#ifndef NJ_CONF_CONF_H
#define NJ_CONF_CONF_H

#include "engine/base/buf.h"
#include "engine/base/hash.h"
#include "engine/base/prefix.h"

/* The lists are { elements, count, room }; all are empty by default. */
struct nj_conf_strings {
	const char **v;
	uint32_t n, cap;
};
struct nj_conf_prefixes {
	struct nj_prefix *v;
	uint32_t n, cap;
};
struct nj_conf_range {
	uint32_t lo, hi; /* both belong to it */
};
struct nj_conf_ranges {
	struct nj_conf_range *v;
	uint32_t n, cap;
};
/* One capture port; exactly one of pci, vdev, interface, file and feed is not
 * NULL. */
struct nj_conf_port {
	const char *pci, *vdev, *interface, *file, *feed;
	const char *name; /* never NULL: the address where none was given */
};
struct nj_conf_ports {
	struct nj_conf_port *v;
	uint32_t n, cap;
};

/* Types of options, with their C type. INT, SIZE (bytes) and DURATION (ns)
 * are numbers; ENUM is the place of the word in the option's ONE_OF. */
#define NJ_CONF_TYPES(T)                                                       \
	T(BOOL, bool)                                                          \
	T(INT, int64_t)                                                        \
	T(SIZE, int64_t)                                                       \
	T(DURATION, int64_t)                                                   \
	T(ENUM, int)                                                           \
	T(STRING, const char *)                                                \
	T(PATH, const char *)                                                  \
	T(KEY, struct nj_hash_key)                                             \
	T(STRINGS, struct nj_conf_strings)                                     \
	T(PREFIXES, struct nj_conf_prefixes)                                   \
	T(RANGES, struct nj_conf_ranges)                                       \
	T(PORTS, struct nj_conf_ports)

#define T(name, c) typedef c nj_conf_ctype_##name;
NJ_CONF_TYPES(T)
#undef T

#define SECTION(path, text)
#define OPTION(member, ...) NJ_CONF_##member,
enum nj_conf_id {
#include "engine/conf/options.def"
	NJ_CONF_COUNT
};
#undef OPTION

/* Places of the words of capture.hugepages, capture.shed and sensor.seccomp;
 * log.level has the order of enum nj_log_level. */
enum { NJ_HUGEPAGES_AUTO, NJ_HUGEPAGES_ON, NJ_HUGEPAGES_OFF };
enum { NJ_SHED_CONF_AUTO, NJ_SHED_CONF_ON, NJ_SHED_CONF_OFF };
enum { NJ_SECCOMP_ENFORCE, NJ_SECCOMP_LOG, NJ_SECCOMP_OFF };

enum nj_conf_from { NJ_CONF_DEFAULT, NJ_CONF_FILE, NJ_CONF_COMMAND };
struct nj_conf_origin {
	uint8_t from; /* enum nj_conf_from */
	uint32_t line, column;
};

struct nj_conf {
#define OPTION(member, type, ...) nj_conf_ctype_##type member;
#include "engine/conf/options.def"
#undef OPTION
	struct nj_conf_origin origin[NJ_CONF_COUNT];
	const char *file; /* as it was named; "" when there is none */
	struct nj_conf_arena *arena; /* holds what the members point to */
};
#undef SECTION

/* Where `run` and `config` look when no file is named. */
#define NJ_CONF_PATH "/etc/nightjar/nightjar.yaml"

/* Reads the file (NULL: nothing but defaults). On NJ_E_CONFIG or a file that
 * cannot be read, errors holds one line a mistake, each "FILE:LINE:COLUMN:
 * what: why: what to do" without "nightjar: " before it, and *out is NULL.
 * Gives *out, owned by the caller. */
NJ_MUST_USE enum nj_err nj_conf_load(
	struct nj_conf **out, const char *path, struct nj_buf *errors);
/* The same from text; name stands for the file in messages. */
NJ_MUST_USE enum nj_err nj_conf_parse(struct nj_conf **out, struct nj_view text,
	const char *name, struct nj_buf *errors);
void nj_conf_destroy(struct nj_conf **conf);
/* Reads path or, if it is NULL, NJ_CONF_PATH where that exists, else only
 * defaults; says each mistake to standard error. NULL after mistakes: exit
 * with NJ_EXIT_CONFIG. */
struct nj_conf *nj_conf_open(const char *path);

/* The text of a file, for nj_conf_parse; errors as there. */
NJ_MUST_USE enum nj_err nj_conf_read(
	const char *path, struct nj_buf *text, struct nj_buf *errors);
/* Writes lines of errors to standard error, and frees them. */
void nj_conf_say(struct nj_buf *errors);

/* Sets one option from the command line: "capture.workers", "4". */
NJ_MUST_USE enum nj_err nj_conf_set(struct nj_conf *conf, const char *path,
	const char *value, struct nj_buf *errors);

/* A mistake that only a higher layer can see (a filter that does not
 * compile, a log type that does not exist): says to standard error where the
 * option was set, why it is refused and what to do. */
void nj_conf_complain(const struct nj_conf *conf, enum nj_conf_id id,
	const char *why, const char *remedy);

/* Names, one a line, of options that differ between the two and that only a
 * restart takes over. Gives their count. */
unsigned nj_conf_restarts(const struct nj_conf *old, const struct nj_conf *new,
	struct nj_buf *names);

/* Gives into the values that from has for the options that a reload takes
 * over. Lists and texts stay from's: it must live as long as into does, or
 * until another is taken. */
void nj_conf_take(struct nj_conf *into, const struct nj_conf *from);

/* Effective values with where each came from, as lines that the parser reads
 * back; all, or those not at their default. */
void nj_conf_show(const struct nj_conf *conf, bool all, struct nj_buf *out);
void nj_conf_show_json(
	const struct nj_conf *conf, bool all, struct nj_buf *out);
/* docs/reference/config.md. */
void nj_conf_reference(struct nj_buf *out);
/* config/nightjar.yaml: every option, commented out, with its default. */
void nj_conf_example(struct nj_buf *out);

#endif
