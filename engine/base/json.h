/*
 * json.h - nested JSON written in order into bounded memory, for what flat
 * records cannot say: objects in objects, arrays of objects. What no longer
 * fits is left out whole, and the text is always closed properly.
 *
 *	struct nj_json j;
 *
 *	nj_json_init(&j, nj_buf_fixed(memory, sizeof(memory)));
 *	nj_json_arr(&j, NULL);
 *	for (...) {
 *		nj_json_obj(&j, NULL);
 *		nj_json_str(&j, "name", name);
 *		nj_json_end(&j);
 *		if (!nj_json_keep(&j))
 *			break;
 *	}
 *	view = nj_json_view(&j);
 *
 * key is the name inside an object (plain, it is not escaped), NULL inside an
 * array, at the very beginning, or after nj_json_key.
 */
#ifndef NJ_BASE_JSON_H
#define NJ_BASE_JSON_H

#include "engine/base/buf.h"

enum { NJ_JSON_DEPTH_MAX = 16 };

/* Where the writing stands. */
struct nj_json_state {
	size_t len;
	uint32_t arrays; /* a bit for each level that is one */
	uint8_t depth;
	bool more;  /* something came before at this level */
	bool keyed; /* a key was written, its value comes */
};

struct nj_json {
	struct nj_buf buf;
	struct nj_json_state now, kept;
};

/* Takes over buf (a growing one is the caller's to take back and free). Room
 * for closing brackets is kept free in a fixed one. */
void nj_json_init(struct nj_json *j, struct nj_buf buf);
/* Closes what is open and gives the text, which lies in buf; empty when not
 * even the first part fitted. */
struct nj_view nj_json_view(struct nj_json *j);
/* What was written so far is to stay. False: it did not fit, and all since
 * the last keep was taken out. */
bool nj_json_keep(struct nj_json *j);

void nj_json_obj(struct nj_json *j, const char *key);
void nj_json_arr(struct nj_json *j, const char *key);
void nj_json_end(struct nj_json *j);

/* A key that is not known beforehand; the value's own is NULL then. */
void nj_json_key(struct nj_json *j, struct nj_view key);
void nj_json_str(struct nj_json *j, const char *key, struct nj_view v);
void nj_json_text(struct nj_json *j, const char *key, const char *text);
void nj_json_u64(struct nj_json *j, const char *key, uint64_t v);
void nj_json_i64(struct nj_json *j, const char *key, int64_t v);
void nj_json_bool(struct nj_json *j, const char *key, bool v);
void nj_json_addr(struct nj_json *j, const char *key, const struct nj_addr *a);
/* IPv6 with all its digits and no "::", as Suricata writes it. */
void nj_json_addr_full(
	struct nj_json *j, const char *key, const struct nj_addr *a);
/* A string of lower case hexadecimal digits, sep (0: none) between bytes. */
void nj_json_hex(
	struct nj_json *j, const char *key, struct nj_view v, char sep);
/* JSON that was made before; nothing when it is empty. */
void nj_json_raw(struct nj_json *j, const char *key, struct nj_view json);

#endif
