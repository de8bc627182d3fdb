/*
 * amqp1.h - performatives of AMQP 1.0 (OASIS), as far as they say who opens
 * what, which address is linked, and what was refused.
 */
#ifndef NJ_DISSECTORS_SHARED_AMQP1_H
#define NJ_DISSECTORS_SHARED_AMQP1_H

#include "engine/base/cur.h"

enum nj_amqp1_what {
	NJ_AMQP1_OPEN = 0x10,
	NJ_AMQP1_BEGIN = 0x11,
	NJ_AMQP1_ATTACH = 0x12,
	NJ_AMQP1_FLOW = 0x13,
	NJ_AMQP1_TRANSFER = 0x14,
	NJ_AMQP1_DISPOSITION = 0x15,
	NJ_AMQP1_DETACH = 0x16,
	NJ_AMQP1_END = 0x17,
	NJ_AMQP1_CLOSE = 0x18,
	NJ_AMQP1_INIT = 0x41,   /* of SASL */
	NJ_AMQP1_OUTCOME = 0x44 /* of SASL */
};

struct nj_amqp1 {
	uint8_t what;
	struct nj_view container, host;   /* OPEN */
	struct nj_view source, target;    /* ATTACH: addresses */
	struct nj_view method, login;     /* INIT */
	uint8_t code;                     /* OUTCOME */
	struct nj_view error, error_text; /* DETACH, END, CLOSE */
};

/* The performative at the beginning of a frame's body. False: none. */
NJ_MUST_USE bool nj_amqp1_read(struct nj_amqp1 *a, struct nj_view v);
/* "attach"; NULL: there is none such. */
const char *nj_amqp1_name(uint8_t what);

#endif
