/*
 * mysql_msg.c - the payloads of MySQL's and MariaDB's packets, taken apart
 * (MySQL documentation, "Client/Server Protocol"; MariaDB Knowledge Base,
 * "Client/Server Protocol").
 */
#include "dissectors/shared/mysql_msg.h"

enum { ATTRIBUTES_MAX = 64, PARAMETERS_MAX = 256 };

const char *
nj_mysql_command_name(uint8_t command)
{
	static const char *const names[] = { "sleep", "quit", "init_db",
		"query", "field_list", "create_db", "drop_db", "refresh",
		"shutdown", "statistics", "process_info", "connect",
		"process_kill", "debug", "ping", "time", "delayed_insert",
		"change_user", "binlog_dump", "table_dump", "connect_out",
		"register_slave", "stmt_prepare", "stmt_execute",
		"stmt_send_long_data", "stmt_close", "stmt_reset", "set_option",
		"stmt_fetch", "daemon", "binlog_dump_gtid", "reset_connection",
		"clone" };

	/* MariaDB's own. */
	if (command == 0xfa)
		return "stmt_bulk_execute";
	return command < nj_countof(names) ? names[command] : NULL;
}

uint64_t
nj_mysql_number(struct nj_cur *c)
{
	uint8_t first = nj_cur_u8(c);
	struct nj_view v;

	switch (first) {
	case 0xfc:
		return nj_cur_le16(c);
	case 0xfd:
		v = nj_cur_take(c, 3);
		return v.data ? v.data[0] | (uint32_t)v.data[1] << 8 |
					(uint32_t)v.data[2] << 16
			      : 0;
	case 0xfe:
		return nj_cur_le64(c);
	case 0xfb:
	case 0xff:
		c->bad = true;
		return 0;
	default:
		return first;
	}
}

static struct nj_view
string(struct nj_cur *c)
{
	uint64_t n = nj_mysql_number(c);

	return nj_cur_take(c, (size_t)nj_min(n, (uint64_t)SIZE_MAX / 2));
}

/* Up to a NUL, which the last string of a packet may lack. */
static struct nj_view
text(struct nj_cur *c)
{
	struct nj_view rest = nj_cur_rest(c);
	size_t n = nj_view_chr(rest, 0);

	nj_cur_skip(c, n == SIZE_MAX ? rest.len : n + 1);
	return nj_sub(rest, 0, n == SIZE_MAX ? rest.len : n);
}

bool
nj_mysql_greeting(struct nj_mysql_greeting *g, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);

	*g = (struct nj_mysql_greeting){ .protocol = nj_cur_u8(&c) };
	if (g->protocol != 9 && g->protocol != 10)
		return false;
	g->version = text(&c);
	nj_cur_skip(&c, 4);
	if (g->protocol == 9 || c.bad)
		return !c.bad && g->version.len;
	nj_cur_skip(&c, 9);
	g->can = nj_cur_le16(&c);
	if (nj_cur_left(&c) >= 5) {
		nj_cur_skip(&c, 3);
		g->can |= (uint32_t)nj_cur_le16(&c) << 16;
	}
	return !c.bad && g->version.len;
}

/* Names and values that a client tells of itself. */
static void
attributes(struct nj_mysql_login *l, struct nj_cur *c)
{
	struct nj_cur in = nj_cur(string(c));

	for (unsigned i = 0; i < ATTRIBUTES_MAX && nj_cur_left(&in); i++) {
		struct nj_view name = string(&in), value = string(&in);

		if (in.bad)
			return;
		if (nj_view_eq(name, NJ_LIT("program_name")) ||
			(!l->program.len &&
				nj_view_eq(name, NJ_LIT("_client_name"))))
			l->program = value;
	}
}

