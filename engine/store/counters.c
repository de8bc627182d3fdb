/*
 * counters.c - what the store counts.
 */
#include "engine/store/store.h"

NJ_COUNTERS_DEFINE(nj_store, NJ_STORE_COUNTERS);
