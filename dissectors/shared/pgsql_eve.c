/*
 * pgsql_eve.c - EVE's pgsql events. Both objects of an event are written as
 * the messages come, into kept memory of fixed size.
 */
#include "dissectors/shared/pgsql_eve.h"
#include "dissectors/shared/take.h"

#define EVE_PGSQL(F, tag)                                                      \
	F(tag, 1, U32, pgsql__tx_id, 0, "Number of the request, from 1")       \
	F(tag, 2, STR, pgsql__request, NJ_JSON,                                \
		"simple_query, startup_parameters, message, ...")              \
	F(tag, 3, STR, pgsql__response, NJ_JSON,                               \
		"message, code, parameter_status, command_completed, "         \
		"field_count, data_rows, data_size, ...")

NJ_EVENT_STRUCT_(eve_pgsql, EVE_PGSQL);
NJ_EVENT_DEFINE(eve_pgsql, EVE_PGSQL, NJ_EV_EVE, "One PostgreSQL request");

enum {
	SIDE_BYTES = 6 * 1024,
	QUERY_BYTES = 4096,
	PARAMETERS_MAX = 64,
	FIELDS_MAX = 32,
	CODE_CANCEL = 80877102,
	CODE_SSL = 80877103,
	CODE_GSS = 80877104,
	AUTH_SASL = 10,
	AUTH_SASL_CONTINUE = 11,
	AUTH_SASL_FINAL = 12
};

struct nj_pgsql_talk {
	bool open;      /* a request was made */
	bool in_status; /* parameter_status is an open list */
	bool has_command, has_message;
	uint8_t last_auth; /* what the server asked for last */
	uint16_t fields;
	uint64_t rows, row_bytes, copied, copied_bytes;
	struct nj_json request, response;
	uint8_t memory[2][SIDE_BYTES];
};

static struct nj_pgsql_talk *
talk_of(struct nj_pgsql_eve *e, struct nj_dctx *d)
{
	if (!nj_wanted(d, &eve_pgsql_desc))
		return NULL;
	if (e->talk)
		return e->talk;
	e->talk = nj_keep(d, sizeof(*e->talk));
	if (e->talk) {
		e->talk->open = false;
		e->talk->last_auth = 0;
	}
	return e->talk;
}

/* ---- The event ---- */

static void
put_counts(struct nj_pgsql_talk *t)
{
	struct nj_json *j = &t->response;

	if (t->fields)
		nj_json_u64(j, "field_count", t->fields);
	if (t->rows) {
		nj_json_u64(j, "data_rows", t->rows);
		nj_json_u64(j, "data_size", t->row_bytes);
	}
	if (!t->copied)
		return;
	nj_json_obj(j, "copy_data_out");
	nj_json_u64(j, "row_count", t->copied);
	nj_json_u64(j, "data_size", t->copied_bytes);
	nj_json_end(j);
}

static void
status_end(struct nj_pgsql_talk *t)
{
	if (t->in_status)
		nj_json_end(&t->response);
	t->in_status = false;
	(void)nj_json_keep(&t->response);
}

static void
finish(struct nj_pgsql_eve *e, struct nj_dctx *d)
{
	struct nj_pgsql_talk *t = e->talk;
	struct eve_pgsql_event ev = { 0 };

	if (!t || !t->open)
		return;
	t->open = false;
	status_end(t);
	put_counts(t);
	ev.pgsql__tx_id = e->tx;
	ev.pgsql__request = nj_json_view(&t->request);
	ev.pgsql__response = nj_json_view(&t->response);
	if (ev.pgsql__request.len == 2)
		ev.pgsql__request.len = 0; /* {}: nothing to tell */
	if (ev.pgsql__response.len == 2)
		ev.pgsql__response.len = 0;
	(void)nj_emit_dir(d, &eve_pgsql_desc, &ev, NJ_ORIG);
}

static struct nj_json *
begin(struct nj_pgsql_eve *e, struct nj_dctx *d)
{
	struct nj_pgsql_talk *t = talk_of(e, d);

	if (!t)
		return NULL;
	finish(e, d);
	e->tx++;
	t->open = true;
	t->in_status = t->has_command = t->has_message = false;
	t->fields = 0;
	t->rows = t->row_bytes = t->copied = t->copied_bytes = 0;
	nj_json_init(&t->request, nj_buf_fixed(t->memory[0], SIDE_BYTES));
	nj_json_init(&t->response, nj_buf_fixed(t->memory[1], SIDE_BYTES));
	nj_json_obj(&t->request, NULL);
	nj_json_obj(&t->response, NULL);
	return &t->request;
}

