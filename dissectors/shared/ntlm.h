/*
 * ntlm.h - NTLM messages (MS-NLMP), whatever carries them: who logs in from
 * where to whom, as one ntlm record an attempt. The answers to challenges are
 * not read; only their kind is.
 *
 * Whoever has tokens that may be Negotiate, Kerberos or NTLM gives them to
 * gss.h, which comes here.
 */
#ifndef NJ_DISSECTORS_SHARED_NTLM_H
#define NJ_DISSECTORS_SHARED_NTLM_H

#include "engine/dissect/dissector.h"

#define NTLM(F, tag)                                                           \
	F(tag, 1, STR, username, NJ_INDEX | NJ_PII, "User who logs in")        \
	F(tag, 2, STR, hostname, NJ_INDEX, "Name of the client's machine")     \
	F(tag, 3, STR, domainname, NJ_INDEX, "Domain of the user")             \
	F(tag, 4, STR, server_nb_computer_name, NJ_INDEX,                      \
		"NetBIOS name of the server")                                  \
	F(tag, 5, STR, server_dns_computer_name, NJ_INDEX,                     \
		"DNS name of the server")                                      \
	F(tag, 6, STR, server_tree_name, NJ_INDEX,                             \
		"DNS name of the server's forest")                             \
	F(tag, 7, BOOL, success, NJ_OPT | NJ_INDEX | NJ_LEARN,                 \
		"Was the log-in accepted? Unset: nobody said")                 \
	F(tag, 8, STR, server_nb_domain, 0, "NetBIOS domain of the server")    \
	F(tag, 9, STR, server_dns_domain, 0, "DNS domain of the server")       \
	F(tag, 10, STR, client_version, NJ_LEARN, "Windows of the client")     \
	F(tag, 11, STR, server_version, NJ_LEARN, "Windows of the server")     \
	F(tag, 12, STR, target_name, NJ_INDEX,                                 \
		"Service that the client means to talk to")                    \
	F(tag, 13, STR, response, NJ_INDEX | NJ_LEARN,                         \
		"Kind of answer: NTLMv1, NTLMv1-ESS, NTLMv2 or anonymous")

NJ_EVENT_DECLARE(ntlm, NTLM);

enum { NJ_NTLM_VERSION = 8 };

/* An attempt as far as it has been seen; zeroed at the start. Texts are UTF-8
 * and kept until the record is out. */
struct nj_ntlm {
	struct nj_view user, host, domain, spn;
	struct nj_view nb_computer, nb_domain, dns_computer, dns_domain, tree;
	const char *response;
	int64_t ts_ns;
	uint8_t client_version[NJ_NTLM_VERSION]; /* MS-NLMP 2.2.2.10 */
	uint8_t server_version[NJ_NTLM_VERSION];
	bool open;          /* something has been seen */
	bool challenged;    /* the server's has been seen */
	bool authenticated; /* the client's last message has been seen */
	bool judged, success;
	bool unicode;
};

/* v begins with an NTLM message's signature. */
bool nj_ntlm_is(struct nj_view v);
/* One message, which must be whole. False when it is none. */
bool nj_ntlm_message(struct nj_ntlm *n, struct nj_dctx *d, struct nj_view v);
/* The log-in was accepted or refused: the record goes out. Without a last
 * message of the client nothing happens. */
void nj_ntlm_result(struct nj_ntlm *n, struct nj_dctx *d, bool success);
/* Nothing more will come: the record goes out if there is something to say. */
void nj_ntlm_end(struct nj_ntlm *n, struct nj_dctx *d);
/* "10.0.17763", in the arena; unset when the version was not given. */
struct nj_view nj_ntlm_version(
	struct nj_dctx *d, const uint8_t version[NJ_NTLM_VERSION]);

#endif
