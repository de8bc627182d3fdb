/*
 * log.h - one line a message to standard error (or the journal): time, level,
 * module, text of the form "what key=value ...". Never payload, never a
 * secret. Workers count instead of logging.
 */
#ifndef NJ_BASE_LOG_H
#define NJ_BASE_LOG_H

#include "engine/base/base.h"

enum nj_log_level { NJ_LOG_ERROR, NJ_LOG_WARN, NJ_LOG_INFO, NJ_LOG_DEBUG };

void nj_log_set_level(enum nj_log_level level);
void nj_log(enum nj_log_level level, const char *module, const char *fmt, ...)
	NJ_PRINTF(3, 4);
#define nj_error(m, ...) nj_log(NJ_LOG_ERROR, m, __VA_ARGS__)
#define nj_warn(m, ...) nj_log(NJ_LOG_WARN, m, __VA_ARGS__)
#define nj_info(m, ...) nj_log(NJ_LOG_INFO, m, __VA_ARGS__)
#define nj_debug(m, ...) nj_log(NJ_LOG_DEBUG, m, __VA_ARGS__)

/* The form of the contract for people at a terminal:
 * "nightjar: what: why: what to do" (the last part only if not empty). */
void nj_complain(const char *what, const char *why, const char *remedy);

#endif
