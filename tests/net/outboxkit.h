/*
 * outboxkit.h - records that follow from a seed and a number alone, with all
 * that values may hold.
 */
#ifndef NJ_TESTS_NET_OUTBOXKIT_H
#define NJ_TESTS_NET_OUTBOXKIT_H

#include <stdio.h>

#include "engine/event/row.h"

/* Registers all log types. */
bool outbox_begin(void);
/* Appends the i-th record of a seed. */
void outbox_row(struct nj_buf *out, uint64_t seed, uint64_t i);
/* {"conn":{"count":N,"ports":SUM,"times":SUM modulo 2^64},...} of the first
 * rows records. */
void outbox_sums(FILE *out, uint64_t seed, uint64_t rows);
/* Appends the i-th query of a seed; some are none. */
void outbox_query(struct nj_buf *out, uint64_t seed, uint64_t i);
/* A time span in which some of the records lie. */
void outbox_span(uint64_t random, int64_t *from_ns, int64_t *to_ns);

#endif
