/*
 * ike_names.c - see ike_names.h.
 */
#include "dissectors/shared/ike_names.h"

struct name {
	uint16_t number;
	const char *text;
};

static const char *
find(const struct name *names, size_t n, uint32_t number)
{
	for (size_t i = 0; i < n; i++)
		if (names[i].number == number)
			return names[i].text;
	return NULL;
}
#define FIND(table, number) find(table, nj_countof(table), number)

static const struct name exchanges1[] = { { 1, "base" },
	{ 2, "identity-protection" }, { 3, "authentication-only" },
	{ 4, "aggressive" }, { 5, "informational" }, { 6, "transaction" },
	{ 32, "quick-mode" }, { 33, "new-group-mode" } };
static const struct name exchanges2[] = { { 34, "IKE_SA_INIT" },
	{ 35, "IKE_AUTH" }, { 36, "CREATE_CHILD_SA" }, { 37, "INFORMATIONAL" },
	{ 38, "IKE_SESSION_RESUME" }, { 43, "IKE_INTERMEDIATE" } };

const char *
nj_ike_exchange(unsigned version, uint8_t type)
{
	return version == 2 ? FIND(exchanges2, type) : FIND(exchanges1, type);
}

static const struct name payloads1[] = { { 1, "SecurityAssociation" },
	{ 2, "Proposal" }, { 3, "Transform" }, { 4, "KeyExchange" },
	{ 5, "Identification" }, { 6, "Certificate" },
	{ 7, "CertificateRequest" }, { 8, "Hash" }, { 9, "Signature" },
	{ 10, "Nonce" }, { 11, "Notification" }, { 12, "Delete" },
	{ 13, "VendorID" }, { 20, "NatDiscovery" },
	{ 21, "NatOriginalAddress" }, { 130, "NatDiscovery" },
	{ 132, "Fragment" } };
static const struct name payloads2[] = { { 33, "SecurityAssociation" },
	{ 34, "KeyExchange" }, { 35, "IDInitiator" }, { 36, "IDResponder" },
	{ 37, "Certificate" }, { 38, "CertificateRequest" },
	{ 39, "Authentication" }, { 40, "Nonce" }, { 41, "Notify" },
	{ 42, "Delete" }, { 43, "VendorID" },
	{ 44, "TrafficSelectorInitiator" }, { 45, "TrafficSelectorResponder" },
	{ 46, "EncryptedAndAuthenticated" }, { 47, "Configuration" },
	{ 48, "ExtensibleAuthentication" }, { 53, "EncryptedFragment" } };

const char *
nj_ike_payload(bool two, uint8_t kind)
{
	return two ? FIND(payloads2, kind) : FIND(payloads1, kind);
}

static const struct name notifies1[] = { { 1, "INVALID-PAYLOAD-TYPE" },
	{ 4, "INVALID-COOKIE" }, { 7, "INVALID-EXCHANGE-TYPE" },
	{ 9, "INVALID-MESSAGE-ID" }, { 14, "NO-PROPOSAL-CHOSEN" },
	{ 16, "PAYLOAD-MALFORMED" }, { 18, "INVALID-ID-INFORMATION" },
	{ 20, "INVALID-CERTIFICATE" }, { 23, "INVALID-HASH-INFORMATION" },
	{ 24, "AUTHENTICATION-FAILED" }, { 25, "INVALID-SIGNATURE" },
	{ 24576, "RESPONDER-LIFETIME" }, { 24577, "REPLAY-STATUS" },
	{ 24578, "INITIAL-CONTACT" }, { 36136, "R-U-THERE" },
	{ 36137, "R-U-THERE-ACK" } };
static const struct name notifies2[] = { { 1, "UNSUPPORTED_CRITICAL_PAYLOAD" },
	{ 4, "INVALID_IKE_SPI" }, { 5, "INVALID_MAJOR_VERSION" },
	{ 7, "INVALID_SYNTAX" }, { 9, "INVALID_MESSAGE_ID" },
	{ 11, "INVALID_SPI" }, { 14, "NO_PROPOSAL_CHOSEN" },
	{ 17, "INVALID_KE_PAYLOAD" }, { 24, "AUTHENTICATION_FAILED" },
	{ 34, "SINGLE_PAIR_REQUIRED" }, { 35, "NO_ADDITIONAL_SAS" },
	{ 36, "INTERNAL_ADDRESS_FAILURE" }, { 37, "FAILED_CP_REQUIRED" },
	{ 38, "TS_UNACCEPTABLE" }, { 43, "TEMPORARY_FAILURE" },
	{ 44, "CHILD_SA_NOT_FOUND" }, { 16384, "INITIAL_CONTACT" },
	{ 16385, "SET_WINDOW_SIZE" }, { 16388, "NAT_DETECTION_SOURCE_IP" },
	{ 16389, "NAT_DETECTION_DESTINATION_IP" }, { 16390, "COOKIE" },
	{ 16391, "USE_TRANSPORT_MODE" }, { 16393, "REKEY_SA" },
	{ 16396, "MOBIKE_SUPPORTED" }, { 16404, "MULTIPLE_AUTH_SUPPORTED" },
	{ 16406, "REDIRECT_SUPPORTED" }, { 16407, "REDIRECT" },
	{ 16418, "CHILDLESS_IKEV2_SUPPORTED" },
	{ 16430, "IKEV2_FRAGMENTATION_SUPPORTED" },
	{ 16431, "SIGNATURE_HASH_ALGORITHMS" }, { 16435, "USE_PPK" },
	{ 16438, "INTERMEDIATE_EXCHANGE_SUPPORTED" } };

