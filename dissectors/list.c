/*
 * list.c - every dissector, from list.def.
 */
#include "engine/dissect/dissect.h"

#define DISSECTOR(name) extern const struct nj_dissector nj_dissector_##name;
#include "dissectors/list.def"
#undef DISSECTOR

const struct nj_dissector *const nj_dissectors[] = {
#define DISSECTOR(name) &nj_dissector_##name,
#include "dissectors/list.def"
#undef DISSECTOR
	NULL
};
