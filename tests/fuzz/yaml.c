/*
 * yaml.c - any bytes as nightjar.yaml: refused with at least one line of
 * reasons, or taken; what was taken reads back after it was printed.
 */
#include "tests/fuzz/fuzz.h"

#include "engine/base/base.h"
#include "engine/conf/conf.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nj_buf errors = { 0 }, shown = { 0 };
	struct nj_conf *conf, *again;
	enum nj_err err;

	err = nj_conf_parse(
		&conf, (struct nj_view){ data, size }, "fuzz.yaml", &errors);
	NJ_ASSERT(!err == !!conf && !!err == !!errors.len);
	if (conf) {
		nj_conf_show(conf, true, &shown);
		nj_conf_show_json(conf, true, &errors);
		err = nj_conf_parse(&again,
			(struct nj_view){ shown.data, shown.len }, "again.yaml",
			&errors);
		NJ_ASSERT(!err);
		nj_conf_destroy(&again);
	}
	nj_conf_destroy(&conf);
	nj_buf_free(&errors);
	nj_buf_free(&shown);
	return 0;
}
