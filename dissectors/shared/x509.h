/*
 * x509.h - what a certificate says (RFC 5280), read in place: no allocation,
 * no recursion, bounds for everything, as certificates come straight from
 * strangers. Nothing is verified.
 */
#ifndef NJ_DISSECTORS_SHARED_X509_H
#define NJ_DISSECTORS_SHARED_X509_H

#include "engine/dissect/dissector.h"

/* Times are seconds, not TIME: RFC 5280 writes "no end" as the year 9999,
 * which nanoseconds in 64 bits do not reach. */
#define NJ_X509(F, tag)                                                        \
	F(tag, 1, STR, fingerprint, NJ_INDEX, "SHA-256 of the certificate")    \
	F(tag, 2, U8, certificate__version, 0, "Version, 1 to 3")              \
	F(tag, 3, STR, certificate__serial, NJ_INDEX, "Serial number in hex")  \
	F(tag, 4, STR, certificate__subject, NJ_INDEX | NJ_LEARN | NJ_PII,     \
		"Whom it names (RFC 2253)")                                    \
	F(tag, 5, STR, certificate__issuer, NJ_INDEX | NJ_LEARN,               \
		"Who issued it (RFC 2253)")                                    \
	F(tag, 6, I64, certificate__not_valid_before, NJ_OPT,                  \
		"Valid from, seconds since 1970")                              \
	F(tag, 7, I64, certificate__not_valid_after, NJ_OPT,                   \
		"Valid until, seconds since 1970")                             \
	F(tag, 8, STR, certificate__key_alg, NJ_LEARN, "Algorithm of the key") \
	F(tag, 9, STR, certificate__sig_alg, NJ_LEARN,                         \
		"Algorithm of the signature")                                  \
	F(tag, 10, STR, certificate__key_type, 0, "rsa, dsa, ecdsa ...")       \
	F(tag, 11, U32, certificate__key_length, NJ_OPT, "Key bits")           \
	F(tag, 12, STR, certificate__exponent, 0, "Public exponent of RSA")    \
	F(tag, 13, STR, certificate__curve, 0, "Curve of the key")             \
	F(tag, 14, VSTR, san__dns, NJ_INDEX, "Alternative names: DNS")         \
	F(tag, 15, VSTR, san__uri, 0, "Alternative names: URI")                \
	F(tag, 16, VSTR, san__email, NJ_PII, "Alternative names: mail")        \
	F(tag, 17, VADDR, san__ip, 0, "Alternative names: addresses")          \
	F(tag, 18, BOOL, basic_constraints__ca, NJ_OPT, "May issue others")    \
	F(tag, 19, U64, basic_constraints__path_len, NJ_OPT,                   \
		"Longest chain below it")                                      \
	F(tag, 20, BOOL, host_cert, 0, "An end's own, not one above it")       \
	F(tag, 21, BOOL, client_cert, 0, "Shown by a client")                  \
	F(tag, 22, BOOL, self_signed, NJ_LEARN, "Issued by itself")            \
	F(tag, 23, I64, age_days, NJ_OPT | NJ_LEARN | NJ_ASIDE,                \
		"Days since it became valid")

NJ_EVENT_DECLARE(x509, NJ_X509);

enum nj_x509_key {
	NJ_X509_KEY_OTHER,
	NJ_X509_KEY_RSA,
	NJ_X509_KEY_DSA,
	NJ_X509_KEY_EC
};

struct nj_x509_cert {
	uint8_t version; /* as people count: 1 to 3 */
	enum nj_x509_key key;
	bool has_before, has_after;
	bool has_constraints, has_path_len, is_ca;
	uint32_t key_bits; /* 0: not known */
	int64_t not_before_s, not_after_s;
	uint64_t path_len;
	struct nj_view serial;          /* INTEGER's body */
	struct nj_view issuer, subject; /* Name's body */
	struct nj_view sig_oid, key_oid, curve_oid;
	struct nj_view exponent; /* INTEGER's body */
	struct nj_view san;      /* GeneralNames' body */
};

/* Gives false for what is no certificate. Views point into der. */
NJ_MUST_USE bool nj_x509_parse(struct nj_x509_cert *out, struct nj_view der);

/* A Name as RFC 2253 text (last part first, other than printable ASCII as
 * \XX), at most cap bytes; gives the length, 0 for a broken one. */
size_t nj_x509_name(struct nj_view name, char *out, size_t cap);
/* UTCTime or GeneralizedTime. */
NJ_MUST_USE bool nj_x509_time(uint8_t tag, struct nj_view text, int64_t *out_s);
/* Issuer and subject are the same; the signature is not looked at. */
bool nj_x509_is_self_signed(const struct nj_x509_cert *cert);
/* Whole days between two times in seconds, as far as 32 bits hold them. */
int32_t nj_x509_days(int64_t from_s, int64_t to_s);
/* A serial number as OpenSSL writes it: magnitude in upper-case hex, at most
 * 64 bytes of it. Gives the length. */
enum { NJ_X509_SERIAL_TEXT = 2 * 64 + 2 };
size_t nj_x509_serial(struct nj_view v, char out[NJ_X509_SERIAL_TEXT]);
/* Whether the certificate is for this host name: RFC 2818 with wildcards
 * that stand for one whole label or end it, never for a public suffix. */
bool nj_x509_is_for(const struct nj_x509_cert *cert, struct nj_view host);

enum { NJ_X509_HOST = 1, NJ_X509_CLIENT = 2 };
/* Emits the x509 record of a certificate that was shown; out_sha256 becomes
 * its fingerprint. False, and no record, for what is no certificate. */
bool nj_x509_emit(struct nj_dctx *d, struct nj_view der, unsigned shown_by,
	uint8_t out_sha256[32]);

#endif
