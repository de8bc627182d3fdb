/*
 * kv.c - tests of the key-value store as the rest of the store uses it.
 */
#include "tests/unit/unit.h"

#include "engine/store/kv.h"
#include "tests/unit/folder.h"

static struct nj_kv *
open_kv(const char *folder, enum nj_kv_mode mode)
{
	struct nj_kv_conf conf = {
		.folder = folder, .mode = mode, .buffer_bytes = 1 << 20
	};
	struct nj_kv *kv;
	char why[NJ_KV_WHY];

	assert_int_equal(nj_kv_open(&kv, &conf, why), NJ_OK);
	return kv;
}

static void
put(struct nj_kv *kv, const char *key, const char *value)
{
	struct nj_kv_batch *b;

	assert_int_equal(nj_kv_batch_create(&b), NJ_OK);
	nj_kv_put(kv, b, NJ_KV_meta, nj_str(key), nj_str(value));
	assert_int_equal(nj_kv_write(kv, b, false), NJ_OK);
	nj_kv_batch_destroy(&b);
}

static void
expect(struct nj_kv *kv, const char *key, const char *value)
{
	struct nj_kv_value v;
	enum nj_err err = nj_kv_get(kv, NJ_KV_meta, nj_str(key), &v);

	if (!value) {
		assert_int_equal(err, NJ_E_NOENT);
		return;
	}
	assert_int_equal(err, NJ_OK);
	assert_true(nj_view_eq(v.v, nj_str(value)));
	nj_kv_let_go(&v);
}

/* What was written is there when the store is opened again. */
static void
stays_over_reopen(void **unused)
{
	char folder[FOLDER_BYTES];
	struct nj_kv *kv;

	(void)unused;
	folder_make(folder);
	kv = open_kv(folder, NJ_KV_OWN);
	put(kv, "a", "1");
	nj_kv_close(&kv);
	kv = open_kv(folder, NJ_KV_OWN);
	expect(kv, "a", "1");
	expect(kv, "b", NULL);
	nj_kv_close(&kv);
	folder_remove(folder);
}

/* A second owner is refused with a sentence, a follower of nothing too. */
static void
one_owner(void **unused)
{
	struct nj_kv_conf conf = { .mode = NJ_KV_OWN };
	char folder[FOLDER_BYTES], why[NJ_KV_WHY];
	struct nj_kv *kv, *second;

	(void)unused;
	folder_make(folder);
	conf.folder = folder;
	conf.mode = NJ_KV_FOLLOW;
	assert_int_equal(nj_kv_open(&second, &conf, why), NJ_E_NOENT);
	assert_string_equal(why, "there is no store in it");
	kv = open_kv(folder, NJ_KV_OWN);
	conf.mode = NJ_KV_OWN;
	assert_int_equal(nj_kv_open(&second, &conf, why), NJ_E_STATE);
	assert_null(second);
	assert_string_equal(why, "another process has it open");
	nj_kv_close(&kv);
	folder_remove(folder);
}

/* A follower sees what the owner has written once it catches up. */
static void
follower_catches_up(void **unused)
{
	char folder[FOLDER_BYTES];
	struct nj_kv *kv, *follower;

	(void)unused;
	folder_make(folder);
	kv = open_kv(folder, NJ_KV_OWN);
	put(kv, "a", "1");
	follower = open_kv(folder, NJ_KV_FOLLOW);
	expect(follower, "a", "1");
	put(kv, "b", "2");
	expect(follower, "b", NULL);
	assert_int_equal(nj_kv_catch_up(follower), NJ_OK);
	expect(follower, "b", "2");
	assert_int_equal(nj_kv_flush(kv), NJ_OK);
	put(kv, "a", "3");
	assert_int_equal(nj_kv_catch_up(follower), NJ_OK);
	expect(follower, "a", "3");
	nj_kv_close(&follower);
	nj_kv_close(&kv);
	folder_remove(folder);
}

/* An iterator gives keys in order from where it was asked to; a range that
 * was deleted is not among them. */
static void
iterates_in_order(void **unused)
{
	char folder[FOLDER_BYTES];
	struct nj_kv_iter *it;
	struct nj_kv_batch *b;
	struct nj_view key, value;
	struct nj_kv *kv;

	(void)unused;
	folder_make(folder);
	kv = open_kv(folder, NJ_KV_OWN);
	put(kv, "c", "3");
	put(kv, "a", "1");
	put(kv, "d", "4");
	put(kv, "b", "2");
	assert_int_equal(nj_kv_batch_create(&b), NJ_OK);
	nj_kv_delete_range(kv, b, NJ_KV_meta, NJ_LIT("c"), NJ_LIT("d"));
	assert_int_equal(nj_kv_write(kv, b, true), NJ_OK);
	nj_kv_batch_destroy(&b);
	assert_int_equal(
		nj_kv_iter_open(&it, kv, NJ_KV_meta, NJ_LIT("b")), NJ_OK);
	assert_true(nj_kv_iter_next(it, &key, &value));
	assert_true(nj_view_eq(key, NJ_LIT("b")));
	assert_true(nj_view_eq(value, NJ_LIT("2")));
	assert_true(nj_kv_iter_next(it, &key, &value));
	assert_true(nj_view_eq(key, NJ_LIT("d")));
	assert_false(nj_kv_iter_next(it, &key, &value));
	assert_int_equal(nj_kv_iter_close(&it), NJ_OK);
	nj_kv_close(&kv);
	folder_remove(folder);
}

/* A copy of a store that is open opens as one of its own. */
static void
checkpoint_opens(void **unused)
{
	char folder[FOLDER_BYTES], copy[FOLDER_BYTES + 8];
	struct nj_kv *kv, *other;

	(void)unused;
	folder_make(folder);
	(void)snprintf(copy, sizeof(copy), "%s/copy", folder);
	kv = open_kv(folder, NJ_KV_OWN);
	put(kv, "a", "1");
	assert_int_equal(nj_kv_checkpoint(kv, copy), NJ_OK);
	put(kv, "a", "2");
	other = open_kv(copy, NJ_KV_OWN);
	expect(other, "a", "1");
	nj_kv_close(&other);
	expect(kv, "a", "2");
	nj_kv_close(&kv);
	folder_remove(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stays_over_reopen),
		cmocka_unit_test(one_owner),
		cmocka_unit_test(follower_catches_up),
		cmocka_unit_test(iterates_in_order),
		cmocka_unit_test(checkpoint_opens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
