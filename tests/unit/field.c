/*
 * field.c - tests of dissectors/shared/field and http1: lines and header
 * fields on their own.
 */
#include "tests/unit/unit.h"

#include <string.h>

#include "dissectors/shared/field.h"
#include "dissectors/shared/http1.h"

#define EQ(view, text) assert_true(nj_view_eq(view, NJ_LIT(text)))

/* Names end at the colon; what has none is no field. */
static void
fields_split(void **unused)
{
	struct nj_view name, value;

	(void)unused;
	assert_true(
		nj_field_split(NJ_LIT("Host :\t a.example"), &name, &value));
	EQ(name, "Host");
	EQ(value, "a.example");
	assert_true(nj_field_split(NJ_LIT("X:"), &name, &value));
	assert_int_equal(value.len, 0);
	assert_false(nj_field_split(NJ_LIT("no colon"), &name, &value));
	assert_false(nj_field_split(NJ_LIT(": x"), &name, &value));
}

/* Parameters are found whatever stands before them, quoted or not. */
static void
parameters(void **unused)
{
	struct nj_view type, sub, rest;

	(void)unused;
	assert_true(nj_field_media(NJ_LIT("multipart/(old)mixed; "
					  "charset=\"a;b\";boundary=\"= x\""),
		&type, &sub, &rest));
	EQ(type, "multipart");
	EQ(sub, "mixed");
	EQ(nj_field_param(rest, "boundary"), "= x");
	EQ(nj_field_param(rest, "charset"), "a;b");
	assert_null(nj_field_param(rest, "x").data);
	EQ(nj_field_param(NJ_LIT("; boundary=----=_Part_1?2"), "boundary"),
		"----=_Part_1?2");
}

/* File names come from either header, in either form, escapes resolved. */
static void
file_names(void **unused)
{
	static const char *const cases[][3] = {
		{ "filename", "attachment; filename=\"a b.txt\"", "a b.txt" },
		{ "filename",
			"attachment; filename=x; filename*=UTF-8''na%C3%AFve",
			"na\xc3\xafve" },
		{ "name", "text/plain; name=x.log; charset=us-ascii", "x.log" },
		{ "filename",
			"attachment; filename*0=one.; filename*1=\"two \"; "
			"filename*2*=%C3%AF.zip",
			"one.two \xc3\xaf.zip" },
		{ "filename",
			"attachment; filename*0*=UTF-8''%C3%AF; filename*2=x; "
			"filename*1=y",
			"\xc3\xafy" },
		{ "filename", "form-data; name=\"field\"", "" },
		{ "filename", "form-data", "" },
	};
	uint8_t out[32];

	(void)unused;
	for (size_t i = 0; i < nj_countof(cases); i++) {
		size_t n = nj_field_filename(
			nj_str(cases[i][1]), cases[i][0], out, sizeof(out));

		assert_true(nj_view_eq(
			(struct nj_view){ out, n }, nj_str(cases[i][2])));
	}
}

/* Base 64 cut anywhere decodes to the same, foreign characters aside. */
static void
base64_pieces(void **unused)
{
	static const char text[] = "SGVs\r\nbG8sI*HdvcmxkIQ==trail";

	(void)unused;
	for (size_t cut = 0; cut < sizeof(text); cut++) {
		struct nj_base64_stream s = { 0 };
		uint8_t out[64];
		size_t n =
			nj_base64_more(&s, nj_sub(NJ_LIT(text), 0, cut), out);

		n += nj_base64_more(
			&s, nj_sub(NJ_LIT(text), cut, sizeof(text)), out + n);
		EQ(((struct nj_view){ out, n }), "Hello, world!");
		assert_true(s.odd);
	}
}

/* Soft line breaks vanish, escapes may be cut, faults stay as they are. */
static void
quoted_printable_pieces(void **unused)
{
	static const char line[] = "a=3D=4x=e9 =\t";

	(void)unused;
	for (size_t cut = 0; cut < sizeof(line); cut++) {
		struct nj_qp_stream s = { 0 };
		uint8_t out[64];
		size_t n = nj_qp_more(
			&s, nj_sub(NJ_LIT(line), 0, cut), false, out);

		if (cut == sizeof(line) - 1)
			continue; /* the blank was not known to be the last */
		n += nj_qp_more(&s, nj_sub(NJ_LIT(line), cut, sizeof(line)),
			true, out + n);
		EQ(((struct nj_view){ out, n }), "a==4x\xe9 ");
	}
}

/* Request lines: blanks in the target, no version, no target, no method. */
static void
request_lines(void **unused)
{
	struct nj_http1_request r;

	(void)unused;
	assert_int_equal(
		nj_http1_request_line(NJ_LIT("GET /a b  HTTP/1.0"), &r),
		NJ_HTTP1_OK);
	EQ(r.target, "/a b");
	assert_true(nj_http1_is(r.version, 1, 0));
	assert_int_equal(
		nj_http1_request_line(NJ_LIT("GET /x"), &r), NJ_HTTP1_OK);
	assert_true(nj_http1_is(r.version, 0, 9));
	assert_int_equal(
		nj_http1_request_line(NJ_LIT("GET HTTP/1.1"), &r), NJ_HTTP1_OK);
	assert_true(r.no_target);
	assert_int_equal(nj_http1_request_line(NJ_LIT("/ / HTTP/1.1"), &r),
		NJ_HTTP1_BAD_VERSIONED);
	assert_int_equal(
		nj_http1_request_line(NJ_LIT("GETx"), &r), NJ_HTTP1_BAD);
	assert_int_equal(nj_http1_request_line(NJ_LIT(""), &r), NJ_HTTP1_BAD);
}

