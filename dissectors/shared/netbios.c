/*
 * netbios.c - see netbios.h.
 */
#include <stdio.h>

#include "dissectors/shared/netbios.h"

enum { NAME = 16, LABELS_MAX = 16 };

struct nj_view
nj_netbios_name(struct nj_cur *c, char out[NJ_NETBIOS_TEXT])
{
	struct nj_view v;
	size_t n = 0;
	int len;
	char name[NAME];

	if (nj_cur_u8(c) != 2 * NAME)
		c->bad = true;
	v = nj_cur_take(c, (size_t)2 * NAME);
	for (unsigned i = 0; i < LABELS_MAX && !c->bad; i++) {
		uint8_t label = nj_cur_u8(c);

		if (!label)
			break;
		nj_cur_skip(c, label);
	}
	if (c->bad)
		return (struct nj_view){ 0 };
	for (unsigned i = 0; i < NAME; i++) {
		uint8_t high = (uint8_t)(v.data[2 * i] - 'A');
		uint8_t low = (uint8_t)(v.data[2 * i + 1] - 'A');

		if (high > 15 || low > 15) {
			c->bad = true;
			return (struct nj_view){ 0 };
		}
		name[i] = (char)(high << 4 | low);
	}
	n = NAME - 1;
	while (n && (name[n - 1] == ' ' || !name[n - 1]))
		n--;
	for (size_t i = 0; i < n; i++)
		if (name[i] >= 0 && name[i] < ' ')
			name[i] = '.';
	len = snprintf(out, NJ_NETBIOS_TEXT, "%.*s<%02x>", (int)n, name,
		(unsigned)(uint8_t)name[NAME - 1]);
	return (struct nj_view){ (uint8_t *)out, (size_t)len };
}

const char *
nj_netbios_error(uint8_t code)
{
	switch (code) {
	case 0x80:
		return "not listening on called name";
	case 0x81:
		return "not listening for calling name";
	case 0x82:
		return "called name not present";
	case 0x83:
		return "insufficient resources";
	default:
		return "unspecified error";
	}
}