const char *
nj_ike_notify(bool two, uint16_t type)
{
	return two ? FIND(notifies2, type) : FIND(notifies1, type);
}

static const struct name ciphers2[] = { { 1, "ENCR_DES_IV64" },
	{ 2, "ENCR_DES" }, { 3, "ENCR_3DES" }, { 5, "ENCR_IDEA" },
	{ 6, "ENCR_CAST" }, { 7, "ENCR_BLOWFISH" }, { 11, "ENCR_NULL" },
	{ 12, "ENCR_AES_CBC" }, { 13, "ENCR_AES_CTR" },
	{ 14, "ENCR_AES_CCM_8" }, { 15, "ENCR_AES_CCM_12" },
	{ 16, "ENCR_AES_CCM_16" }, { 18, "ENCR_AES_GCM_8" },
	{ 19, "ENCR_AES_GCM_12" }, { 20, "ENCR_AES_GCM_16" },
	{ 23, "ENCR_CAMELLIA_CBC" }, { 28, "ENCR_CHACHA20_POLY1305" } };
static const struct name prfs2[] = { { 1, "PRF_HMAC_MD5" },
	{ 2, "PRF_HMAC_SHA1" }, { 4, "PRF_AES128_XCBC" },
	{ 5, "PRF_HMAC_SHA2_256" }, { 6, "PRF_HMAC_SHA2_384" },
	{ 7, "PRF_HMAC_SHA2_512" }, { 8, "PRF_AES128_CMAC" } };
static const struct name integrity2[] = { { 0, "AUTH_NONE" },
	{ 1, "AUTH_HMAC_MD5_96" }, { 2, "AUTH_HMAC_SHA1_96" },
	{ 5, "AUTH_AES_XCBC_96" }, { 8, "AUTH_AES_CMAC_96" },
	{ 12, "AUTH_HMAC_SHA2_256_128" }, { 13, "AUTH_HMAC_SHA2_384_192" },
	{ 14, "AUTH_HMAC_SHA2_512_256" } };
static const struct name groups[] = { { 0, "NONE" }, { 1, "MODP_768" },
	{ 2, "MODP_1024" }, { 5, "MODP_1536" }, { 14, "MODP_2048" },
	{ 15, "MODP_3072" }, { 16, "MODP_4096" }, { 17, "MODP_6144" },
	{ 18, "MODP_8192" }, { 19, "ECP_256" }, { 20, "ECP_384" },
	{ 21, "ECP_521" }, { 22, "MODP_1024_160" }, { 23, "MODP_2048_224" },
	{ 24, "MODP_2048_256" }, { 31, "CURVE25519" }, { 32, "CURVE448" },
	{ 35, "ML_KEM_512" }, { 36, "ML_KEM_768" }, { 37, "ML_KEM_1024" } };
static const struct name numbers2[] = { { 0, "NO_ESN" }, { 1, "ESN" } };

const char *
nj_ike_transform2(uint8_t type, uint16_t id)
{
	switch (type) {
	case 1:
		return FIND(ciphers2, id);
	case 2:
		return FIND(prfs2, id);
	case 3:
		return FIND(integrity2, id);
	case 4:
		return FIND(groups, id);
	case 5:
		return FIND(numbers2, id);
	default:
		return NULL;
	}
}

static const struct name ciphers1[] = { { 1, "DES-CBC" }, { 2, "IDEA-CBC" },
	{ 3, "Blowfish-CBC" }, { 4, "RC5-CBC" }, { 5, "3DES-CBC" },
	{ 6, "CAST-CBC" }, { 7, "AES-CBC" }, { 8, "Camellia-CBC" } };
static const struct name hashes1[] = { { 1, "MD5" }, { 2, "SHA1" },
	{ 3, "Tiger" }, { 4, "SHA2-256" }, { 5, "SHA2-384" },
	{ 6, "SHA2-512" } };
static const struct name auth1[] = { { 1, "PSK" }, { 2, "DSS" },
	{ 3, "RSA-Sig" }, { 4, "RSA-Enc" }, { 5, "RSA-Enc-Revised" },
	{ 64221, "Hybrid-RSA" }, { 65001, "XAUTH-PSK" },
	{ 65005, "XAUTH-RSA" } };

const char *
nj_ike_attribute1(uint16_t type, uint32_t value)
{
	switch (type) {
	case 1:
		return FIND(ciphers1, value);
	case 2:
		return FIND(hashes1, value);
	case 3:
		return FIND(auth1, value);
	case 4:
		return FIND(groups, value);
	default:
		return NULL;
	}
}
