/*
 * mysql_msg.h - the payloads of MySQL's and MariaDB's packets, taken apart
 * (MySQL documentation, "Client/Server Protocol"; MariaDB Knowledge Base,
 * "Client/Server Protocol"). The views point into the packet.
 */
#ifndef NJ_DISSECTORS_SHARED_MYSQL_MSG_H
#define NJ_DISSECTORS_SHARED_MYSQL_MSG_H

#include "engine/base/cur.h"

/* What both sides of a session are capable of. */
enum {
	NJ_MYSQL_DATABASE = 1 << 3,
	NJ_MYSQL_COMPRESS = 1 << 5,
	NJ_MYSQL_41 = 1 << 9,
	NJ_MYSQL_SSL = 1 << 11,
	NJ_MYSQL_SECURE = 1 << 15,
	NJ_MYSQL_PLUGIN = 1 << 19,
	NJ_MYSQL_ATTRIBUTES = 1 << 20,
	NJ_MYSQL_LONG_AUTH = 1 << 21,
	NJ_MYSQL_NO_EOF = 1 << 24,
	NJ_MYSQL_ZSTD = 1 << 26,
	NJ_MYSQL_QUERY_ATTRIBUTES = 1 << 27
};

enum nj_mysql_command {
	NJ_MYSQL_QUIT = 1,
	NJ_MYSQL_INIT_DB = 2,
	NJ_MYSQL_QUERY = 3,
	NJ_MYSQL_FIELD_LIST = 4,
	NJ_MYSQL_STATISTICS = 9,
	NJ_MYSQL_PROCESS_INFO = 10,
	NJ_MYSQL_CHANGE_USER = 17,
	NJ_MYSQL_BINLOG_DUMP = 18,
	NJ_MYSQL_STMT_PREPARE = 22,
	NJ_MYSQL_STMT_EXECUTE = 23,
	NJ_MYSQL_STMT_LONG_DATA = 24,
	NJ_MYSQL_STMT_CLOSE = 25,
	NJ_MYSQL_STMT_FETCH = 28,
	NJ_MYSQL_BINLOG_DUMP_GTID = 30
};

/* "query"; NULL: no such command. */
const char *nj_mysql_command_name(uint8_t command);

struct nj_mysql_greeting {
	uint8_t protocol; /* 9 or 10 */
	uint32_t can;
	struct nj_view version;
};
NJ_MUST_USE bool nj_mysql_greeting(
	struct nj_mysql_greeting *g, struct nj_view v);

struct nj_mysql_login {
	uint32_t can;
	bool tls; /* and nothing else: a request to begin TLS */
	bool password;
	struct nj_view user, database, plugin, program;
};
NJ_MUST_USE bool nj_mysql_login(struct nj_mysql_login *l, struct nj_view v);

/* COM_CHANGE_USER without its first byte: the user. */
struct nj_view nj_mysql_change_user(struct nj_view v);
/* COM_QUERY without its first byte: the text, behind query attributes. */
struct nj_view nj_mysql_query(struct nj_view v, uint32_t can);

struct nj_mysql_error {
	uint16_t code;
	struct nj_view text;
};
/* ERR_Packet without its first byte. */
struct nj_mysql_error nj_mysql_error(struct nj_view v);

/* A number of 1, 3, 4 or 9 bytes. */
uint64_t nj_mysql_number(struct nj_cur *c);

#endif
