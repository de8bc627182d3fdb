/*
 * event_priv.h - what registration works out once for a log type, so that
 * encoding, walking and printing rows look nothing up by name.
 */
#ifndef NJ_EVENT_EVENT_PRIV_H
#define NJ_EVENT_EVENT_PRIV_H

#include "engine/event/event.h"

/* Keys lie in blocks of this many bytes, so that most are copied by one
 * vector load and store. */
enum { NJ_KEY_BLOCK = 32 };

struct nj_eve_known;

struct nj_event_key {
	const uint8_t *text; /* ,"id.orig_h": and padding to a whole block */
	uint32_t len;
};

struct nj_event_known {
	const struct nj_event_desc *desc;
	uint32_t type;
	uint16_t rank;        /* place in the order of names */
	uint16_t vars;        /* fields whose size is not bounded */
	uint32_t fixed_bytes; /* the most a row takes without those's bytes */
	uint8_t var[NJ_EVENT_ID_MAX + 1];   /* their places in the table */
	uint8_t place[NJ_EVENT_ID_MAX + 1]; /* of an id, plus 1; 0: none */
	struct nj_event_key open;           /* {"_path":"conn","ts": */
	struct nj_event_key *keys;          /* in the order of the table */
	const struct nj_eve_known *eve;     /* eve.c; NULL: not an EVE event */
};

const struct nj_event_known *nj_event_known_by_type(uint32_t type);
/* Once, by eve.c. */
void nj_event_set_eve(
	const struct nj_event_desc *desc, const struct nj_eve_known *eve);

/* The row head's fixed part, see row.h. */
enum {
	NJ_ROW_AT_LEN = 0,
	NJ_ROW_AT_TYPE = 4,
	NJ_ROW_AT_ORDER = 8,
	NJ_ROW_AT_TS = 16,
	NJ_ROW_AT_UID = 24,
	NJ_ROW_AT_PORTS = 40,
	NJ_ROW_AT_FAMILIES = 44,
	NJ_ROW_AT_FIELDS = 45,
	NJ_ROW_HEAD_BYTES = 46,
	NJ_ROW_HEAD_MAX = NJ_ROW_HEAD_BYTES + 32 + 17,
	/* id and form, then value: a number, an address, a length */
	NJ_ROW_NUMBER_MAX = 2 + 8,
	NJ_ROW_ADDR_MAX = 2 + 16,
	NJ_ROW_LENGTH_MAX = 2 + 4,
	NJ_ROW_LEB_MAX = 10
};

/* The order of two rows of no flow that agree in order time and type. They
 * may come from several workers, so which came first says nothing: when it
 * began decides, then the bytes. Both are whole rows. */
int nj_row_tie(struct nj_view a, struct nj_view b);

enum nj_form { NJ_FORM_16 = 9, NJ_FORM_LEN8, NJ_FORM_LEN16, NJ_FORM_LEN32 };

#endif