/* Before 4.1. */
static bool
login_old(struct nj_mysql_login *l, struct nj_cur *c)
{
	l->can = nj_cur_le16(c);
	nj_cur_skip(c, 3);
	if (l->can & NJ_MYSQL_SSL && !c->bad && !nj_cur_left(c)) {
		l->tls = true;
		return true;
	}
	l->user = text(c);
	l->password = text(c).len > 0;
	if (l->can & NJ_MYSQL_DATABASE)
		l->database = text(c);
	return !c->bad && l->user.len;
}

bool
nj_mysql_login(struct nj_mysql_login *l, struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	struct nj_view secret;

	*l = (struct nj_mysql_login){ 0 };
	if (v.len < 32 || !(v.data[1] & NJ_MYSQL_41 >> 8))
		return login_old(l, &c);
	l->can = nj_cur_le32(&c);
	nj_cur_skip(&c, 28);
	if (l->can & NJ_MYSQL_SSL && !nj_cur_left(&c)) {
		l->tls = true;
		return true;
	}
	l->user = text(&c);
	if (l->can & NJ_MYSQL_LONG_AUTH)
		secret = string(&c);
	else if (l->can & NJ_MYSQL_SECURE)
		secret = nj_cur_take(&c, nj_cur_u8(&c));
	else
		secret = text(&c);
	l->password = secret.len > 0;
	if (c.bad)
		return false;
	if (l->can & NJ_MYSQL_DATABASE)
		l->database = text(&c);
	if (l->can & NJ_MYSQL_PLUGIN)
		l->plugin = text(&c);
	if (l->can & NJ_MYSQL_ATTRIBUTES && nj_cur_left(&c))
		attributes(l, &c);
	return true;
}

struct nj_view
nj_mysql_change_user(struct nj_view v)
{
	struct nj_cur c = nj_cur(v);

	return text(&c);
}

/* The value of a bound parameter: as many bytes as its type has. */
static void
value_skip(struct nj_cur *c, uint8_t type)
{
	switch (type) {
	case 1: /* tiny */
		nj_cur_skip(c, 1);
		break;
	case 2:  /* short */
	case 13: /* year */
		nj_cur_skip(c, 2);
		break;
	case 3: /* long */
	case 4: /* float */
	case 9: /* int24 */
		nj_cur_skip(c, 4);
		break;
	case 5: /* double */
	case 8: /* longlong */
		nj_cur_skip(c, 8);
		break;
	case 6: /* null */
		break;
	default: /* times have a length of one byte, which is a number too */
		(void)string(c);
		break;
	}
}

struct nj_view
nj_mysql_query(struct nj_view v, uint32_t can)
{
	uint8_t types[PARAMETERS_MAX];
	struct nj_cur c = nj_cur(v);
	struct nj_view nulls;
	uint64_t n;

	if (!(can & NJ_MYSQL_QUERY_ATTRIBUTES))
		return v;
	n = nj_mysql_number(&c);
	(void)nj_mysql_number(&c); /* sets of them: always one */
	if (!n && !c.bad)
		return nj_cur_rest(&c);
	if (n > PARAMETERS_MAX)
		return v;
	nulls = nj_cur_take(&c, (size_t)(n + 7) / 8);
	if (nj_cur_u8(&c) != 1)
		return v;
	for (unsigned i = 0; i < n && !c.bad; i++) {
		types[i] = nj_cur_u8(&c);
		nj_cur_skip(&c, 1);
		(void)string(&c);
	}
	for (unsigned i = 0; i < n && !c.bad; i++)
		if (!(nulls.data[i / 8] >> i % 8 & 1))
			value_skip(&c, types[i]);
	return c.bad ? v : nj_cur_rest(&c);
}

struct nj_mysql_error
nj_mysql_error(struct nj_view v)
{
	struct nj_cur c = nj_cur(v);
	struct nj_mysql_error e = { .code = nj_cur_le16(&c) };

	/* '#' and a state of five letters, since 4.1. */
	if (nj_cur_left(&c) >= 6 && *c.at == '#')
		nj_cur_skip(&c, 6);
	e.text = nj_cur_rest(&c);
	return e;
}