void
nj_pgsql_eve_end(struct nj_pgsql_eve *e, struct nj_dctx *d)
{
	finish(e, d);
	if (e->talk)
		nj_drop(d, e->talk);
	e->talk = NULL;
}

/* ---- The client ---- */

/* {"date_style": "ISO"}: DateStyle in the words of EVE. */
static void
put_parameter(struct nj_json *j, struct nj_view name, struct nj_view value)
{
	uint8_t key[64];
	size_t n = 0;

	for (size_t i = 0; i < name.len && n + 2 < sizeof(key); i++) {
		uint8_t ch = name.data[i];
		bool capital = ch >= 'A' && ch <= 'Z';

		if (capital && i)
			key[n++] = '_';
		key[n++] = capital ? ch | 0x20 : ch;
	}
	nj_json_obj(j, NULL);
	nj_json_key(j, (struct nj_view){ key, n });
	nj_json_str(j, NULL, value);
	nj_json_end(j);
}

static void
startup_parameters(struct nj_json *j, struct nj_view body)
{
	struct nj_cur c = nj_cur(body);
	struct nj_view user = { 0 };

	nj_json_obj(j, "startup_parameters");
	nj_json_arr(j, "optional_parameters");
	for (unsigned i = 0; i < PARAMETERS_MAX; i++) {
		struct nj_view name = nj_take_text(&c), value;

		if (c.bad || !name.len)
			break;
		value = nj_take_text(&c);
		if (nj_view_eq(name, NJ_LIT("user")))
			user = value;
		else
			put_parameter(j, name, value);
		if (!nj_json_keep(j))
			break;
	}
	nj_json_end(j);
	nj_json_str(j, "user", user);
	nj_json_end(j);
}

void
nj_pgsql_eve_start(struct nj_pgsql_eve *e, struct nj_dctx *d, uint32_t code,
	struct nj_view body)
{
	struct nj_json *j = begin(e, d);
	struct nj_cur c = nj_cur(body);
	char version[] = "0.0";

	if (!j)
		return;
	switch (code) {
	case CODE_SSL:
		nj_json_text(j, "message", "SSL Request");
		return;
	case CODE_GSS:
		nj_json_text(j, "message", "GSS Request");
		return;
	case CODE_CANCEL:
		nj_json_text(j, "message", "cancel_request");
		nj_json_u64(j, "process_id", nj_cur_u32(&c));
		nj_json_u64(j, "secret_key", nj_cur_u32(&c));
		return;
	}
	version[0] = (char)('0' + (code >> 16) % 10);
	version[2] = (char)('0' + (code & 0xffff) % 10);
	nj_json_text(j, "protocol_version", version);
	startup_parameters(j, body);
	(void)nj_json_keep(j);
}

/* A password is not told; what SASL says is, as it hides it. */
static void
password(struct nj_json *j, uint8_t asked, struct nj_view body)
{
	struct nj_cur c = nj_cur(body);
	struct nj_view mechanism;

	if (asked == AUTH_SASL_CONTINUE)
		nj_json_str(j, "sasl_response", body);
	if (asked != AUTH_SASL)
		return;
	mechanism = nj_take_text(&c);
	nj_cur_skip(&c, 4);
	if (c.bad)
		return;
	if (nj_view_eq(mechanism, NJ_LIT("SCRAM-SHA-256")))
		mechanism = NJ_LIT("scram_SHA256");
	else if (nj_view_eq(mechanism, NJ_LIT("SCRAM-SHA-256-PLUS")))
		mechanism = NJ_LIT("scram_SHA256_plus");
	nj_json_str(j, "sasl_authentication_mechanism", mechanism);
	nj_json_str(j, "sasl_param", nj_cur_rest(&c));
}

void
nj_pgsql_eve_asked(struct nj_pgsql_eve *e, struct nj_dctx *d, uint8_t type,
	struct nj_view body)
{
	struct nj_json *j;

	if (type != 'Q' && type != 'X' && type != 'p')
		return;
	j = begin(e, d);
	if (!j)
		return;
	if (type == 'Q')
		nj_json_str(j, "simple_query",
			nj_sub(body, 0,
				nj_min(nj_view_chr(body, 0),
					(size_t)QUERY_BYTES)));
	else if (type == 'X')
		nj_json_text(j, "message", "termination_message");
	else
		password(j, e->talk->last_auth, body);
	(void)nj_json_keep(j);
	if (type == 'X')
		finish(e, d);
}

/* ---- The server ---- */

