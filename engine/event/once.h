/*
 * once.h - records that are worth telling once a day: those of a log type
 * with NJ_EV_ONCE whose fields are all the same as in one told less than a
 * day of packet time ago are dropped (a certificate is shown on each of a
 * thousand connections); with NJ_EV_ONCE_UID the uid has to be the same too
 * (a tunnel whose packets several workers see).
 *
 * It sits where the rows of all workers are one sorted stream, so that what
 * is dropped does not depend on how many workers there are. Bounded: when
 * there is no room the oldest is forgotten, and told again.
 */
#ifndef NJ_EVENT_ONCE_H
#define NJ_EVENT_ONCE_H

#include "engine/event/row.h"

enum { NJ_ONCE_ROWS = 32768 };
#define NJ_ONCE_NS (24 * 3600 * NJ_NS_PER_S)

struct nj_once;
NJ_MUST_USE enum nj_err nj_once_create(struct nj_once **out);
void nj_once_destroy(struct nj_once **o);
/* Whether the row is to go on. Rows of other types always are. */
bool nj_once_pass(struct nj_once *o, const struct nj_row *row);
/* How many were not. */
uint64_t nj_once_dropped(const struct nj_once *o);

#endif
