/*
 * paced.h - a source that gives its packets when their time has come: what
 * was made beforehand, as if it happened now.
 */
#ifndef NJ_CAPTURE_PACED_H
#define NJ_CAPTURE_PACED_H

#include "engine/capture/source.h"

/* Takes inner (closed with the new one). Its first packet comes at once, the
 * others as far behind it as their time stamps are; stamps become those of
 * the clock on the wall. */
NJ_MUST_USE enum nj_err nj_paced_open(
	struct nj_source **out, struct nj_source *inner);

#endif
