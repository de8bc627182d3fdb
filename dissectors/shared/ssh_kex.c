/*
 * ssh_kex.c - the offers of both sides of an SSH key exchange.
 */
#include "dissectors/shared/ssh_kex.h"

#include "engine/crypt/hash.h"

enum { NAMES_MAX = 128 };

bool
nj_ssh_kexinit(struct nj_ssh_kexinit *out, struct nj_view payload)
{
	struct nj_cur c = nj_cur(payload);

	nj_cur_skip(&c, 16); /* the cookie */
	for (int i = 0; i < NJ_SSH_LISTS; i++)
		out->list[i] = nj_cur_take(&c, nj_cur_u32(&c));
	return !c.bad;
}

/* Takes the next name off the list; false at its end. */
static bool
name_next(struct nj_view *list, struct nj_view *name)
{
	while (list->len) {
		size_t comma = nj_view_chr(*list, ',');
		size_t n = nj_min(comma, list->len);

		*name = nj_sub(*list, 0, n);
		*list = nj_sub(*list, nj_min(n + 1, list->len), list->len);
		if (n)
			return true;
	}
	return false;
}

struct nj_view
nj_ssh_agree(struct nj_view client, struct nj_view server)
{
	struct nj_view theirs[NAMES_MAX], mine;
	size_t count = 0;

	while (count < NAMES_MAX && name_next(&server, &theirs[count]))
		count++;
	for (size_t i = 0; i < NAMES_MAX && name_next(&client, &mine); i++)
		for (size_t k = 0; k < count; k++)
			if (nj_view_eq(mine, theirs[k]))
				return mine;
	return (struct nj_view){ 0 };
}

void
nj_hassh(const struct nj_ssh_kexinit *k, bool server, char out[NJ_HASSH_TEXT])
{
	const enum nj_ssh_list client_lists[] = { NJ_SSH_KEX, NJ_SSH_CIPHER_C2S,
		NJ_SSH_MAC_C2S, NJ_SSH_COMPRESSION_C2S };
	const enum nj_ssh_list server_lists[] = { NJ_SSH_KEX, NJ_SSH_CIPHER_S2C,
		NJ_SSH_MAC_S2C, NJ_SSH_COMPRESSION_S2C };
	const enum nj_ssh_list *lists = server ? server_lists : client_lists;
	uint8_t md5[NJ_SHA256_BYTES];
	struct nj_hasher h;

	nj_hasher_start(&h, NJ_HASH_MD5);
	for (size_t i = 0; i < nj_countof(client_lists); i++) {
		if (i)
			nj_hasher_add(&h, NJ_LIT(";"));
		nj_hasher_add(&h, k->list[lists[i]]);
	}
	nj_hasher_end(&h, md5);
	nj_hex((struct nj_view){ md5, NJ_MD5_BYTES }, out);
}

uint8_t
nj_ssh_key_message(struct nj_view kex)
{
	if (nj_view_starts(kex, NJ_LIT("diffie-hellman-group-exchange-")))
		return 33; /* RFC 4419 */
	if (nj_view_starts(kex, NJ_LIT("gss-")))
		return 33; /* RFC 4462 */
	if (nj_view_starts(kex, NJ_LIT("rsa")))
		return 30;       /* RFC 4432 */
	return kex.len ? 31 : 0; /* RFC 4253, 5656, 8731 and the hybrids */
}
