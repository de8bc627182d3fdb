/*
 * randvalue.h - random values of every type of field: of few different ones,
 * so that they come again, and with text that is odd.
 */
#ifndef NJ_TESTS_UNIT_RANDVALUE_H
#define NJ_TESTS_UNIT_RANDVALUE_H

#include "tests/unit/unit.h"

#include <stdio.h>

#include "engine/base/hash.h"

/* 2023-11-14T22:13:20 */
#define RAND_BASE_NS (INT64_C(1700000000) * NJ_NS_PER_S)
enum { RAND_SPAN_S = 1800, RAND_VECTOR_MAX = 4, RAND_TEXT_MAX = 64 };

static uint64_t rand_state;

static inline uint64_t
rand_u64(void)
{
	rand_state += UINT64_C(0x9e3779b97f4a7c15);
	return nj_mix64(rand_state);
}

/* 0 to n - 1. */
static inline unsigned
rand_of(uint64_t n)
{
	return (unsigned)(rand_u64() % n);
}

static inline bool
rand_chance(unsigned percent)
{
	return rand_of(100) < percent;
}

/* ---- Values ---- */
static const char *const rand_words[] = { "alpha", "Beta gamma",
	"www.example.com", "mail.Example.ORG", "a", "", "10.1.2.3", "x*y?",
	"back\\slash\\", "quote\"d", "\u00e9t\u00e9", "\u20ac 5",
	"bad\xff\xe2\x82", "tail\xe2\x82", "ctl\x01\n\t.", "CORP\\bob", "(par)",
	"7", "42", "443", "NOT", "fe80::1", "a:b,c/d", "ALPHA",
	"\u65e5\u672c\u8a9e" };
static const char *const rand_states[] = { "SF", "S0", "REJ", "RSTO", "OTH" };
static const char *const rand_histories[] = { "ShADadFf", "S", "SF", "ShR",
	"^dDa", "Sr" };
static const char *const rand_services[] = { "http", "ssl", "dns", "gssapi",
	"smb", "dce_rpc", "x" };
static const char *const rand_protos[] = { "tcp", "udp", "icmp" };
static const uint64_t rand_numbers[] = { 0, 1, 7, 42, 53, 80, 443, 445, 1000,
	1024, 4096, 65535, 1500000, UINT32_MAX, UINT64_MAX, INT64_MAX };
static const double rand_reals[] = { 0, -0.0, 0.25, 1, -1.5, 1e-300, 1e300, 0.1,
	3.5, 1234567.875 };

#define rand_one(a) ((a)[rand_of(nj_countof(a))])

/* A text of its own memory: of a few, or of these with something behind. */
static inline struct nj_view
rand_text(char memory[RAND_TEXT_MAX])
{
	const char *word = rand_one(rand_words);

	if (rand_chance(50))
		return nj_str(word);
	(void)snprintf(memory, RAND_TEXT_MAX, "%s%c%u", word,
		"-. _,"[rand_of(5)], rand_of(40));
	return nj_str(memory);
}

static inline uint64_t
rand_number(uint64_t max)
{
	return (rand_chance(50)          ? rand_one(rand_numbers)
		       : rand_chance(80) ? rand_of(600)
					 : rand_u64()) &
	       max;
}

static inline int64_t
rand_span(void)
{
	int64_t ns = rand_chance(50)
			     ? rand_of(20) * NJ_NS_PER_S / 4
			     : (int64_t)(rand_u64() % (90 * NJ_NS_PER_S));

	return rand_chance(5) ? -ns : ns;
}

static inline struct nj_addr
rand_addr(void)
{
	uint8_t six[16] = { 0xfe, 0x80 }, four[4] = { 10, 1 };

	if (rand_chance(25)) {
		six[rand_of(16)] ^= (uint8_t)rand_of(3);
		six[15] = (uint8_t)rand_of(6);
		return nj_addr6(six);
	}
	if (rand_chance(30))
		memcpy(four, "\xc0\xa8", 2);
	four[2] = (uint8_t)rand_of(4);
	four[3] = (uint8_t)rand_of(12);
	return nj_addr4(four);
}

static inline int64_t
rand_ts(void)
{
	int64_t s = rand_of(RAND_SPAN_S);
	int64_t ns = rand_chance(60) ? 0 : (int64_t)rand_of(NJ_NS_PER_S);

	return RAND_BASE_NS + s * NJ_NS_PER_S + ns;
}

#endif
