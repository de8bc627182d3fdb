/*
 * tftp.c - EVE "tftp" of the tftp log: the requests.
 */
#include "dissectors/eve/maps.h"

static const struct nj_eve_rule rules[] = {
	{ "command", "tftp.packet", NULL },
	{ "file", "tftp.file", NULL },
	{ "mode", "tftp.mode", nj_eve_lower },
	{ 0 },
};

const struct nj_eve_map nj_eve_tftp = { "tftp", "tftp", rules, NULL };
