/*
 * event.c - the registry of log types, names of fields, and ids as text.
 *
 * Written before the first row by one thread and only read after that, so it
 * needs no lock.
 */
#include "engine/event/event.h"

#include <ctype.h>
#include <stdlib.h>

#include "engine/event/event_priv.h"

enum { TABLE_SLOTS = 2 * NJ_EVENT_TYPES_MAX, NAME_MAX_CHARS = 96 };

static struct {
	struct nj_event_known *by_name[NJ_EVENT_TYPES_MAX];
	struct nj_event_known *by_type[TABLE_SLOTS];
	unsigned count;
} registry;

static uint32_t
fnv1a(const char *s)
{
	uint32_t h = 2166136261u;

	for (; *s; s++)
		h = (h ^ (uint8_t)*s) * 16777619u;
	return h;
}

/* Where type is, or the free slot where it belongs: at most half of the
 * slots are taken, so the walk ends. */
static unsigned
table_slot(uint32_t type)
{
	unsigned at = type % TABLE_SLOTS;

	while (registry.by_type[at] && registry.by_type[at]->type != type)
		at = (at + 1) % TABLE_SLOTS;
	return at;
}

const struct nj_event_known *
nj_event_known_by_type(uint32_t type)
{
	return registry.by_type[table_slot(type)];
}

void
nj_event_set_eve(
	const struct nj_event_desc *desc, const struct nj_eve_known *eve)
{
	registry.by_type[table_slot(desc->slot->known->type)]->eve = eve;
}

size_t
nj_field_name(const struct nj_field *f, char *out, size_t cap)
{
	const char *m = f->member;
	size_t n = 0;

	while (*m) {
		char c = *m++;

		if (c == '_' && *m == '_') {
			c = '.';
			m++;
		}
		if (n + 1 < cap)
			out[n] = c;
		n++;
	}
	if (cap)
		out[nj_min(n, cap - 1)] = 0;
	return n;
}

/* Letters, digits, '_' and '-': what needs no escape in JSON, in file names
 * or in the reference pages. */
static bool
name_is_plain(const char *s)
{
	size_t n = 0;

	for (; s && s[n]; n++)
		if (!isalnum((unsigned char)s[n]) && s[n] != '_' && s[n] != '-')
			return false;
	return n > 0 && n <= NAME_MAX_CHARS;
}

static bool
desc_is_sound(const struct nj_event_desc *desc)
{
	uint64_t seen = 0;

	if (!desc->slot || !name_is_plain(desc->name) ||
		desc->count > NJ_EVENT_ID_MAX)
		return false;
	for (unsigned i = 0; i < desc->count; i++) {
		const struct nj_field *f = &desc->fields[i];
		uint64_t bit = UINT64_C(1) << (f->id & 63);

		if (!f->id || f->id > NJ_EVENT_ID_MAX || seen & bit ||
			f->type >= NJ_T_COUNT || !name_is_plain(f->member))
			return false;
		seen |= bit;
	}
	return true;
}

/* Writes before, name and after to a block that at points to, which it moves
 * past it. Gives the key. */
static struct nj_event_key
key_make(uint8_t **at, const char *const parts[3])
{
	struct nj_event_key key = { *at, 0 };

	for (unsigned i = 0; i < 3; i++) {
		size_t n = strlen(parts[i]);

		memcpy(*at + key.len, parts[i], n);
		key.len += (uint32_t)n;
	}
	*at += (key.len + NJ_KEY_BLOCK - 1) / NJ_KEY_BLOCK * NJ_KEY_BLOCK;
	return key;
}

static void
known_fill(struct nj_event_known *k, uint8_t *text)
{
	const struct nj_event_desc *desc = k->desc;
	char name[NAME_MAX_CHARS + 1];

	k->open = key_make(&text,
		(const char *[]){ "{\"_path\":\"", desc->name, "\",\"ts\":" });
	k->fixed_bytes = NJ_ROW_HEAD_MAX;
	for (unsigned i = 0; i < desc->count; i++) {
		const struct nj_field *f = &desc->fields[i];
		bool var = f->type == NJ_T_STR || f->type >= NJ_T_VSTR;

		(void)nj_field_name(f, name, sizeof(name));
		k->keys[i] =
			key_make(&text, (const char *[]){ ",\"", name, "\":" });
		k->place[f->id] = (uint8_t)(i + 1);
		if (var)
			k->var[k->vars++] = (uint8_t)i;
		k->fixed_bytes += var                    ? NJ_ROW_LENGTH_MAX
				  : f->type == NJ_T_ADDR ? NJ_ROW_ADDR_MAX
							 : NJ_ROW_NUMBER_MAX;
	}
}

/* One allocation: the struct, the keys, and their texts, each of which takes
 * at most its name, the signs around it and the padding. */
