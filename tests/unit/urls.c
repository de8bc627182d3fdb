/*
 * urls.c - tests of dissectors/shared/urls.
 */
#include "tests/unit/unit.h"

#include <string.h>

#include "dissectors/shared/urls.h"

struct list {
	char text[4096];
};

static void
add(void *ctx, struct nj_view url)
{
	struct list *l = ctx;
	size_t n = strlen(l->text);

	assert_true(n + url.len + 2 < sizeof(l->text));
	memcpy(l->text + n, url.data, url.len);
	memcpy(l->text + n + url.len, " ", 2);
}

/* Finds what is in text when it comes in pieces of n bytes. */
static void
find(struct list *l, struct nj_view text, size_t n)
{
	struct nj_urls u = { 0 };

	l->text[0] = 0;
	for (size_t i = 0; i < text.len; i += n)
		nj_urls_find(&u, nj_sub(text, i, n), add, l);
	nj_urls_end(&u, add, l);
}

/* The same URLs are found however the text is cut. */
static void
any_cut(void **unused)
{
	struct nj_view text =
		NJ_LIT("http:/no http://a.example/b?c=d<br>'HTTPS://e' //f "
		       "(https://g.example]) sftp://h\r\nhttp://i\thttp://");
	struct list l;

	(void)unused;
	for (size_t n = 1; n <= text.len; n++) {
		find(&l, text, n);
		assert_string_equal(l.text,
			"http://a.example/b?c=d HTTPS://e https://g.example "
			"ftp://h http://i http:// ");
	}
}

/* Of a URL that is too long the beginning is told, once. */
static void
too_long(void **unused)
{
	uint8_t text[3 * NJ_URL_MAX];
	struct list l;

	(void)unused;
	memset(text, 'a', sizeof(text));
	memcpy(text, "http://", 7);
	find(&l, (struct nj_view){ text, sizeof(text) }, 100);
	assert_int_equal(strlen(l.text), NJ_URL_MAX + 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_cut),
		cmocka_unit_test(too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