void
nj_pgsql_eve_tls(struct nj_pgsql_eve *e, struct nj_dctx *d, uint8_t byte)
{
	if (!e->talk || !e->talk->open)
		return;
	nj_json_bool(&e->talk->response, "ssl_accepted", byte == 'S');
	finish(e, d);
}

static void
authentication(struct nj_pgsql_talk *t, struct nj_view body)
{
	static const char *const names[] = { "authentication_ok",
		"authentication_kerberos_v4", "authentication_kerberos_v5",
		"authentication_cleartext_password",
		"authentication_crypt_password", "authentication_md5_password",
		"authentication_scm_credentials", "authentication_gss",
		"authentication_gss_continue", "authentication_sspi",
		"authentication_sasl", "authentication_sasl_continue" };
	struct nj_cur c = nj_cur(body);
	uint32_t code = nj_cur_u32(&c);

	if (c.bad)
		return;
	if (code == AUTH_SASL_FINAL) {
		nj_json_str(&t->response, "authentication_sasl_final",
			nj_cur_rest(&c));
		return;
	}
	t->last_auth = (uint8_t)code;
	if (code >= nj_countof(names) || t->has_message)
		return;
	t->has_message = true;
	nj_json_text(&t->response, "message", names[code]);
}

/* The fields of an error or a notice that EVE tells. */
static void
fields(struct nj_pgsql_talk *t, struct nj_view body)
{
	static const char letters[] = "SVCMFLR";
	static const char *const names[] = { "severity_localizable",
		"severity_non_localizable", "code", "message", "file", "line",
		"routine" };
	struct nj_cur c = nj_cur(body);

	if (t->has_message)
		return;
	t->has_message = true;
	for (unsigned i = 0; i < FIELDS_MAX; i++) {
		uint8_t letter = nj_cur_u8(&c);
		const char *at = letter ? strchr(letters, letter) : NULL;
		struct nj_view value;

		if (c.bad || !letter)
			return;
		value = nj_take_text(&c);
		if (!c.bad && at)
			nj_json_str(&t->response, names[at - letters], value);
	}
}

static void
parameter_status(struct nj_pgsql_talk *t, struct nj_view body)
{
	struct nj_cur c = nj_cur(body);
	struct nj_view name = nj_take_text(&c), value = nj_take_text(&c);

	if (c.bad)
		return;
	if (!t->in_status)
		nj_json_arr(&t->response, "parameter_status");
	t->in_status = true;
	put_parameter(&t->response, name, value);
	(void)nj_json_keep(&t->response);
}

static void
one_answer(struct nj_pgsql_talk *t, uint8_t type, struct nj_view body)
{
	struct nj_json *j = &t->response;
	struct nj_cur c = nj_cur(body);

	switch (type) {
	case 'R':
		authentication(t, body);
		break;
	case 'E':
		fields(t, body);
		break;
	case 'C':
		if (!t->has_command)
			nj_json_str(j, "command_completed", nj_take_text(&c));
		t->has_command = true;
		break;
	case 'K':
		nj_json_u64(j, "process_id", nj_cur_u32(&c));
		nj_json_u64(j, "secret_key", nj_cur_u32(&c));
		break;
	case 'T':
		t->fields = nj_cur_u16(&c);
		break;
	default:
		break;
	}
}

void
nj_pgsql_eve_answered(struct nj_pgsql_eve *e, struct nj_dctx *d, uint8_t type,
	struct nj_view body)
{
	struct nj_pgsql_talk *t = e->talk;

	if (!t || !t->open)
		return;
	if (type == 'S') {
		parameter_status(t, body);
		return;
	}
	status_end(t);
	one_answer(t, type, body);
	(void)nj_json_keep(&t->response);
	if (type == 'Z')
		finish(e, d);
}

void
nj_pgsql_eve_row(struct nj_pgsql_eve *e, uint8_t type, uint32_t bytes)
{
	struct nj_pgsql_talk *t = e->talk;
	uint32_t heads;

	if (!t || !t->open)
		return;
	if (type == 'd') {
		t->copied++;
		t->copied_bytes += bytes;
		return;
	}
	/* Each column has its length before it, and their number all. */
	heads = 2 + 4 * (uint32_t)t->fields;
	t->rows++;
	t->row_bytes += bytes > heads ? bytes - heads : 0;
}

bool
nj_pgsql_eve_reads(const struct nj_dctx *d, enum nj_dir dir, uint8_t type)
{
	if (!nj_wanted(d, &eve_pgsql_desc))
		return false;
	return strchr(dir == NJ_ORIG ? "p" : "STK", type) != NULL;
}
