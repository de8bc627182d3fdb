/*
 * dns.c - reading DNS messages: names, what is one and what is not, texts.
 */
#include "tests/unit/unit.h"

#include "dissectors/shared/dns_record.h"

static uint8_t room_bytes[NJ_DNS_ROOM_BYTES];

static struct nj_dns_room
room_make(void)
{
	return (struct nj_dns_room){ room_bytes,
		room_bytes + sizeof(room_bytes) };
}

#define HEADER "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00"
#define QUERY HEADER "\3WWW\7example\3org\0\0\1\0\1"

/* A message is one only when it is whole, and ends where the bytes end. */
static void
judge_whole(void **unused)
{
	struct nj_view v = NJ_LIT(QUERY);

	(void)unused;
	assert_int_equal(nj_dns_judge(v, v.len, true), NJ_ACCEPT);
	for (size_t n = 0; n < v.len; n++) {
		struct nj_view cut = nj_sub(v, 0, n);

		assert_int_not_equal(
			nj_dns_judge(cut, cut.len, true), NJ_ACCEPT);
		assert_int_equal(nj_dns_judge(cut, v.len, true), NJ_MORE);
	}
	v = NJ_LIT(QUERY "!");
	assert_int_equal(nj_dns_judge(v, v.len, true), NJ_REJECT);
	/* A port that is known needs less proof. */
	assert_int_equal(nj_dns_judge(v, v.len, false), NJ_ACCEPT);
}

/* Text protocols and zeros are no DNS, even where it is expected. */
static void
judge_others(void **unused)
{
	static const uint8_t zeros[64];
	struct nj_view v = { zeros, sizeof(zeros) };

	(void)unused;
	assert_int_equal(nj_dns_judge(v, v.len, false), NJ_REJECT);
	v = NJ_LIT("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n");
	assert_int_equal(nj_dns_judge(v, v.len, false), NJ_REJECT);
}

static struct nj_view
name_of(struct nj_dns_msg *m, struct nj_view raw, uint32_t at, bool *whole)
{
	static struct nj_dns_room room;
	struct nj_view v;

	room = room_make();
	nj_dns_open(m, raw, &room);
	*whole = nj_dns_name(m, &at, (uint32_t)raw.len, &v);
	return v;
}

/* Names are told in lower case, with what their pointers lead to. */
static void
name_compressed(void **unused)
{
	struct nj_dns_msg m;
	bool whole;
	struct nj_view v =
		name_of(&m, NJ_LIT(QUERY "\4Mail\xc0\x10"), 33, &whole);

	(void)unused;
	assert_true(whole);
	assert_true(nj_view_eq(v, NJ_LIT("mail.example.org")));
	assert_int_equal(m.odd, 0);
}

/* A pointer to itself, forward, or into a loop ends the name. */
static void
name_loops(void **unused)
{
	struct nj_dns_msg m;
	bool whole;
	struct nj_view v;

	(void)unused;
	v = name_of(&m, NJ_LIT(HEADER "\1a\xc0\x0e"), 12, &whole);
	assert_false(whole);
	assert_true(nj_view_eq(v, NJ_LIT("a")));
	assert_int_equal(m.odd, 1 << NJ_DNS_ODD_FORWARD);
	(void)name_of(&m, NJ_LIT(HEADER "\xff\xff"), 12, &whole);
	assert_int_equal(m.odd, 1 << NJ_DNS_ODD_FORWARD);
	/* Back to its own label: what is read there ends at the pointer. */
	v = name_of(&m, NJ_LIT(HEADER "\1a\xc0\x0c"), 12, &whole);
	assert_false(whole);
	assert_true(nj_view_eq(v, NJ_LIT("a.a")));
}

/* A NetBIOS name gives its text and suffix; what is none passes. */
static void
netbios_names(void **unused)
{
	struct nj_dns_room room = room_make();
	uint8_t suffix;
	struct nj_view v = nj_dns_netbios_name(
		&room, NJ_LIT("fhepfcelehfcepfffacacacacacacaca.s"), &suffix);

	(void)unused;
	assert_true(nj_view_eq(v, NJ_LIT("WORKGROUP.s")));
	assert_int_equal(suffix, ' ');
	v = NJ_LIT("www.example.org");
	assert_true(nj_view_eq(nj_dns_netbios_name(&room, v, &suffix), v));
}

/* Whatever the room, texts stay inside, and what does not fit is left out. */
static void
record_little_room(void **unused)
{
	struct nj_view reply = NJ_LIT(
		"\x12\x34\x81\x80\0\1\0\2\0\0\0\0\3www\7example\3org\0\0\1\0\1"
		"\xc0\x0c\0\1\0\1\0\0\0\1\0\4\1\2\3\4"
		"\xc0\x0c\0\x10\0\1\0\0\0\1\0\6\5hello");
	struct nj_dns_pair pair = { .reply = reply };

	(void)unused;
	for (size_t n = 0; n < 400; n++) {
		struct nj_dns_room room = { room_bytes, room_bytes + n };
		struct nj_dns_faults faults;
		struct dns_event ev;

		memset(room_bytes, 0xee, sizeof(room_bytes));
		nj_dns_record(&ev, &pair, &room, &faults);
		assert_true(room.at <= room.end);
		assert_int_equal(room_bytes[n], 0xee);
		assert_true(ev.answers.n <= 2);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judge_whole),
		cmocka_unit_test(judge_others),
		cmocka_unit_test(name_compressed),
		cmocka_unit_test(name_loops),
		cmocka_unit_test(netbios_names),
		cmocka_unit_test(record_little_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
