/*
 * pop3.c - EVE "pop3" of the pop3 log: one event a command with its answer.
 */
#include "dissectors/eve/maps.h"

/* An answer has a first line, be it empty. */
static void
put_header(struct nj_eve *e, const char *path, const struct nj_row_field *f)
{
	const struct nj_row_field *message = nj_eve_value(e, "message");

	(void)f;
	nj_json_str(&e->json, nj_eve_key(e, path),
		message ? message->bytes : (struct nj_view){ 0 });
}

static const struct nj_eve_rule rules[] = {
	{ "command", "pop3.request.command", NULL },
	{ "args", "pop3.request.args", NULL },
	{ "success", "pop3.response.success", NULL },
	{ "status", "pop3.response.status", NULL },
	{ "success", "pop3.response.header", put_header },
	{ "data", "pop3.response.data", NULL },
	{ 0 },
};

const struct nj_eve_map nj_eve_pop3 = { "pop3", "pop3", rules, NULL };
