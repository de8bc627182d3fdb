/*
 * krb.h - Kerberos 5 messages (RFC 4120; PKINIT: RFC 4556; Microsoft's own:
 * MS-KILE, MS-SFU) read in place, and the kerberos log. Used for what goes
 * to port 88 and for the tokens that other protocols carry in GSSAPI.
 */
#ifndef NJ_DISSECTORS_SHARED_KRB_H
#define NJ_DISSECTORS_SHARED_KRB_H

#include "dissectors/shared/ber.h"
#include "dissectors/shared/pad.h"

#define KERBEROS(F, tag)                                                       \
	F(tag, 1, STR, request_type, NJ_INDEX | NJ_LEARN, "AS, TGS or AP")     \
	F(tag, 2, STR, client, NJ_INDEX | NJ_PII, "Client and realm")          \
	F(tag, 3, STR, service, NJ_INDEX | NJ_LEARN, "Service asked for")      \
	F(tag, 4, BOOL, success, NJ_OPT | NJ_INDEX | NJ_LEARN,                 \
		"Was it granted?")                                             \
	F(tag, 5, STR, error_msg, NJ_INDEX | NJ_LEARN, "Why it was not")       \
	F(tag, 6, TIME, from, NJ_OPT, "Ticket wanted from")                    \
	F(tag, 7, TIME, till, NJ_OPT, "Ticket wanted until")                   \
	F(tag, 8, STR, cipher, NJ_INDEX | NJ_LEARN, "Ticket's encryption")     \
	F(tag, 9, BOOL, forwardable, NJ_OPT, "A forwardable ticket asked for") \
	F(tag, 10, BOOL, renewable, NJ_OPT, "A renewable ticket asked for")    \
	F(tag, 11, STR, client_cert_subject, NJ_INDEX | NJ_PII,                \
		"Subject of the client's certificate")                         \
	F(tag, 12, STR, client_cert_fuid, 0, "Id of that certificate")         \
	F(tag, 13, STR, server_cert_subject, NJ_INDEX,                         \
		"Subject of the server's certificate")                         \
	F(tag, 14, STR, server_cert_fuid, 0, "Id of that certificate")         \
	F(tag, 15, STR, auth_ticket_sha256, NJ_INDEX,                          \
		"SHA-256 of the ticket that was shown")                        \
	F(tag, 16, STR, new_ticket_sha256, NJ_INDEX,                           \
		"SHA-256 of the ticket that was given")                        \
	F(tag, 17, I64, error_code, NJ_OPT | NJ_INDEX, "Number of the error")  \
	F(tag, 18, VSTR, ciphers, NJ_LEARN,                                    \
		"Encryptions that the client offered")                         \
	F(tag, 19, STR, reply_cipher, NJ_LEARN,                                \
		"Encryption of the answer's client part")                      \
	F(tag, 20, VU64, padata, NJ_LEARN,                                     \
		"Types of the request's pre-authentication data")              \
	F(tag, 21, STR, on_behalf_of, NJ_INDEX | NJ_PII,                       \
		"User whom a service asks a ticket for (MS-SFU)")              \
	F(tag, 22, BOOL, delegated, NJ_OPT,                                    \
		"A service shows a user's ticket to get another (MS-SFU)")     \
	F(tag, 23, STR, workstation, NJ_INDEX, "Client host's NetBIOS name")   \
	F(tag, 24, I64, kvno, NJ_OPT, "Version of the ticket's key")           \
	F(tag, 25, STR, realm, NJ_INDEX, "Realm of the service")

NJ_EVENT_DECLARE(kerberos, KERBEROS);

enum nj_krb_type {
	NJ_KRB_AS_REQ = 10,
	NJ_KRB_AS_REP,
	NJ_KRB_TGS_REQ,
	NJ_KRB_TGS_REP,
	NJ_KRB_AP_REQ,
	NJ_KRB_AP_REP,
	NJ_KRB_SAFE = 20,
	NJ_KRB_PRIV,
	NJ_KRB_CRED,
	NJ_KRB_ERROR = 30
};

struct nj_krb_ticket {
	bool there, has_kvno;
	struct nj_view realm, sname, cipher;
	int64_t etype, kvno;
};

/* Names are bodies of SEQUENCE OF GeneralString, see nj_krb_name. */
struct nj_krb {
	uint8_t type;
	bool has_options, has_from, has_till, has_error, has_reply_etype;
	bool has_second_ticket;
	uint32_t options;
	int64_t from_s, till_s, error, reply_etype;
	struct nj_view crealm, cname, realm, sname;
	struct nj_view etypes, addresses, padata, e_text;
	struct nj_krb_ticket ticket;
};

/* False for what is no Kerberos message. Views point into msg. */
NJ_MUST_USE bool nj_krb_parse(struct nj_krb *out, struct nj_view msg);
/* The message in a GSSAPI token (RFC 4121 4.1), or in v itself: DCE's style
 * has replies without the frame. Empty when there is none. */
struct nj_view nj_krb_unwrap(struct nj_view v);
/* "krbtgt/REALM": the parts of a name; gives the length, at most cap. */
size_t nj_krb_name(struct nj_view name, char *out, size_t cap);
/* The next of a list of pre-authentication data. */
bool nj_krb_padata(struct nj_cur *list, int64_t *type, struct nj_view *value);
/* Certificates in PKINIT's data: the body of their set, or empty. */
struct nj_view nj_krb_certs(int64_t padata_type, struct nj_view value);

/* Names of error codes and encryption types, or "unknown-4711", which is
 * written to room. */
enum { NJ_KRB_NAME_TEXT = 32 };
const char *nj_krb_error_name(int64_t code, char room[NJ_KRB_NAME_TEXT]);
const char *nj_krb_cipher_name(int64_t etype, char room[NJ_KRB_NAME_TEXT]);

/* ---- The log: a request and its answer make one record ---- */

struct nj_krb_log {
	struct kerberos_event ev; /* texts in the pad */
	struct nj_pad pad;
	int64_t ts_ns;
	uint64_t mark; /* of the request, to know it when it comes again */
	uint32_t fuids;
	uint8_t type; /* of the request that is open, or 0 */
};
/* One message. The caller confirms what it is. */
void nj_krb_log(struct nj_krb_log *log, struct nj_dctx *d,
	const struct nj_krb *m, struct nj_view whole);
/* Whoever carries the messages says by its own means whether the ticket was
 * accepted. */
void nj_krb_log_result(struct nj_krb_log *log, struct nj_dctx *d, bool success);
/* Emits the request that got no answer. */
void nj_krb_log_end(struct nj_krb_log *log, struct nj_dctx *d);

#endif
