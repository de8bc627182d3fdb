/*
 * tls_names.c - names of versions, cipher suites, groups and alerts: IANA's
 * registries, in Zeek's spelling where the two differ.
 */
#include "dissectors/shared/tls_names.h"

struct name {
	uint32_t code;
	const char *text;
};

static const struct name ciphers[] = {
#define CIPHER(code, name) { code, #name },
#include "dissectors/shared/tls_cipher.def"
#undef CIPHER
};

static const struct name groups[] = {
	{ 1, "sect163k1" },
	{ 2, "sect163r1" },
	{ 3, "sect163r2" },
	{ 4, "sect193r1" },
	{ 5, "sect193r2" },
	{ 6, "sect233k1" },
	{ 7, "sect233r1" },
	{ 8, "sect239k1" },
	{ 9, "sect283k1" },
	{ 10, "sect283r1" },
	{ 11, "sect409k1" },
	{ 12, "sect409r1" },
	{ 13, "sect571k1" },
	{ 14, "sect571r1" },
	{ 15, "secp160k1" },
	{ 16, "secp160r1" },
	{ 17, "secp160r2" },
	{ 18, "secp192k1" },
	{ 19, "secp192r1" },
	{ 20, "secp224k1" },
	{ 21, "secp224r1" },
	{ 22, "secp256k1" },
	{ 23, "secp256r1" },
	{ 24, "secp384r1" },
	{ 25, "secp521r1" },
	{ 26, "brainpoolP256r1" },
	{ 27, "brainpoolP384r1" },
	{ 28, "brainpoolP512r1" },
	{ 29, "x25519" },
	{ 30, "x448" },
	{ 31, "brainpoolP256r1tls13" },
	{ 32, "brainpoolP384r1tls13" },
	{ 33, "brainpoolP512r1tls13" },
	{ 34, "GC256A" },
	{ 35, "GC256B" },
	{ 36, "GC256C" },
	{ 37, "GC256D" },
	{ 38, "GC512A" },
	{ 39, "GC512B" },
	{ 40, "GC512C" },
	{ 41, "curveSM2" },
	{ 256, "ffdhe2048" },
	{ 257, "ffdhe3072" },
	{ 258, "ffdhe4096" },
	{ 259, "ffdhe6144" },
	{ 260, "ffdhe8192" },
	{ 512, "MLKEM512" },
	{ 513, "MLKEM768" },
	{ 514, "MLKEM1024" },
	{ 4587, "SecP256r1MLKEM768" },
	{ 4588, "X25519MLKEM768" },
	{ 4589, "SecP384r1MLKEM1024" },
	{ 4590, "curveSM2MLKEM768" },
	{ 16696, "CECPQ2" },
	{ 25497, "X25519Kyber768Draft00" },
	{ 25498, "SecP256r1Kyber768Draft00" },
	{ 65281, "arbitrary_explicit_prime_curves" },
	{ 65282, "arbitrary_explicit_char2_curves" },
};

static const struct name alerts[] = {
	{ 0, "close_notify" },
	{ 1, "end_of_early_data" },
	{ 10, "unexpected_message" },
	{ 20, "bad_record_mac" },
	{ 21, "decryption_failed" },
	{ 22, "record_overflow" },
	{ 30, "decompression_failure" },
	{ 40, "handshake_failure" },
	{ 41, "no_certificate" },
	{ 42, "bad_certificate" },
	{ 43, "unsupported_certificate" },
	{ 44, "certificate_revoked" },
	{ 45, "certificate_expired" },
	{ 46, "certificate_unknown" },
	{ 47, "illegal_parameter" },
	{ 48, "unknown_ca" },
	{ 49, "access_denied" },
	{ 50, "decode_error" },
	{ 51, "decrypt_error" },
	{ 52, "too_many_cids_requested" },
	{ 60, "export_restriction" },
	{ 70, "protocol_version" },
	{ 71, "insufficient_security" },
	{ 80, "internal_error" },
	{ 86, "inappropriate_fallback" },
	{ 90, "user_canceled" },
	{ 100, "no_renegotiation" },
	{ 109, "missing_extension" },
	{ 110, "unsupported_extension" },
	{ 111, "certificate_unobtainable" },
	{ 112, "unrecognized_name" },
	{ 113, "bad_certificate_status_response" },
	{ 114, "bad_certificate_hash_value" },
	{ 115, "unknown_psk_identity" },
	{ 116, "certificate_required" },
	{ 117, "general_error" },
	{ 120, "no_application_protocol" },
	{ 121, "ech_required" },
};

static const struct name versions[] = {
	{ NJ_SSL_20, "SSLv2" },
	{ NJ_DTLS_10_OLD, "DTLSv10" },
	{ NJ_SSL_30, "SSLv3" },
	{ NJ_TLS_10, "TLSv10" },
	{ NJ_TLS_11, "TLSv11" },
	{ NJ_TLS_12, "TLSv12" },
	{ NJ_TLS_13, "TLSv13" },
	{ NJ_DTLS_13, "DTLSv13" },
	{ NJ_DTLS_12, "DTLSv12" },
	{ NJ_DTLS_10, "DTLSv10" },
};

static const char *
find(const struct name *names, size_t count, uint32_t code)
{
	size_t lo = 0, hi = count;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (names[mid].code == code)
			return names[mid].text;
		if (names[mid].code < code)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

const char *
nj_tls_cipher(uint32_t code)
{
	return find(ciphers, nj_countof(ciphers), code);
}

const char *
nj_tls_version(uint16_t code)
{
	return find(versions, nj_countof(versions), code);
}

const char *
nj_tls_group(uint16_t code)
{
	return find(groups, nj_countof(groups), code);
}

const char *
nj_tls_alert(uint8_t code)
{
	return find(alerts, nj_countof(alerts), code);
}

bool
nj_tls_is_13(uint16_t version)
{
	return version == NJ_TLS_13 || version == NJ_DTLS_13 ||
	       version >> 8 == 0x7f || /* drafts */
	       version >> 8 == 0xfb;   /* Facebook's fork of draft 23, 26 */
}
