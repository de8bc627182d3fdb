/*
 * redis_cmd.c - what a Redis command is about (Redis documentation,
 * "Commands"). Which word is the key or the value is as Zeek has it for the
 * commands that it knows.
 */
#include <stdio.h>
#include <stdlib.h>

#include "dissectors/shared/redis_cmd.h"

enum { NAME_BYTES = 32, ARG_BYTES = 256 };

/* In order of name. */
static const struct nj_redis_known commands[] = {
	{ "acl", 0, 0, NJ_REDIS_ADMIN },
	{ "append", 1, 2, 0 },
	{ "bgrewriteaof", 0, 0, NJ_REDIS_ADMIN },
	{ "bgsave", 0, 0, NJ_REDIS_ADMIN },
	{ "bitcount", 1, 0, 0 },
	{ "bitfield", 1, 0, 0 },
	{ "bitfield_ro", 1, 0, 0 },
	{ "bitop", 2, 0, 0 },
	{ "bitpos", 1, 0, 0 },
	{ "blmpop", 3, 0, 0 },
	{ "blpop", 1, 0, 0 },
	{ "brpop", 1, 0, 0 },
	{ "client", 0, 0, NJ_REDIS_ADMIN },
	{ "cluster", 0, 0, NJ_REDIS_ADMIN },
	{ "config", 0, 0, NJ_REDIS_ADMIN },
	{ "copy", 1, 0, 0 },
	{ "debug", 0, 0, NJ_REDIS_ADMIN },
	{ "decr", 1, 0, 0 },
	{ "decrby", 1, 2, 0 },
	{ "del", 1, 0, 0 },
	{ "dump", 1, 0, 0 },
	{ "eval", 0, 0, NJ_REDIS_ADMIN },
	{ "eval_ro", 0, 0, NJ_REDIS_ADMIN },
	{ "evalsha", 0, 0, NJ_REDIS_ADMIN },
	{ "exists", 1, 0, 0 },
	{ "expire", 1, 2, 0 },
	{ "expireat", 1, 2, 0 },
	{ "expiretime", 1, 0, 0 },
	{ "fcall", 0, 0, NJ_REDIS_ADMIN },
	{ "flushall", 0, 0, NJ_REDIS_ADMIN },
	{ "flushdb", 0, 0, NJ_REDIS_ADMIN },
	{ "function", 0, 0, NJ_REDIS_ADMIN },
	{ "get", 1, 0, 0 },
	{ "getbit", 1, 2, 0 },
	{ "getdel", 1, 0, 0 },
	{ "getex", 1, 0, 0 },
	{ "getrange", 1, 0, 0 },
	{ "getset", 1, 2, 0 },
	{ "hdel", 1, 2, 0 },
	{ "hexists", 1, 0, 0 },
	{ "hget", 1, 2, 0 },
	{ "hgetall", 1, 0, 0 },
	{ "hincrby", 1, 0, 0 },
	{ "hkeys", 1, 0, 0 },
	{ "hlen", 1, 0, 0 },
	{ "hmget", 1, 0, 0 },
	{ "hmset", 1, 0, 0 },
	{ "hset", 1, 0, 0 },
	{ "hsetnx", 1, 0, 0 },
	{ "hvals", 1, 0, 0 },
	{ "incr", 1, 0, 0 },
	{ "incrby", 1, 2, 0 },
	{ "keys", 1, 0, 0 },
	{ "lindex", 1, 0, 0 },
	{ "linsert", 1, 0, 0 },
	{ "llen", 1, 0, 0 },
	{ "lpop", 1, 0, 0 },
	{ "lpush", 1, 0, 0 },
	{ "lpushx", 1, 0, 0 },
	{ "lrange", 1, 0, 0 },
	{ "lrem", 1, 0, 0 },
	{ "lset", 1, 0, 0 },
	{ "ltrim", 1, 0, 0 },
	{ "mget", 1, 0, 0 },
	{ "module", 0, 0, NJ_REDIS_ADMIN },
	{ "monitor", 0, 0, NJ_REDIS_ADMIN },
	{ "move", 1, 2, 0 },
	{ "mset", 1, 2, 0 },
	{ "msetnx", 1, 0, 0 },
	{ "persist", 1, 0, 0 },
	{ "pexpire", 1, 0, 0 },
	{ "pexpireat", 1, 0, 0 },
	{ "psetex", 1, 0, 0 },
	{ "psubscribe", 1, 0, NJ_REDIS_SUBSCRIBES },
	{ "psync", 0, 0, NJ_REDIS_REPLICATES },
	{ "pttl", 1, 0, 0 },
	{ "publish", 1, 2, 0 },
	{ "punsubscribe", 1, 0, NJ_REDIS_SUBSCRIBES },
	{ "rename", 1, 2, 0 },
	{ "renamenx", 1, 0, 0 },
	{ "replicaof", 0, 0, NJ_REDIS_ADMIN },
	{ "restore", 1, 0, 0 },
	{ "rpop", 1, 0, 0 },
	{ "rpush", 1, 0, 0 },
	{ "rpushx", 1, 0, 0 },
	{ "sadd", 1, 0, 0 },
	{ "save", 0, 0, NJ_REDIS_ADMIN },
	{ "scard", 1, 0, 0 },
	{ "script", 0, 0, NJ_REDIS_ADMIN },
	{ "select", 0, 0, NJ_REDIS_ADMIN },
	{ "set", 1, 2, 0 },
	{ "setbit", 1, 0, 0 },
	{ "setex", 1, 0, 0 },
	{ "setnx", 1, 0, 0 },
	{ "setrange", 1, 0, 0 },
	{ "shutdown", 0, 0, NJ_REDIS_ADMIN },
	{ "sismember", 1, 0, 0 },
	{ "slaveof", 0, 0, NJ_REDIS_ADMIN },
	{ "smembers", 1, 0, 0 },
	{ "smove", 1, 0, 0 },
	{ "spop", 1, 0, 0 },
	{ "spublish", 1, 0, 0 },
	{ "srandmember", 1, 0, 0 },
	{ "srem", 1, 0, 0 },
	{ "ssubscribe", 1, 0, NJ_REDIS_SUBSCRIBES },
	{ "strlen", 1, 0, 0 },
	{ "subscribe", 1, 0, NJ_REDIS_SUBSCRIBES },
	{ "sunsubscribe", 1, 0, NJ_REDIS_SUBSCRIBES },
	{ "swapdb", 0, 0, NJ_REDIS_ADMIN },
	{ "sync", 0, 0, NJ_REDIS_REPLICATES },
	{ "touch", 1, 0, 0 },
	{ "ttl", 1, 0, 0 },
	{ "type", 1, 0, 0 },
	{ "unlink", 1, 0, 0 },
	{ "unsubscribe", 1, 0, NJ_REDIS_SUBSCRIBES },
	{ "xadd", 1, 0, 0 },
	{ "xdel", 1, 0, 0 },
	{ "xlen", 1, 0, 0 },
	{ "xrange", 1, 0, 0 },
	{ "xrevrange", 1, 0, 0 },
	{ "xtrim", 1, 0, 0 },
	{ "zadd", 1, 0, 0 },
	{ "zcard", 1, 0, 0 },
	{ "zcount", 1, 0, 0 },
	{ "zincrby", 1, 0, 0 },
	{ "zrange", 1, 0, 0 },
	{ "zrank", 1, 0, 0 },
	{ "zrem", 1, 0, 0 },
	{ "zscore", 1, 0, 0 },
};

