/*
 * conf_priv.h - the option table as the files of this folder share it.
 */
#ifndef NJ_CONF_CONF_PRIV_H
#define NJ_CONF_CONF_PRIV_H

#include "engine/conf/conf.h"

enum {
	CONF_FILE_BYTES_MAX = 1 << 20,
	CONF_PATH_MAX = 96,
	CONF_LIST_MAX = 4096,
	CONF_STRING_MAX = 4096,
	CONF_ERRORS_MAX = 20
};

enum conf_type {
#define T(name, c) CONF_##name,
	NJ_CONF_TYPES(T)
#undef T
};

/* Why a value is not allowed, and what is. */
struct conf_problem {
	char why[160], remedy[320];
};

struct conf_option {
	const char *member;
	uint8_t type; /* enum conf_type */
	bool reload, can_auto, secret;
	uint32_t offset;
	const char *initial; /* the default as text */
	const char *text;
	int64_t min, max; /* both 0: any */
	const char *const *allowed;
	const char *unit;
	/* Of a list of maps: its keys, the size of an element, and what must
	 * hold for one as a whole. */
	const struct conf_option *item;
	uint32_t item_bytes;
	bool (*check)(void *item, struct conf_problem *problem);
	/* What must hold for the list of them. */
	bool (*check_all)(const void *at, struct conf_problem *problem);
	uint32_t count_max; /* elements of a list; 0: CONF_LIST_MAX */
};

struct conf_section {
	const char *member;
	const char *text;
};

extern const struct conf_option conf_options[NJ_CONF_COUNT];
extern const struct conf_section conf_sections[];
extern const unsigned conf_section_count;

/* "capture__workers" to "capture.workers"; gives the length. */
size_t conf_path(const char *member, char out[CONF_PATH_MAX]);

/* Memory that lives as long as the conf; NULL when there is none. */
void *conf_keep(struct nj_conf *conf, size_t bytes);

static inline void *
conf_member(const struct nj_conf *conf, const struct conf_option *o)
{
	return (uint8_t *)(uintptr_t)conf + o->offset;
}

bool conf_is_list(const struct conf_option *o);
/* Sets the scalar at *at (a member of the option's type) from text. */
NJ_MUST_USE bool conf_value_set(struct nj_conf *conf,
	const struct conf_option *o, void *at, struct nj_view text,
	struct conf_problem *problem);
/* Adds an element to the list at *at. */
NJ_MUST_USE bool conf_value_add(struct nj_conf *conf,
	const struct conf_option *o, void *at, struct nj_view text,
	struct conf_problem *problem);
/* Room for one more element of a list of any type, zeroed; NULL when full. */
void *conf_list_grow(struct nj_conf *conf, const struct conf_option *o,
	void *at, struct conf_problem *problem);
void conf_list_clear(void *at);
/* Sets scalar or list from text as it stands in options.def. */
NJ_MUST_USE bool conf_value_set_any(struct nj_conf *conf,
	const struct conf_option *o, struct nj_view text,
	struct conf_problem *problem);
/* The value as YAML on one line, or as JSON. */
void conf_value_text(
	struct nj_buf *out, const struct conf_option *o, const void *at);
void conf_value_json(
	struct nj_buf *out, const struct conf_option *o, const void *at);
/* What is allowed, in words: "1 to 64 threads, or auto". */
void conf_allowed_text(struct nj_buf *out, const struct conf_option *o);

/* Reads YAML into conf. Appends error lines; false if there were any. */
NJ_MUST_USE bool conf_yaml_read(
	struct nj_conf *conf, struct nj_view text, struct nj_buf *errors);

#endif
