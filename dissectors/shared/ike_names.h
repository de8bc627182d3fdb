/*
 * ike_names.h - what the numbers of IKE stand for (IANA's registries for
 * IKEv1, ISAKMP and IKEv2). NULL where nobody has given one a name.
 */
#ifndef NJ_DISSECTORS_SHARED_IKE_NAMES_H
#define NJ_DISSECTORS_SHARED_IKE_NAMES_H

#include "engine/base/base.h"

const char *nj_ike_exchange(unsigned version, uint8_t type);
const char *nj_ike_payload(bool two, uint8_t kind);
const char *nj_ike_notify(bool two, uint16_t type);
/* Version 2: type 1 encryption, 2 PRF, 3 integrity, 4 group, 5 numbers. */
const char *nj_ike_transform2(uint8_t type, uint16_t id);
/* Version 1: type 1 encryption, 2 hash, 3 authentication, 4 group. */
const char *nj_ike_attribute1(uint16_t type, uint32_t value);

#endif
