/*
 * ntp.c - EVE "ntp" of the ntp log.
 */
#include "dissectors/eve/maps.h"

/* The four bytes as they came: of a text, an address, or none. */
static void
put_reference_id(
	struct nj_eve *e, const char *path, const struct nj_row_field *f)
{
	const struct nj_row_field *id = nj_eve_value(e, "ref_id");
	uint8_t bytes[4] = { 0 };
	struct nj_addr addr;
	char text[16] = "";

	(void)f;
	if (id) {
		memcpy(text, id->bytes.data,
			nj_min(id->bytes.len, sizeof(text) - 1));
		memcpy(bytes, text, sizeof(bytes));
		if (nj_addr_parse(&addr, text) && addr.family == 4)
			memcpy(bytes, addr.bytes, sizeof(bytes));
	}
	nj_json_hex(&e->json, nj_eve_key(e, path),
		(struct nj_view){ bytes, sizeof(bytes) }, ':');
}

static const struct nj_eve_rule rules[] = {
	{ "version", "ntp.version", NULL },
	{ "mode", "ntp.mode", NULL },
	{ "stratum", "ntp.stratum", NULL },
	{ NULL, "ntp.reference_id", put_reference_id },
	{ 0 },
};

const struct nj_eve_map nj_eve_ntp = { "ntp", "ntp", rules, NULL };