static struct nj_event_known *
known_create(const struct nj_event_desc *desc)
{
	size_t keys_at = sizeof(struct nj_event_known);
	size_t text_at = keys_at + desc->count * sizeof(struct nj_event_key);
	size_t bytes = text_at + strlen(desc->name) + 2 * NJ_KEY_BLOCK;
	struct nj_event_known *k;

	for (unsigned i = 0; i < desc->count; i++)
		bytes += strlen(desc->fields[i].member) + 2 * NJ_KEY_BLOCK;
	k = calloc(1, bytes);
	if (!k)
		return NULL;
	k->desc = desc;
	k->type = fnv1a(desc->name);
	k->keys = (struct nj_event_key *)((uint8_t *)k + keys_at);
	known_fill(k, (uint8_t *)k + text_at);
	return k;
}

enum nj_err
nj_event_register(const struct nj_event_desc *desc)
{
	struct nj_event_known *k;
	unsigned at, slot;

	if (desc->slot && desc->slot->known)
		return desc->slot->known->desc == desc ? NJ_OK : NJ_E_CONFIG;
	if (!desc_is_sound(desc))
		return NJ_E_CONFIG;
	if (registry.count == NJ_EVENT_TYPES_MAX)
		return NJ_E_FULL;
	slot = table_slot(fnv1a(desc->name));
	if (registry.by_type[slot])
		return NJ_E_CONFIG;
	k = known_create(desc);
	if (!k)
		return NJ_E_NOMEM;
	at = registry.count++;
	for (; at &&
		strcmp(registry.by_name[at - 1]->desc->name, desc->name) > 0;
		at--)
		registry.by_name[at] = registry.by_name[at - 1];
	registry.by_name[at] = k;
	for (; at < registry.count; at++)
		registry.by_name[at]->rank = (uint16_t)at;
	registry.by_type[slot] = k;
	desc->slot->known = k;
	return NJ_OK;
}

const struct nj_event_desc *
nj_event_by_type(uint32_t type)
{
	const struct nj_event_known *k = nj_event_known_by_type(type);

	return k ? k->desc : NULL;
}

const struct nj_event_desc *
nj_event_find(const char *name)
{
	const struct nj_event_desc *desc = nj_event_by_type(fnv1a(name));

	return desc && !strcmp(desc->name, name) ? desc : NULL;
}

const struct nj_event_desc *
nj_event_at(unsigned i)
{
	return i < registry.count ? registry.by_name[i]->desc : NULL;
}

uint32_t
nj_event_type(const struct nj_event_desc *desc)
{
	return desc->slot->known ? desc->slot->known->type : fnv1a(desc->name);
}

/* Writes n digits of v to out. */
static void
base62(char *out, unsigned n, uint64_t v)
{
	static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz";

	while (n--) {
		out[n] = digits[v % 62];
		v /= 62;
	}
}

size_t
nj_uid_format(char prefix, const uint64_t uid[2], char out[NJ_UID_CAP])
{
	/* 64 bits take 11 digits, 32 bits 6. Three short chains of divisions
	 * run side by side where one long chain would wait for itself. */
	const uint64_t six = UINT64_C(62) * 62 * 62 * 62 * 62 * 62;

	out[0] = prefix;
	base62(out + 1, 5, uid[0] / six);
	base62(out + 6, 6, uid[0] % six);
	base62(out + 12, 6, uid[1] & UINT32_MAX);
	out[NJ_UID_CHARS] = 0;
	return NJ_UID_CHARS;
}

struct nj_head
nj_head_turned(const struct nj_head *head)
{
	struct nj_head turned = *head;

	turned.orig = head->resp;
	turned.resp = head->orig;
	turned.orig_p = head->resp_p;
	turned.resp_p = head->orig_p;
	memcpy(turned.mac[0], head->mac[1], sizeof(turned.mac[0]));
	memcpy(turned.mac[1], head->mac[0], sizeof(turned.mac[1]));
	return turned;
}

/* A digit of base 62, or -1. */
static int
digit62(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'Z')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'z' ? c - 'a' + 36 : -1;
}

bool
nj_uid_parse(char prefix, struct nj_view text, uint64_t uid[2])
{
	uid[0] = uid[1] = 0;
	if (text.len != NJ_UID_CHARS || text.data[0] != (uint8_t)prefix)
		return false;
	for (unsigned i = 1; i < NJ_UID_CHARS; i++) {
		uint64_t *half = &uid[i >= 12];
		int d = digit62(text.data[i]);

		if (d < 0 || __builtin_mul_overflow(*half, 62, half) ||
			__builtin_add_overflow(*half, (unsigned)d, half))
			return false;
	}
	return uid[1] <= UINT32_MAX;
}