/* Status lines with and without words, and without a number. */
static void
reply_lines(void **unused)
{
	struct nj_http1_reply r;

	(void)unused;
	assert_true(nj_http1_reply_line(NJ_LIT("HTTP/1.1 404 Not  Found"), &r));
	assert_int_equal(r.code, 404);
	EQ(r.reason, "Not  Found");
	assert_true(nj_http1_reply_line(NJ_LIT("HTTP/1.0 200 "), &r));
	assert_non_null(r.reason.data);
	assert_true(nj_http1_reply_line(NJ_LIT("HTTP/1.0 200"), &r));
	assert_null(r.reason.data);
	assert_false(nj_http1_reply_line(NJ_LIT("HTTP/1.0"), &r));
	assert_false(nj_http1_reply_line(NJ_LIT("SIP/2.0 200 OK"), &r));
}

/* Only what HTTP clients send counts as a request; RTSP does not. */
static void
looks(void **unused)
{
	bool more;

	(void)unused;
	assert_true(
		nj_http1_looks_request(NJ_LIT("FOO /x HTTP/1.1\r\n"), &more));
	assert_true(nj_http1_looks_request(NJ_LIT("GET /very/lon"), &more));
	assert_true(nj_http1_looks_request(NJ_LIT("GE"), &more));
	assert_true(more);
	assert_false(nj_http1_looks_request(
		NJ_LIT("OPTIONS rtsp://a/ RTSP/1.0\r\n"), &more));
	assert_true(
		nj_http1_looks_request(NJ_LIT("PRI * HTTP/2.0\r\n"), &more));
	assert_true(
		nj_http1_looks_request(NJ_LIT("GET / HTTP/2.0\r\n"), &more));
	assert_false(nj_http1_looks_request(NJ_LIT("\x16\3\1\2"), &more));
	assert_true(nj_http1_looks_reply(NJ_LIT("HTTP/1"), &more));
	assert_false(nj_http1_looks_reply(NJ_LIT("HTTPS/1"), &more));
}

/* Escapes resolve as servers resolve them; faults are told. */
static void
targets(void **unused)
{
	uint8_t out[32];
	unsigned odd;
	size_t n;

	(void)unused;
	n = nj_http1_unescape(NJ_LIT("/%41%u0042%u1234"), out, &odd);
	EQ(((struct nj_view){ out, n }), "/AB\x12\x34");
	assert_int_equal(odd, 0);
	n = nj_http1_unescape(NJ_LIT("%%41%4"), out, &odd);
	EQ(((struct nj_view){ out, n }), "A%4");
	assert_int_equal(odd, NJ_URI_DOUBLE_PERCENT | NJ_URI_HALF_ESCAPE);
	n = nj_http1_unescape(NJ_LIT("%zz%"), out, &odd);
	EQ(((struct nj_view){ out, n }), "%zz%");
	assert_int_equal(odd, NJ_URI_BAD_ESCAPE | NJ_URI_LONE_PERCENT);
}

/* Chunk sizes and ranges never wrap. */
static void
numbers(void **unused)
{
	struct nj_http1_range r;
	uint64_t n;

	(void)unused;
	assert_true(nj_http1_chunk_size(NJ_LIT("1aF;name=x"), &n));
	assert_int_equal(n, 0x1af);
	assert_false(nj_http1_chunk_size(NJ_LIT("x"), &n));
	assert_false(nj_http1_chunk_size(NJ_LIT("fffffffffffffffff"), &n));
	assert_int_equal(nj_http1_content_range(NJ_LIT("bytes 5-9/20"), &r),
		NJ_RANGE_OK);
	assert_int_equal(r.first, 5);
	assert_int_equal(r.length, 5);
	assert_int_equal(r.total, 20);
	assert_int_equal(nj_http1_content_range(NJ_LIT("bytes 9-5/*"), &r),
		NJ_RANGE_EMPTY);
	assert_int_equal(nj_http1_content_range(NJ_LIT("bytes 0--5/*"), &r),
		NJ_RANGE_INVALID);
	assert_int_equal(nj_http1_content_range(
				 NJ_LIT("bytes 0-9223372036854775807/9"), &r),
		NJ_RANGE_OVERFLOW);
	assert_int_equal(nj_http1_content_range(NJ_LIT("items 0-1/2"), &r),
		NJ_RANGE_UNIT);
}

/* A user name is given, a password only told of. */
static void
basic_login(void **unused)
{
	uint8_t out[16];
	bool password;
	size_t n;

	(void)unused;
	n = nj_http1_basic_user(
		NJ_LIT("Basic bGVhOnNlY3JldA=="), out, sizeof(out), &password);
	EQ(((struct nj_view){ out, n }), "lea");
	assert_true(password);
	assert_int_equal(nj_http1_basic_user(NJ_LIT("Bearer abc"), out,
				 sizeof(out), &password),
		SIZE_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_split),
		cmocka_unit_test(parameters),
		cmocka_unit_test(file_names),
		cmocka_unit_test(base64_pieces),
		cmocka_unit_test(quoted_printable_pieces),
		cmocka_unit_test(request_lines),
		cmocka_unit_test(reply_lines),
		cmocka_unit_test(looks),
		cmocka_unit_test(targets),
		cmocka_unit_test(numbers),
		cmocka_unit_test(basic_login),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