static int
known_compare(const void *name, const void *entry)
{
	const struct nj_redis_known *k = entry;

	return strcmp(name, k->name);
}

static const struct nj_redis_known *
known_find(struct nj_view name)
{
	char lower[NAME_BYTES];

	if (name.len >= sizeof(lower))
		return NULL;
	for (size_t i = 0; i < name.len; i++) {
		uint8_t c = name.data[i];

		if (!c)
			return NULL;
		lower[i] = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
	}
	lower[name.len] = 0;
	return bsearch(lower, commands, nj_countof(commands),
		sizeof(commands[0]), known_compare);
}

static bool
is(const struct nj_redis_resp *r, unsigned i, const char *word)
{
	return nj_view_caseeq(nj_redis_resp_word(r, i), nj_str(word));
}

/* AUTH password, AUTH user password. */
static void
auth(struct nj_redis_cmd *c, const struct nj_redis_resp *r, unsigned at)
{
	c->password = r->word_count > at;
	if (r->word_count > at + 1)
		c->user = nj_redis_resp_word(r, at);
}

static bool
is_secret(struct nj_view name)
{
	static const char *const secrets[] = { "requirepass", "masterauth",
		"tls-key-file-pass", "tls-client-key-file-pass" };

	for (unsigned i = 0; i < nj_countof(secrets); i++)
		if (nj_view_caseeq(name, nj_str(secrets[i])))
			return true;
	/* A pattern may fit any of them. */
	return nj_view_chr(name, '*') != SIZE_MAX ||
	       nj_view_chr(name, '?') != SIZE_MAX ||
	       nj_view_chr(name, '[') != SIZE_MAX;
}

