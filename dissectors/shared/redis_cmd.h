/*
 * redis_cmd.h - what a Redis command is about: its key, value, user, and the
 * arguments that tell what an administrator, or an intruder, does. Passwords
 * are left out.
 */
#ifndef NJ_DISSECTORS_SHARED_REDIS_CMD_H
#define NJ_DISSECTORS_SHARED_REDIS_CMD_H

#include "dissectors/shared/redis_resp.h"

enum { NJ_REDIS_ARGS_MAX = 4 };

enum {
	NJ_REDIS_SUBSCRIBES = 1 << 0, /* not answered, but confirmed */
	NJ_REDIS_REPLICATES = 1 << 1, /* what follows is no reply */
	NJ_REDIS_ADMIN = 1 << 2       /* its arguments are told */
};

struct nj_redis_known {
	const char *name;
	uint8_t key, value; /* which word; 0: none */
	uint8_t flags;
};

enum nj_redis_reply {
	NJ_REDIS_REPLY_SAME,
	NJ_REDIS_REPLY_ON,
	NJ_REDIS_REPLY_OFF,
	NJ_REDIS_REPLY_SKIP
};

struct nj_redis_cmd {
	const struct nj_redis_known *known; /* or NULL */
	enum nj_redis_reply reply;          /* of CLIENT REPLY */
	bool password;                      /* one is among the words */
	bool secret_reply;                  /* one may be in the reply */
	uint8_t arg_count;
	struct nj_view name, key, value, user;
	struct nj_view args[NJ_REDIS_ARGS_MAX];
};

/* Reads the words of a request; false: there are none. */
NJ_MUST_USE bool nj_redis_cmd(
	struct nj_redis_cmd *c, const struct nj_redis_resp *r);

#endif