/* How many words of an administrator's command may be told. */
static unsigned
words_told(struct nj_redis_cmd *c, const struct nj_redis_resp *r)
{
	if (is(r, 0, "config") && is(r, 1, "set")) {
		/* Names and values by turns: none behind a secret's name. */
		for (unsigned i = 2; i < NJ_REDIS_WORDS_MAX; i += 2) {
			if (!is_secret(nj_redis_resp_word(r, i)))
				continue;
			c->password = true;
			return i + 1;
		}
		return NJ_REDIS_WORDS_MAX;
	}
	if (is(r, 0, "config") && is(r, 1, "get"))
		c->secret_reply = is_secret(nj_redis_resp_word(r, 2)) ||
				  r->word_count > 3;
	if (is(r, 0, "acl")) {
		c->secret_reply = true;
		if (is(r, 1, "setuser"))
			c->user = nj_redis_resp_word(r, 2);
		return 3; /* rules may be passwords */
	}
	return NJ_REDIS_WORDS_MAX;
}

static void
administer(struct nj_redis_cmd *c, const struct nj_redis_resp *r)
{
	unsigned told = words_told(c, r);

	for (unsigned i = 1; i < told && c->arg_count < NJ_REDIS_ARGS_MAX;
		i++) {
		struct nj_view word = nj_redis_resp_word(r, i);

		if (!word.data)
			break;
		c->args[c->arg_count++] = nj_sub(word, 0, ARG_BYTES);
	}
	if (!is(r, 0, "client") || !is(r, 1, "reply"))
		return;
	if (is(r, 2, "on"))
		c->reply = NJ_REDIS_REPLY_ON;
	else if (is(r, 2, "off"))
		c->reply = NJ_REDIS_REPLY_OFF;
	else if (is(r, 2, "skip"))
		c->reply = NJ_REDIS_REPLY_SKIP;
}

bool
nj_redis_cmd(struct nj_redis_cmd *c, const struct nj_redis_resp *r)
{
	*c = (struct nj_redis_cmd){ .name = nj_redis_resp_word(r, 0) };
	if (!c->name.data)
		return false;
	c->known = known_find(c->name);
	if (is(r, 0, "auth"))
		auth(c, r, 1);
	if (is(r, 0, "hello") && is(r, 2, "auth"))
		auth(c, r, 3);
	if (!c->known)
		return true;
	if (c->known->key)
		c->key = nj_redis_resp_word(r, c->known->key);
	if (c->known->value)
		c->value = nj_redis_resp_word(r, c->known->value);
	if (c->known->flags & NJ_REDIS_ADMIN)
		administer(c, r);
	return true;
}
